"""What the forms of `request` begin with."""

from typing import Any

from sqlalchemy.orm import Session

from processes.cases import settings
from processes.cases.models import Case, CaseStatus, Category, RequestType, Subcategory
from processes.people.models import Contact, Organization, Staff
from processes.people.permissions import allows


def values(session: Session, form_key: str, case: Case, staff: Staff) -> dict[str, Any]:
    """Return the first values of a form, by field."""
    if form_key == "take_down":
        return _people(session, case) | _topic(session, case) | _texts(case)
    if form_key == "classify":
        return _classify(session, case, staff)
    return {}


def _classify(session: Session, case: Case, staff: Staff) -> dict[str, Any]:
    handler = case.assignee_id or (staff.id if allows(staff, "requests", "write") else None)
    topic = _topic(session, case)
    child = session.get(Subcategory, case.subcategory_id) if case.subcategory_id else None
    return {
        **_people(session, case),
        **topic,
        **_texts(case),
        "handler": str(handler) if handler else "",
        "priority": (child.default_priority if child else case.priority).value,
        "request_type": (case.request_type or RequestType.ACTION).value,
        "status": CaseStatus.IN_PROGRESS.value,
        "is_complaint": case.is_complaint,
        "portal": settings.get(session, settings.PORTAL),
        "automatic_mail": case.automatic_mail,
    }


def _people(session: Session, case: Case) -> dict[str, Any]:
    person = session.get(Contact, case.contact_id) if case.contact_id else None
    company = session.get(Organization, case.organization_id) if case.organization_id else None
    return {
        "contact_name": person.name if person else "",
        "contact_email": (person.email or "") if person else "",
        "contact_phone": person.phone if person else "",
        "organization": company.name if company else "",
        "language": case.language,
    }


def _topic(session: Session, case: Case) -> dict[str, Any]:
    category = session.get(Category, case.category_id) if case.category_id else None
    child = session.get(Subcategory, case.subcategory_id) if case.subcategory_id else None
    return {
        "category": category.key if category else "",
        "subcategory": child.key if child else "",
    }


def _texts(case: Case) -> dict[str, Any]:
    return {"subject": case.subject, "description": case.description}
