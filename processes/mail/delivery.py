"""Sending one mail: marked, handed over outside any transaction, ticked off with the token."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage

from sqlalchemy.orm import Session

from engine import clock, jobs
from engine.db import Database
from engine.errors import UnavailableError
from processes.files import services as files
from processes.files.errors import FileMissingError
from processes.files.models import Attachment
from processes.files.queries import of_outgoing_mails
from processes.mail.fates import Fate, fate
from processes.mail.gateways import Gateway, RefusedError, gateway_of
from processes.mail.messages import Enclosed, compose, recipients
from processes.mail.models import MailState, OutgoingMail
from processes.mail.order import turn_of
from processes.mail.services import blank_secret

_OVER = {MailState.SENT, MailState.NOT_SENT, MailState.CANCELLED}
_LONGEST_ERROR = 500
_UNCERTAIN = "it was begun; whether it was sent is not known, and it must not arrive twice"
_OF_NO_USE = "it came too late to be of use"


@dataclass(frozen=True)
class _Parcel:
    """A mail in the hands of its worker, and what goes along with it."""

    mail: OutgoingMail
    enclosed: Sequence[Attachment]
    way: Gateway
    """Its mailbox's own server, or the house's."""


def deliver(
    db: Database, gateway: Gateway | None, job: jobs.Claimed, *, lease_seconds: float
) -> None:
    """Send the mail of a claimed job by its mailbox's server, else by `gateway`; finish the job.

    The job stays ours for `lease_seconds`, longer than any conversation with a mail server takes.
    A mail whose turn it is not is put back for a moment; that costs no attempt. Raises
    PermanentError when the server refuses for good, what is stored makes no mail, or a person has
    to decide, OSError and the errors of the file store when trying later may help,
    jobs.OutdatedClaimError when the lease was lost.
    """
    mail_id = int(job.payload["mail_id"])
    parcel = _take(db, gateway, job, lease_seconds)
    if parcel is None:
        return
    try:
        message = _composed(parcel.mail, _read(db, parcel))
        refused = parcel.way.send(message, recipients(parcel.mail))
    except RefusedError as error:
        _note_failure(db, mail_id, MailState.FAILED, error)
        raise jobs.PermanentError(str(error)) from error
    except (OSError, UnavailableError, FileMissingError) as error:
        gave_up = job.attempts >= job.max_attempts
        _note_failure(db, mail_id, MailState.FAILED if gave_up else MailState.READY, error)
        raise
    with db.write() as session:
        mail = _locked(session, mail_id)
        mail.state, mail.sent_at = MailState.SENT, clock.business_now(session)
        mail.error = _told(refused)
        blank_secret(mail)
        _finish(session, job)


def keep_unsent(session: Session, job: jobs.Claimed) -> None:
    """Leave the mail of a claimed job in the outbox, marked as not sent; finish the job."""
    mail = session.get(OutgoingMail, int(job.payload["mail_id"]))
    if mail is not None and mail.state not in _OVER:
        mail.state = MailState.NOT_SENT
    _finish(session, job)


def _take(
    db: Database, gateway: Gateway | None, job: jobs.Claimed, lease_seconds: float
) -> _Parcel | None:
    """Mark the mail as being sent and return it; None when there is nothing to do now."""
    with db.write() as session:
        number = int(job.payload["mail_id"])
        mail = session.get(OutgoingMail, number, with_for_update=True)
        way = gateway_of(session, mail, gateway) if mail else None
        if mail is None or mail.state in _OVER or way is None:
            keep_unsent(session, job)
            return None
        if later := turn_of(session, mail):
            jobs.ours(jobs.postpone(session, job, due_at=later))
            return None
        end = _ENDS.get(fate(session, mail))
        if end is None:
            jobs.ours(jobs.extend(session, job, lease_seconds=lease_seconds))
            mail.state = MailState.SENDING
            return _Parcel(mail, of_outgoing_mails(session, [mail.id]).get(mail.id, ()), way)
        end(session, mail, job)
    if mail.state is MailState.UNCERTAIN:
        raise jobs.PermanentError(f"mail {mail.id} {mail.message_id}: {_UNCERTAIN}")
    return None


def _read(db: Database, parcel: _Parcel) -> list[Enclosed]:
    """Read the files that go along, outside any transaction: the store may be far away."""
    with db.read() as session:
        return [
            Enclosed(each.name, each.file.media_type, files.read(session, each.sha256))
            for each in parcel.enclosed
        ]


def _composed(mail: OutgoingMail, enclosed: Sequence[Enclosed]) -> EmailMessage:
    """Raise RefusedError when no mail can be made of it, as with an address no server knows."""
    try:
        return compose(mail, enclosed)
    except (ValueError, MessageError) as error:
        message = f"it cannot be written as a mail: {error}"
        raise RefusedError(message) from error


def _drop(session: Session, mail: OutgoingMail, job: jobs.Claimed) -> None:
    mail.state, mail.error = MailState.CANCELLED, _OF_NO_USE
    blank_secret(mail)
    _finish(session, job)


def _leave_to_a_person(session: Session, mail: OutgoingMail, job: jobs.Claimed) -> None:
    jobs.ours(jobs.holds(session, job))
    mail.state, mail.error = MailState.UNCERTAIN, _UNCERTAIN


_ENDS: Mapping[Fate, Callable[[Session, OutgoingMail, jobs.Claimed], None]] = {
    Fate.DROP: _drop,
    Fate.ASK: _leave_to_a_person,
}


def _locked(session: Session, mail_id: int) -> OutgoingMail:
    return session.get_one(OutgoingMail, mail_id, with_for_update=True)


def _note_failure(db: Database, mail_id: int, state: MailState, error: Exception) -> None:
    with db.write() as session:
        mail = _locked(session, mail_id)
        if mail.state is MailState.SENDING:  # else another worker has taken over
            mail.state, mail.error = state, str(error)[:_LONGEST_ERROR]


def _told(refused: Mapping[str, str]) -> str | None:
    """Return whom the server did not take the mail for; None when it did for everybody."""
    told = "; ".join(f"{address}: {words}" for address, words in refused.items())
    return told[:_LONGEST_ERROR] or None


def _finish(session: Session, job: jobs.Claimed) -> None:
    jobs.ours(jobs.finish(session, job))
