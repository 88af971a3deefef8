"""What the desk search looks through: one lower-case text a case."""

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from processes.cases.models import Case
from processes.cases.numbers import normal
from processes.people.models import Contact, Organization

_LONGEST_QUERY = 100
_MOST_WORDS = 6
_KEPT = 1_500


def index(session: Session, case: Case) -> None:
    """Write anew what the case is found by: number, subject, people, texts."""
    contact = session.get(Contact, case.contact_id) if case.contact_id else None
    organization = session.get(Organization, case.organization_id) if case.organization_id else None
    parts = [
        case.number,
        case.number.replace("-", ""),
        case.subject,
        contact.name if contact else "",
        (contact.email or "") if contact else "",
        organization.name if organization else "",
        case.description[:_KEPT],
    ]
    if case.original_description != case.description:
        parts.append(case.original_description[:_KEPT])
    case.search_text = " ".join(part for part in parts if part).lower()


def matches(query: str) -> ColumnElement[bool] | None:
    """Return the condition for what somebody typed; None for an empty query.

    A whole case number is looked up as such. Every word must occur; wildcards are plain text.
    """
    number = normal(query[:_LONGEST_QUERY])
    words = query[:_LONGEST_QUERY].replace("\0", " ").lower().split()[:_MOST_WORDS]
    if not words:
        return None
    conditions = [Case.search_text.contains(word, autoescape=True) for word in words]
    condition = conditions[0]
    for further in conditions[1:]:
        condition = condition & further
    return Case.number == number if number else condition
