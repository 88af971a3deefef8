"""Writing mail: a row and a job in the caller's transaction; nothing leaves the house here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from engine import clock, jobs
from processes.database import house
from processes.mail.models import MailState, OutgoingMail
from processes.mail.templates import one_line, render

_CODE_GONE = "····"


@dataclass(frozen=True)
class Recipient:
    """Whom a mail goes to and in which language."""

    address: str
    name: str
    language: str


def queue_mail(  # noqa: PLR0913 - a mail has that many facts
    session: Session,
    template: str,
    *,
    to: Recipient,
    context: Mapping[str, Any],
    case_id: int | None = None,
    automatic: bool,
    secret: str = "",
) -> OutgoingMail:
    """Write a mail, rendered in the recipient's language, and the job that sends it.

    `secret` is a code within the text; it is blanked in the stored mail once that is sent.
    """
    settings = house(session)
    letter = render(template, to.language, context)
    domain = settings.mail_from.rpartition("@")[2]
    mail = OutgoingMail(
        message_id=f"{uuid4().hex}@{domain}",
        case_id=case_id,
        template=template,
        language=to.language,
        automatic=automatic,
        to_address=one_line(to.address),
        to_name=one_line(to.name)[:120],
        from_address=settings.mail_from,
        from_name=settings.mail_from_name,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        secret=secret,
        state=MailState.READY,
        created_at=clock.business_now(session),
    )
    session.add(mail)
    session.flush()
    jobs.enqueue(
        session,
        jobs.MAIL,
        due_at=clock.real_now(session),
        dedupe_key=job_key(mail.id),
        payload={"mail_id": mail.id},
    )
    return mail


def job_key(mail_id: int) -> str:
    """Return the dedupe key of the job that sends a mail."""
    return f"mail:{mail_id}"


def blank_secret(mail: OutgoingMail) -> None:
    """Take the code out of the stored text; what was sent stays readable otherwise."""
    if mail.secret and not mail.secret_blanked:
        mail.text = mail.text.replace(mail.secret, _CODE_GONE)
        mail.html = mail.html.replace(mail.secret, _CODE_GONE)
        mail.subject = mail.subject.replace(mail.secret, _CODE_GONE)
        mail.secret, mail.secret_blanked = "", True
