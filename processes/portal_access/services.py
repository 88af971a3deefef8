"""Use cases of the portal's door."""

from sqlalchemy.orm import Session

from engine import clock
from engine.errors import InvalidInputError
from processes.cases import settings, timeline
from processes.cases.models import Case
from processes.cases.ports import HasEngine
from processes.cases.timeline import Author
from processes.database import house
from processes.mail.services import Recipient, queue_mail
from processes.mail.templates import render
from processes.people import access_codes, sessions, sign_in_codes
from processes.people.models import LANGUAGES, AccessCode, Contact

PROCESS = "portal_access"
FIRST_LOGIN = "portal.first_login"


def switch_on(app: HasEngine, session: Session, case: Case, author: Author) -> None:
    """Open the portal of a case at any time: the customer gets link and code by mail."""
    person = session.get(Contact, case.contact_id) if case.contact_id else None
    if person is None or person.email is None:
        raise InvalidInputError({"portal": ["no_address"]})
    app.engine.start(
        session,
        PROCESS,
        key=str(case.id),
        data={
            "email_known": True,
            "automatic_mail": case.automatic_mail,
            "letter": "portal_access/link_and_code",
        },
        actor=author.actor,
    )


def switch_off(session: Session, case: Case, author: Author) -> None:
    """Close the portal of a case: its code and the sessions it opened end at once."""
    if not case.portal_enabled:
        return
    case.portal_enabled = False
    access_codes.revoke(session, case.id)
    sessions.revoke_case(session, case.id)
    timeline.note_event(session, case, "portal_off", author)


def redeem(app: HasEngine, session: Session, email: str, code: str) -> AccessCode | None:
    """Return what a mailed code opens, if address and code belong together; else None."""
    row = access_codes.find(session, email, code)
    if row is None:
        return None
    if row.first_used_at is None:
        app.engine.correlate(
            session,
            FIRST_LOGIN,
            key=str(row.case_id),
            payload={},
            actor=f"contact:{row.contact_id}",
        )
    return access_codes.use(session, row)


def ask_for_code(session: Session, *, email: str, browser: str, language: str) -> None:
    """Mail eight digits to a known address; do and cost the same for an unknown one."""
    row = sign_in_codes.issue(session, email=email, browser=browser)
    contact = session.get(Contact, row.contact_id) if row.contact_id else None
    code = sign_in_codes.plaintext(session, row)
    wanted = contact.language if contact else language
    speech = wanted if wanted in LANGUAGES else "en"
    context = {
        "customer_name": contact.name if contact else "",
        "company": settings.get(session, settings.COMPANY),
        "code": code,
        "link": f"{house(session).public_url}/portal/sign-in",
    }
    template = "portal_access/sign_in_code"
    if contact is None or contact.email is None:
        render(template, speech, context)  # costs what a known address costs
        clock.business_now(session)
        return
    queue_mail(
        session,
        template,
        to=Recipient(contact.email, contact.name, speech),
        context=context,
        automatic=True,
        secret=code,
    )


def redeem_sign_in(session: Session, *, browser: str, code: str) -> Contact | None:
    """Return the customer whose address the eight digits prove; None otherwise.

    The caller commits in both cases: a wrong code has cost a try.
    """
    return sign_in_codes.redeem(session, browser=browser, code=code)
