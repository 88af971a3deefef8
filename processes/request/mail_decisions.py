"""What agents do with mail that waits, was filed, or could not be read; the folder is shared.

Each verb takes the mail with one guarded statement: of two agents the second is told who was
faster, by AlreadyHandledError.
"""

from sqlalchemy import update
from sqlalchemy.orm import Session

from engine import clock
from processes.cases import changes, mail_marks, participants, timeline
from processes.cases.models import Activity, Case
from processes.cases.ports import HasEngine
from processes.cases.services import author
from processes.files import services as files
from processes.files.models import StoredFile
from processes.mail import incoming
from processes.mail.errors import AlreadyHandledError
from processes.mail.models import IncomingMail, IncomingState, Mailbox, MailboxAlias, MailKind
from processes.people.models import Staff
from processes.request import mail_cases
from processes.request import services as requests

_OPEN = (IncomingState.WAITING, IncomingState.FILED, IncomingState.QUARANTINED)
_PRODUCT = "Casewright"
_RAW_NAME = "message.eml"
_BY_HAND = "by_hand"
NOT_A_CASE = "not_a_case"


def make_case(app: HasEngine, session: Session, mail: IncomingMail, staff: Staff) -> Case:
    """Promote a mail to a case of its own, with its text, sender and files (COV-32).

    Raises AlreadyHandledError when it is in a case, or a colleague dealt with it.
    """
    was = _take(session, mail, staff)
    route = incoming.Route(
        session.get(Mailbox, mail.mailbox_id) if mail.mailbox_id else None,
        session.get(MailboxAlias, mail.alias_id) if mail.alias_id else None,
    )
    case = mail_cases.open_case(app, session, mail, route)
    _attach_raw(session, mail, was)
    mail.why = _BY_HAND
    timeline.note_event(session, case, "mail_promoted", author(staff))
    return case


def link_to_case(
    app: HasEngine,
    session: Session,
    mail: IncomingMail,
    case: Case,
    staff: Staff,
    *,
    reply: bool = True,
) -> Activity:
    """Put a mail on the timeline of a case (COV-63).

    As a `reply` it wakes, stops the closing and reopens like one, the customer sees it, and its
    writer takes part in the case from now on; else it is for colleagues' eyes. What a machine or
    a colleague wrote is never a reply.
    Raises AlreadyHandledError when it is in a case, or a colleague dealt with it.
    """
    was = _take(session, mail, staff)
    colleague = mail_cases.is_colleague(session, mail.from_address, case)
    counts = reply and mail.kind is MailKind.PERSON and not colleague
    entry = mail_cases.enter(
        session,
        mail,
        case,
        mail_cases.writer(session, case, mail),
        {"linked_by": staff.name},
        internal=not counts,
    )
    _attach_raw(session, mail, was)
    mail_cases.belongs(mail, case, IncomingState.REPLY, _BY_HAND)
    if counts:
        requests.wake(app, session, case, entry)
        participants.add(session, case, [(mail.from_name, mail.from_address)])
    else:
        case.updated_at = entry.at
        changes.record(session, "case", case.id)
    return entry


def put_aside(session: Session, mail: IncomingMail, staff: Staff) -> None:
    """File a mail that is no case, for everybody. Raises AlreadyHandledError."""
    _take(session, mail, staff)
    mail_cases.file(mail, NOT_A_CASE)


def take_up(session: Session, mail: IncomingMail) -> None:
    """Put a mail that was put aside back into the inbox. Raises AlreadyHandledError."""
    statement = (
        update(IncomingMail)
        .where(IncomingMail.id == mail.id, IncomingMail.state == IncomingState.FILED)
        .where(IncomingMail.why == NOT_A_CASE)
        .values(state=IncomingState.WAITING, why="taken_up", handled_by_id=None, handled_at=None)
        .returning(IncomingMail.id)
    )
    if session.execute(statement).one_or_none() is None:
        raise _handled(session, mail)
    session.refresh(mail)
    mail_marks.tell(session, mail.id)


def release(session: Session, mail: IncomingMail, staff: Staff) -> None:
    """Take a mail out of quarantine to be read again, as after an update.

    One of which we have the headers only ends there again, with the same reason.
    The incident of a mail that failed is settled with it. Raises AlreadyHandledError when it is
    not in quarantine any more.
    """
    why = mail.why if mail.why in incoming.HEADERS_ONLY else ""
    statement = (
        update(IncomingMail)
        .where(IncomingMail.id == mail.id, IncomingMail.state == IncomingState.QUARANTINED)
        .values(state=IncomingState.STORED, why=why)
        .returning(IncomingMail.id)
    )
    if session.execute(statement).one_or_none() is None:
        raise _handled(session, mail)
    session.refresh(mail)
    incoming.read_again(session, mail, staff.actor)
    mail_marks.tell(session, mail.id)


def _take(session: Session, mail: IncomingMail, staff: Staff) -> IncomingState:
    """Make the mail this person's to decide about; return what it was until now."""
    was = mail.state
    statement = (
        update(IncomingMail)
        .where(
            IncomingMail.id == mail.id,
            IncomingMail.state.in_(_OPEN),
            IncomingMail.case_id.is_(None),
            IncomingMail.handled_by_id.is_(None),
        )
        .values(handled_by_id=staff.id, handled_at=clock.utc_now(), unread=False)
        .returning(IncomingMail.id)
    )
    if session.execute(statement).one_or_none() is None:
        raise _handled(session, mail)
    session.refresh(mail)
    mail_marks.tell(session, mail.id)
    return was


def _handled(session: Session, mail: IncomingMail) -> AlreadyHandledError:
    """Return who was faster, and when; the product itself where no person was."""
    session.refresh(mail)
    person = session.get(Staff, mail.handled_by_id) if mail.handled_by_id else None
    case = session.get(Case, mail.case_id) if mail.case_id else None
    return AlreadyHandledError(
        by=person.name if person else _PRODUCT,
        at=mail.handled_at or mail.received_at,
        number=case.number if case else "",
    )


def _attach_raw(session: Session, mail: IncomingMail, was: IncomingState) -> None:
    """Give agents the mail itself as a file when it could not be read.

    It belongs to the mail, not to the entry: customers never see our servers' headers.
    """
    if was is IncomingState.QUARANTINED:
        whole = session.get_one(StoredFile, mail.sha256)
        files.attach(session, whole, _RAW_NAME, incoming_mail_id=mail.id)
