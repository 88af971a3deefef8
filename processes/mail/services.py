"""Writing mail: a row and a job in the caller's transaction; nothing leaves the house here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from engine import clock, jobs
from processes.database import house
from processes.mail.addresses import Pair
from processes.mail.models import MailState, OutgoingMail
from processes.mail.templates import MailText, one_line, render

CODE_GONE = "····"
"""What stands where a code stood."""
_AT_ONCE = timedelta(0)


@dataclass(frozen=True)
class Recipient:
    """Whom a mail goes to and in which language."""

    address: str
    name: str
    language: str


@dataclass(frozen=True)
class Envelope:
    """From whom a mail comes, whom else it goes to, and which conversation it belongs to.

    What is empty is the house's: its address and name, a new Message-ID, no conversation.
    """

    from_address: str = ""
    from_name: str = ""
    mailbox_id: int | None = None
    message_id: str = ""
    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    """Message ids without angle brackets, oldest first."""
    cc: tuple[Pair, ...] = ()
    bcc: tuple[Pair, ...] = ()


_FROM_THE_HOUSE = Envelope()


def queue_mail(  # noqa: PLR0913 - a mail has that many facts
    session: Session,
    template: str,
    *,
    to: Recipient,
    context: Mapping[str, Any],
    case_id: int | None = None,
    automatic: bool,
    secret: str = "",
    rendered: MailText | None = None,
    envelope: Envelope = _FROM_THE_HOUSE,
    wait: timedelta = _AT_ONCE,
) -> OutgoingMail:
    """Write a mail, rendered in the recipient's language, and the job that sends it.

    `rendered` is for callers that have its text already. `secret` is a code within the text; it is
    blanked in the stored mail once that is sent. The mail leaves after `wait` (real time) at the
    earliest: so long it can be taken back.
    """
    rendered = rendered or render(template, to.language, context)
    mail = OutgoingMail(
        **_addressed(session, envelope),
        case_id=case_id,
        template=template,
        language=to.language,
        automatic=automatic,
        to_address=one_line(to.address),
        to_name=one_line(to.name)[:120],
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        secret=secret,
        state=MailState.READY,
        created_at=clock.business_now(session),
    )
    session.add(mail)
    session.flush()
    jobs.enqueue(
        session,
        jobs.MAIL,
        due_at=clock.real_now(session) + wait,
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
        mail.text = mail.text.replace(mail.secret, CODE_GONE)
        mail.html = mail.html.replace(mail.secret, CODE_GONE)
        mail.subject = mail.subject.replace(mail.secret, CODE_GONE)
        mail.secret, mail.secret_blanked = "", True


def _addressed(session: Session, envelope: Envelope) -> dict[str, Any]:
    """Return the columns an envelope fills, what it leaves open filled by the house."""
    settings = house(session)
    sender = envelope.from_address or settings.mail_from
    return {
        "message_id": envelope.message_id or f"{uuid4().hex}@{sender.rpartition('@')[2]}",
        "mailbox_id": envelope.mailbox_id,
        "from_address": sender,
        "from_name": one_line(envelope.from_name or settings.mail_from_name),
        "reply_to": envelope.reply_to,
        "cc": _pairs(envelope.cc),
        "bcc": _pairs(envelope.bcc),
        "in_reply_to": envelope.in_reply_to,
        "references": list(envelope.references),
    }


def _pairs(pairs: tuple[Pair, ...]) -> list[list[str]]:
    return [[one_line(name), one_line(address)] for name, address in pairs]
