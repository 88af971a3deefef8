"""Letters about a case: who gets them, in which language, and what every letter may say."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from processes.cases import settings, timeline
from processes.cases.models import Activity, ActivityKind, Case, Direction
from processes.cases.timeline import Author
from processes.database import house
from processes.mail.services import Recipient, queue_mail
from processes.people.models import Contact, Staff

_DATES = {"en": "{day} {month} {year}", "nl": "{day} {month} {year}", "de": "{day}. {month} {year}"}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
}


def write(  # noqa: PLR0913 - a letter has that many facts
    session: Session,
    case: Case,
    template: str,
    *,
    author: Author,
    automatic: bool,
    text: str | None = None,
    secret: str = "",
    **more: Any,
) -> Activity | None:
    """Write a letter to the case's customer and put it on the timeline.

    `text` is what a person wrote; the timeline shows it in place of the whole mail. Returns
    None, and writes nothing, when no address is known.
    """
    contact = session.get(Contact, case.contact_id) if case.contact_id else None
    if contact is None or contact.email is None:
        return None
    mail = queue_mail(
        session,
        template,
        to=Recipient(contact.email, contact.name, case.language),
        context=context(session, case) | more,
        case_id=case.id,
        automatic=automatic,
        secret=secret,
    )
    return timeline.record_mail(session, case, mail, author, text=text)


def reach(
    session: Session, case: Case, template: str, *, author: Author, text: str, **more: Any
) -> Activity:
    """Tell the customer what a person wrote, by mail or, without an address, in the portal."""
    letter = write(
        session, case, template, author=author, automatic=False, text=text, message=text, **more
    )
    return letter or timeline.add(
        session,
        case,
        ActivityKind.MESSAGE,
        author=author,
        text=text,
        internal=False,
        direction=Direction.OUT,
    )


def context(session: Session, case: Case) -> dict[str, Any]:
    """Return what every letter about the case may mention."""
    rules = settings.get_all(session)
    contact = session.get(Contact, case.contact_id) if case.contact_id else None
    handler = session.get(Staff, case.assignee_id) if case.assignee_id else None
    return {
        "number": case.number,
        "subject": case.subject,
        "customer_name": contact.name if contact else "",
        "handler_name": handler.name if handler else rules[settings.COMPANY],
        "handler_email": handler.email if handler else house(session).mail_from,
        "company": rules[settings.COMPANY],
        "standard_message": rules[settings.STANDARD_MESSAGE][case.language],
        "portal_link": portal_link(session, case) if case.portal_enabled else "",
        "code": "",
    }


def portal_link(session: Session, case: Case) -> str:
    """Return the address of the customer's own page of the case."""
    return f"{house(session).public_url}/portal/cases/{case.number}"


def long_date(session: Session, moment: datetime, language: str) -> str:
    """Return the date as letters write it, in the house's zone."""
    local = moment.astimezone(ZoneInfo(settings.get(session, settings.TIMEZONE)))
    month = _MONTHS[language].split()[local.month - 1]
    return _DATES[language].format(day=local.day, month=month, year=local.year)
