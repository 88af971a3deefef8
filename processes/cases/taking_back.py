"""Taking a reply back in the seconds before it leaves."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import jobs
from engine.errors import ConflictError, NotFoundError
from processes.cases import changes
from processes.cases.models import Activity, Case
from processes.cases.policies import is_held
from processes.files.models import Attachment
from processes.mail.addresses import Pair
from processes.mail.models import MailState, OutgoingMail
from processes.mail.services import job_key
from processes.people.models import Staff


class TooLateError(ConflictError):
    """The reply is on its way already and cannot be taken back."""

    code = "too_late"


@dataclass(frozen=True)
class TakenBack:
    """A reply as it was written, to be written on."""

    text: str
    html: str
    subject: str
    language: str
    cc: tuple[Pair, ...]
    bcc: tuple[Pair, ...]
    keys: tuple[str, ...]
    """Of its files, which are the writer's loose uploads again."""


def take_back(session: Session, case: Case, activity_id: int, staff: Staff) -> TakenBack:
    """Keep a reply from being sent and from the customer's eyes; return what was written.

    Only its writer can, and only while it is held back. Raises NotFoundError for anybody else's,
    TooLateError when it is on its way.
    """
    entry = session.get(Activity, activity_id, with_for_update=True)
    if entry is None or entry.case_id != case.id or entry.author != staff.actor:
        raise NotFoundError
    if entry.mail_id is None:
        raise NotFoundError
    mail = session.get_one(OutgoingMail, entry.mail_id, with_for_update=True)
    if mail.state is not MailState.READY or not is_held(entry):
        raise TooLateError
    mail.state = MailState.CANCELLED
    jobs.cancel(session, job_key(mail.id))
    written = str(entry.data.get("html", ""))
    entry.internal, entry.data = True, {**entry.data, "undone": True}
    changes.record(session, "case", case.id)
    return TakenBack(
        text=entry.text,
        html=written,
        subject=mail.subject,
        language=mail.language,
        cc=_pairs(mail.cc),
        bcc=_pairs(mail.bcc),
        keys=_loosen(session, mail),
    )


def _loosen(session: Session, mail: OutgoingMail) -> tuple[str, ...]:
    """Make the files of the mail loose uploads again; return their keys."""
    query = select(Attachment.key).where(Attachment.outgoing_mail_id == mail.id)
    keys = tuple(session.scalars(query.order_by(Attachment.id)))
    session.execute(
        update(Attachment)
        .where(Attachment.outgoing_mail_id == mail.id)
        .values(outgoing_mail_id=None, activity_id=None)
    )
    return keys


def _pairs(stored: list[list[str]]) -> tuple[Pair, ...]:
    return tuple((name, address) for name, address in stored)
