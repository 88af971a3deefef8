"""Use cases of mailboxes: who owns them, where they lead, how they are reached (COV-04…07)."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from engine.clock import utc_now
from engine.errors import InvalidInputError
from engine.sentences import Sentence
from processes.database import house
from processes.mail import fetching
from processes.mail import mailbox_checks as checks
from processes.mail.addresses import without_plus
from processes.mail.models import IncomingMail, Intake, Mailbox, MailboxAlias, Security
from processes.mail.passwords import UnreadablePasswordError, seal, unseal
from processes.people.models import Staff

_IMAP, _SMTP = "imap", "smtp"


@dataclass(frozen=True)
class Account:
    """A server and our account there, as an admin enters them."""

    host: str = ""
    """Empty: there is none."""
    port: int = 0
    security: Security = Security.TLS
    user: str = ""
    password: str = field(default="", repr=False)
    """Empty: the stored one stays, if the account is still the same."""


@dataclass(frozen=True)
class Facts:
    """What an admin says about a mailbox."""

    address: str
    sender_name: str
    owner_id: int
    queue_id: int
    language: str = "en"
    intake: Intake = Intake.CASE
    plus_addresses: bool = True
    trusted_host: str = ""
    imap: Account = Account()
    folder: str = "INBOX"
    done_folder: str = ""
    smtp: Account = Account()


@dataclass(frozen=True)
class AliasFacts:
    """What an admin says about a further address of a mailbox."""

    address: str
    folder: str = ""
    """The shared folder its mail is filed in without hands (COV-16)."""
    queue_id: int | None = None
    """None: where the mailbox's new cases go."""


def create(session: Session, facts: Facts, queues: Collection[int]) -> Mailbox:
    """Write down a new mailbox and have it fetched; `queues` are the ids it may lead to.

    Raises InvalidInputError, naming the fields.
    """
    mailbox = Mailbox(address=checks.normal(facts.address), created_at=utc_now())
    _put(session, mailbox, facts, queues, known=None)
    session.add(mailbox)
    _flush(session)
    fetching.plan(session, mailbox)
    return mailbox


def change(session: Session, mailbox: Mailbox, facts: Facts, queues: Collection[int]) -> None:
    """Change a mailbox; whoever fetches for it begins anew with what it says now.

    How far its folder was fetched is forgotten when it is another one.

    Raises InvalidInputError, naming the fields; then nothing is changed.
    """
    before = (mailbox.imap_host, mailbox.imap_user, mailbox.folder)
    _put(session, mailbox, facts, queues, known=mailbox.address)
    if before != (mailbox.imap_host, mailbox.imap_user, mailbox.folder):
        mailbox.uid_validity, mailbox.last_uid = None, 0
    mailbox.fetch_error = ""
    _flush(session)
    fetching.plan(session, mailbox)


def switch(session: Session, mailbox: Mailbox, *, active: bool) -> None:
    """Use a mailbox, or no longer; its mails and cases stay."""
    mailbox.active = active
    fetching.plan(session, mailbox)


def add_alias(
    session: Session, mailbox_id: int | None, facts: AliasFacts, queues: Collection[int]
) -> MailboxAlias:
    """Write down a further address of a mailbox.

    An alias belongs to exactly one mailbox, and so to its owner; without one it is refused with
    the reason (COV-05). Raises InvalidInputError.
    """
    problems = _alias_problems(session, facts, queues, None)
    mailbox = find_by_id(session, mailbox_id)
    if mailbox is None:
        problems["mailbox"] = [checks.NO_OWNER]
    if mailbox is None or problems:
        raise InvalidInputError(problems)
    alias = MailboxAlias(
        mailbox_id=mailbox.id,
        address=checks.normal(facts.address),
        folder=checks.one_line(facts.folder),
        queue_id=facts.queue_id,
    )
    session.add(alias)
    _flush(session)
    return alias


def change_alias(
    session: Session, alias: MailboxAlias, facts: AliasFacts, queues: Collection[int]
) -> None:
    """Change an alias; mail that was filed by it stays where it is. Raises InvalidInputError."""
    problems = _alias_problems(session, facts, queues, alias.address)
    if problems:
        raise InvalidInputError(problems)
    alias.address = checks.normal(facts.address)
    alias.folder, alias.queue_id = checks.one_line(facts.folder), facts.queue_id
    _flush(session)


def remove_alias(session: Session, alias: MailboxAlias) -> None:
    """Take an alias away; mail that came to it keeps its folder and its case."""
    came = update(IncomingMail).where(IncomingMail.alias_id == alias.id)
    session.execute(came.values(alias_id=None))
    session.delete(alias)


def unreadable(session: Session, mailbox: Mailbox) -> set[str]:
    """Return whose password must be entered again, `imap` or `smtp`: SECRET_KEY was changed."""
    found = set()
    for name in (_IMAP, _SMTP):
        try:
            unseal(house(session).secret_key, getattr(mailbox, f"{name}_password"))
        except UnreadablePasswordError:
            found.add(name)
    return found


def all_mailboxes(session: Session) -> list[Mailbox]:
    """Return every mailbox with its owner, those in use first, by address."""
    query = select(Mailbox).options(joinedload(Mailbox.owner))
    return list(session.scalars(query.order_by(Mailbox.active.desc(), Mailbox.address)))


def aliases_of(session: Session, mailbox_ids: Collection[int]) -> dict[int, list[MailboxAlias]]:
    """Return the aliases of mailboxes, by address."""
    query = select(MailboxAlias).where(MailboxAlias.mailbox_id.in_(mailbox_ids))
    found: dict[int, list[MailboxAlias]] = {number: [] for number in mailbox_ids}
    for alias in session.scalars(query.order_by(MailboxAlias.address)):
        found[alias.mailbox_id].append(alias)
    return found


def find_by_id(session: Session, mailbox_id: int | None) -> Mailbox | None:
    """Return one mailbox with its owner."""
    query = select(Mailbox).where(Mailbox.id == mailbox_id).options(joinedload(Mailbox.owner))
    return session.scalars(query).one_or_none()


def find_by_address(session: Session, address: str) -> Mailbox | None:
    """Return the mailbox an address belongs to, its own or an alias; a plus part is looked past."""
    wanted = {checks.normal(address), without_plus(address)}
    own = session.scalars(select(Mailbox).where(Mailbox.address.in_(wanted))).first()
    if own is not None:
        return own
    query = select(Mailbox).join(MailboxAlias, MailboxAlias.mailbox_id == Mailbox.id)
    return session.scalars(query.where(MailboxAlias.address.in_(wanted))).first()


def owners(session: Session) -> list[Staff]:
    """Return who may own a mailbox: everybody who works here."""
    return list(session.scalars(select(Staff).where(Staff.active).order_by(Staff.name)))


def _put(
    session: Session, mailbox: Mailbox, facts: Facts, queues: Collection[int], *, known: str | None
) -> None:
    """Write the facts into the row, or raise and leave it alone; `known` is its old address."""
    address = checks.normal(facts.address)
    problems = checks.of_facts(facts, queues)
    _note(problems, "address", _address_problem(session, address, known))
    if session.scalar(select(func.count()).where(Staff.id == facts.owner_id, Staff.active)) == 0:
        _note(problems, "owner", "required")
    for name, account in ((_IMAP, facts.imap), (_SMTP, facts.smtp)):
        _note(problems, f"{name}_password", _password_problem(mailbox, name, account))
    if problems:
        raise InvalidInputError(problems)
    mailbox.address, mailbox.sender_name = address, checks.one_line(facts.sender_name)
    mailbox.owner_id, mailbox.queue_id = facts.owner_id, facts.queue_id
    mailbox.language, mailbox.intake = facts.language, facts.intake
    mailbox.plus_addresses = facts.plus_addresses
    mailbox.trusted_host = checks.normal(facts.trusted_host)
    mailbox.folder = facts.folder.strip()
    mailbox.done_folder = facts.done_folder.strip()
    for name, account in ((_IMAP, facts.imap), (_SMTP, facts.smtp)):
        _put_account(session, mailbox, name, account)


def _put_account(session: Session, mailbox: Mailbox, name: str, account: Account) -> None:
    sealed = getattr(mailbox, f"{name}_password", None) or b""
    if account.password:
        sealed = seal(house(session).secret_key, account.password)
    values = {
        "host": checks.normal(account.host),
        "port": account.port,
        "security": account.security,
        "user": account.user.strip(),
        "password": sealed if account.host.strip() else b"",
    }
    for key, value in values.items():
        setattr(mailbox, f"{name}_{key}", value)


def _password_problem(mailbox: Mailbox, name: str, account: Account) -> Sentence | str | None:
    """Return why the stored password cannot stay; None when it can, or a new one was entered.

    It was entrusted to one server. Whoever changes the server or the user must know it anew, or
    an admin could have it sent to a server of their own.
    """
    if account.password or not account.host.strip():
        return None
    if not getattr(mailbox, f"{name}_password", None):
        wanted = name == _IMAP or bool(account.user.strip())
        return "required" if wanted else None
    stored = tuple(getattr(mailbox, f"{name}_{key}") for key in ("host", "user"))
    same = stored == (checks.normal(account.host), account.user.strip())
    return None if same else checks.ENTER_AGAIN


def _alias_problems(
    session: Session, facts: AliasFacts, queues: Collection[int], known: str | None
) -> checks.Problems:
    problems = checks.of_alias(facts, queues)
    _note(problems, "address", _address_problem(session, checks.normal(facts.address), known))
    return problems


def _address_problem(session: Session, address: str, known: str | None) -> Sentence | None:
    """Return whose an address is already; `known` is the one that is being changed."""
    if address == known:
        return None
    found = find_by_address(session, address)
    taken = found is not None and address in {
        found.address,
        *(alias.address for alias in aliases_of(session, [found.id])[found.id]),
    }
    if found is None or not taken:
        return None
    return checks.TAKEN.filled(address=address, mailbox=found.address)


def _note(problems: checks.Problems, name: str, problem: Sentence | str | None) -> None:
    if problem is not None:
        problems.setdefault(name, []).append(problem)


def _flush(session: Session) -> None:
    """Write what is new; an address that somebody else took a moment ago is refused."""
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError as error:
        raise InvalidInputError({"address": ["taken"]}) from error
