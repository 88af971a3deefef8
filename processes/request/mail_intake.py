"""What becomes of a mail that came in: one decision a mail, in one transaction.

Only what a person wrote makes, wakes or reopens a case. Nothing is dropped: what cannot be taken
in waits in the inbox or in quarantine with a code that says why. docs/mail.md is the whole table.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine import clock, jobs
from engine.jobs import Claimed
from engine.watch.jobs import again
from processes.cases import correlation, mail_marks, mail_tokens
from processes.cases.correlation import Found
from processes.cases.models import Case
from processes.cases.ports import HasDatabase, HasEngine
from processes.database import house
from processes.files import services as files
from processes.files.errors import FileMissingError, StoreAwayError
from processes.files.services import Prepared
from processes.mail import incoming
from processes.mail.models import IncomingMail, IncomingState, Intake, Mailbox, MailKind
from processes.mail.reading.message import ReadMail, UnreadableMailError
from processes.mail.reading.reader import read
from processes.request import mail_cases, mail_limits, mail_reports
from processes.request.mail_cases import ReceivedMail

MOST_RECIPIENTS = 100
"""A mail to more people is no question to us until an agent says so."""
_UNDONE = (IncomingState.STORED, IncomingState.QUARANTINED)
_A_MOMENT, _PATIENCE = timedelta(seconds=1), timedelta(minutes=2)
_LOCK = 20_261_126
"""Seed that keeps these locks apart from others of the database."""
_ALIAS_FOLDER = "alias_folder"


@dataclass(frozen=True)
class Opened:
    """A mail taken apart, its files already kept: what takes long is done before the writing."""

    content: ReadMail | None
    """None when it cannot be read."""
    problem: str = ""
    """The code of why not."""
    raw: bytes = b""
    """Only of a mail that cannot be read."""
    files: tuple[Prepared, ...] = ()
    """In the order of the parts."""


def work(app: HasDatabase, job: Claimed) -> bool:
    """Take in the mail of a claimed job and finish the job; False when the claim is outdated.

    Reading and keeping files happen before the transaction, so that nobody waits for them.
    """
    mail_id = int(job.payload["mail_id"])
    opened = open_mail(app, mail_id)
    with app.db.write() as session:
        if not jobs.holds(session, job):
            return False
        if comes_too_early(session, mail_id, opened):
            due = clock.real_now(session) + _A_MOMENT
            return again(session, job, due_at=due, payload=job.payload)
        process(app, session, mail_id, opened)
        return jobs.finish(session, job)


def open_mail(app: HasDatabase, mail_id: int) -> Opened | None:
    """Read a stored mail and keep its files; None when there is nothing left to do."""
    with app.db.read() as session:
        mail = session.get(IncomingMail, mail_id)
        if mail is None or mail.state not in _UNDONE:
            return None
        if mail.why in incoming.HEADERS_ONLY:
            return Opened(None, mail.why)
        raw = files.read(session, mail.sha256)
        own, settings = incoming.own_addresses(session), house(session)
    try:
        content = read(raw, own_addresses=own)
    except UnreadableMailError as error:
        return Opened(None, error.code, raw)
    return Opened(
        content, files=tuple(files.prepare(settings, each.content) for each in content.files)
    )


def process(
    app: HasEngine, session: Session, mail_id: int, opened: Opened | None
) -> IncomingMail | None:
    """Decide what becomes of a stored mail and do it, in the caller's transaction.

    `opened` is what `open_mail` gave. A mail that was dealt with already is left alone.
    """
    mail = session.get(IncomingMail, mail_id, with_for_update=True, populate_existing=True)
    if mail is None or opened is None or mail.state not in _UNDONE:
        return mail
    mail_marks.tell(session, mail.id)
    if opened.content is None:
        incoming.quarantine(mail, opened.problem, opened.raw)
        return mail
    content = opened.content
    incoming.note(mail, content)
    route = incoming.route(session, correlation.addresses(content), _mailbox(session, mail))
    mail.mailbox_id = route.mailbox.id if route.mailbox else None
    mail.alias_id = route.alias.id if route.alias else None
    mail.folder = route.alias.folder if route.alias else ""
    for part, prepared in zip(content.files, opened.files, strict=True):
        files.attach(
            session,
            files.record(session, prepared),
            part.name,
            incoming_mail_id=mail.id,
            content_id=part.content_id,
            inline=part.inline,
        )
    _one_at_a_time(session, content.sender.address)
    _decide(app, session, ReceivedMail(mail, content, route))
    return mail


def comes_too_early(session: Session, mail_id: int, opened: Opened | None) -> bool:
    """Return whether a mail answers one nobody knows, while earlier mail is still to be taken in.

    Workers take mails in side by side; an answer to a mail that came just before waits for it,
    two minutes at the most.
    """
    content = opened.content if opened else None
    if content is None or content.kind is not MailKind.PERSON or not content.references:
        return False
    since = clock.business_now(session) - _PATIENCE
    earlier = select(IncomingMail.id).where(
        IncomingMail.state == IncomingState.STORED,
        IncomingMail.id < mail_id,
        IncomingMail.received_at > since,
    )
    if session.scalar(earlier.limit(1)) is None:
        return False
    mail = session.get_one(IncomingMail, mail_id)
    return mail.received_at > since and correlation.find_case(session, content) is None


def give_up(session: Session, job: Claimed) -> None:
    """Put the mail of a job that gave up into quarantine; its incident tells the real error."""
    mail = session.get(IncomingMail, int(job.payload["mail_id"]), with_for_update=True)
    if mail is not None and mail.state in _UNDONE:
        incoming.quarantine(mail, "failed", _beginning(session, mail))


def _beginning(session: Session, mail: IncomingMail) -> bytes:
    """Return the headers of a mail as far as they can be had: the store may be what failed."""
    try:
        return b"".join(files.chunks(session, mail.sha256, 0, incoming.MOST_HEADERS))
    except (FileMissingError, StoreAwayError):
        return b""


def _decide(app: HasEngine, session: Session, received: ReceivedMail) -> None:
    twin = _twin(session, received.mail)
    if twin is not None:
        mail_cases.file(received.mail, "came_twice", case_id=twin.case_id)
        return
    match received.content.kind:
        case MailKind.OWN:
            mail_cases.file(received.mail, "own")
        case MailKind.LIST:
            _hint(received.mail, mail_tokens.find_case(session, received.named))
            mail_cases.file(received.mail, "list")
        case MailKind.BOUNCE:
            mail_reports.take_bounce(session, received)
        case MailKind.AUTO_REPLY:
            mail_reports.take_auto_reply(session, received)
        case MailKind.PERSON:
            _from_person(app, session, received)


def _from_person(app: HasEngine, session: Session, received: ReceivedMail) -> None:
    content, mail = received.content, received.mail
    host = received.route.mailbox.trusted_host if received.route.mailbox else ""
    found = correlation.find_case(session, content, trusted_host=host)
    _hint(mail, found.case if found else None)
    if not content.sender.address:
        mail_cases.wait(mail, "no_sender")
    elif len(content.to) + len(content.cc) > MOST_RECIPIENTS:
        mail_cases.wait(mail, "many_recipients")
    elif found is not None and found.sure:
        _join(app, session, received, found)
    else:
        _open(app, session, received)


def _join(app: HasEngine, session: Session, received: ReceivedMail, found: Found) -> None:
    """Let the mail join the case it belongs to."""
    if not mail_limits.may_join(session, found.case):
        mail_cases.wait(received.mail, "too_many_for_case")
    elif mail_cases.is_colleague(session, received.content.sender.address, found.case):
        mail_cases.note_colleague(session, received, found.case)
    else:
        mail_cases.take_reply(app, session, received, found)


def _open(app: HasEngine, session: Session, received: ReceivedMail) -> None:
    """Make a case of the mail, unless a rule or a limit says that a person decides."""
    mail, route = received.mail, received.route
    if mail.folder:
        mail_cases.file(mail, _ALIAS_FOLDER, unread=True)
        return
    if route.mailbox is not None and route.mailbox.intake is Intake.INBOX:
        mail_cases.wait(mail, "inbox")
        return
    too_many = mail_limits.too_many(session, received.content.sender.address, route.mailbox)
    if too_many:
        mail_cases.wait(mail, too_many)
        return
    mail_cases.open_case(
        app,
        session,
        mail,
        route,
        wants_mail=not (received.content.wants_no_answer or received.is_doubtful),
        doubtful=received.is_doubtful,
    )


def _hint(mail: IncomingMail, case: Case | None) -> None:
    mail.maybe_case_id = case.id if case else None


def _mailbox(session: Session, mail: IncomingMail) -> Mailbox | None:
    return session.get(Mailbox, mail.origin) if mail.origin else None


def _twin(session: Session, mail: IncomingMail) -> IncomingMail | None:
    """Return the same mail, come by another way, if it was dealt with.

    One that only a rule has filed does not count: this way may lead to a case.
    """
    query = select(IncomingMail).where(
        IncomingMail.digest == mail.digest,
        IncomingMail.id != mail.id,
        IncomingMail.state.not_in(_UNDONE),
        or_(IncomingMail.why != _ALIAS_FOLDER, IncomingMail.case_id.is_not(None)),
    )
    return session.scalars(query.order_by(IncomingMail.id).limit(1)).one_or_none()


def _one_at_a_time(session: Session, address: str) -> None:
    """Let nobody else take in a mail of the same sender until the commit.

    So a mail that came by two ways is seen as one, and a new sender becomes one contact. On
    SQLite whoever writes is alone already.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(address, _LOCK))))
