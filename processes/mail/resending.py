"""Sending a mail once more that did not arrive."""

from sqlalchemy.orm import Session

from engine import jobs
from engine.errors import ConflictError
from processes.mail.models import MailState, OutgoingMail
from processes.mail.services import job_key

_STRANDED = {MailState.FAILED, MailState.NOT_SENT, MailState.UNCERTAIN}


class NotStrandedError(ConflictError):
    """The mail is on its way or has arrived."""

    code = "not_stranded"


def can_be_sent_again(state: MailState, *, bounced: bool) -> bool:
    """Return whether a person may have the mail sent once more."""
    return state in _STRANDED or bounced


def send_again(session: Session, mail_id: int, actor: str) -> OutgoingMail:
    """Put a mail that failed, came back or waits for a person into the queue again.

    It keeps its Message-ID: arriving twice it is still one mail. Raises NotStrandedError when it
    is on its way or has arrived.
    """
    mail = session.get_one(OutgoingMail, mail_id, with_for_update=True)
    if not can_be_sent_again(mail.state, bounced=mail.bounced_at is not None):
        raise NotStrandedError
    mail.state, mail.error = MailState.READY, None
    mail.bounced_at, mail.bounce = None, ""
    key = job_key(mail.id)
    jobs.run_again(session, jobs.MAIL, dedupe_key=key, payload={"mail_id": mail.id}, actor=actor)
    return mail
