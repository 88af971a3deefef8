"""Sending one mail: marked, handed over outside any transaction, ticked off with the token."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from sqlalchemy.orm import Session

from engine import clock, jobs
from engine.db import Database
from processes.mail.gateways import Gateway, RefusedError
from processes.mail.models import MailState, OutgoingMail
from processes.mail.services import blank_secret

_OVER = {MailState.SENT, MailState.NOT_SENT}


class OutdatedClaimError(Exception):
    """Another worker has taken over; what this one did is rolled back."""


def deliver(
    db: Database, gateway: Gateway | None, job: jobs.Claimed, *, lease_seconds: float
) -> None:
    """Send the mail of a claimed job and finish the job.

    The job stays ours for `lease_seconds`, longer than any conversation with a mail server takes.
    Raises PermanentError when the server refuses for good, OSError when trying later may help,
    OutdatedClaimError when the lease was lost.
    """
    mail_id = int(job.payload["mail_id"])
    message = _take(db, gateway, job, lease_seconds)
    if message is None or gateway is None:
        return
    try:
        gateway.send(message)
    except RefusedError as refused:
        _note_failure(db, mail_id, MailState.FAILED, refused)
        raise jobs.PermanentError(str(refused)) from refused
    except OSError as error:
        _note_failure(db, mail_id, MailState.READY, error)
        raise
    with db.write() as session:
        mail = session.get_one(OutgoingMail, mail_id)
        mail.state, mail.sent_at, mail.error = MailState.SENT, clock.business_now(session), None
        blank_secret(mail)
        _finish(session, job)


def keep_unsent(session: Session, job: jobs.Claimed) -> None:
    """Leave the mail of a claimed job in the outbox, marked as not sent; finish the job."""
    mail = session.get(OutgoingMail, int(job.payload["mail_id"]))
    if mail is not None and mail.state not in _OVER:
        mail.state = MailState.NOT_SENT
    _finish(session, job)


def compose(mail: OutgoingMail) -> EmailMessage:
    """Return the mail as it goes over the wire."""
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = f"<{mail.message_id}>"
    message["Date"] = format_datetime(clock.utc_now())
    message["From"] = _address(mail.from_name, mail.from_address)
    message["Reply-To"] = _address(mail.from_name, mail.from_address)
    message["To"] = _address(mail.to_name, mail.to_address)
    message["Subject"] = mail.subject
    if mail.automatic:
        message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _take(
    db: Database, gateway: Gateway | None, job: jobs.Claimed, lease_seconds: float
) -> EmailMessage | None:
    """Mark the mail as being sent and return it; None when there is nothing left to do."""
    with db.write() as session:
        mail = session.get(OutgoingMail, int(job.payload["mail_id"]))
        if mail is None or mail.state in _OVER or gateway is None:
            keep_unsent(session, job)
            return None
        if not jobs.extend(session, job, lease_seconds=lease_seconds):
            raise OutdatedClaimError
        mail.state = MailState.SENDING
        return compose(mail)


def _note_failure(db: Database, mail_id: int, state: MailState, error: Exception) -> None:
    with db.write() as session:
        mail = session.get_one(OutgoingMail, mail_id)
        mail.state, mail.error = state, str(error)[:500]


def _finish(session: Session, job: jobs.Claimed) -> None:
    if not jobs.finish(session, job):
        raise OutdatedClaimError


def _address(name: str, address: str) -> Address:
    return Address(display_name=name, addr_spec=address)
