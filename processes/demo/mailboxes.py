"""The demo's mailboxes: one whose mail becomes cases, one that waits for agents, and an alias."""

from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.cases.models import Queue
from processes.cases.seeds import SALES, TRIAGE
from processes.database import house
from processes.demo.post import maildir, samples
from processes.demo.post.place import HOST, Place
from processes.mail import fetching
from processes.mail.mailboxes import Account, AliasFacts, Facts, add_alias, create
from processes.mail.models import Intake, Mailbox, Security
from processes.mail.passwords import UnreadablePasswordError, seal, unseal
from processes.people.models import Staff

_OWNER, _SALES_OWNER = "serviceUser", "superuser"
_DONE = "Handled"
"""The folder fetched mails are moved to."""


def settle(session: Session, place: Place) -> None:
    """Give a demo without mailboxes its own; let those it has follow the mail world's ports."""
    known = list(session.scalars(select(Mailbox)))
    if not known:
        _make(session, place)
    for mailbox in known:
        if HOST in {mailbox.imap_host, mailbox.smtp_host}:
            _follow(session, place, mailbox)


def _make(session: Session, place: Place) -> None:
    """Write down the mailboxes, unless the people they would belong to do not work here."""
    staff = {person.username: person.id for person in session.scalars(select(Staff))}
    queues = {queue.key: queue.id for queue in session.scalars(select(Queue))}
    if not {_OWNER, _SALES_OWNER} <= staff.keys() or not {TRIAGE, SALES} <= queues.keys():
        return
    settings = house(session)
    support = settings.mail_from.lower()
    domain = support.rpartition("@")[2]
    _open(
        session,
        place,
        address=support,
        name=settings.mail_from_name,
        owner=staff[_OWNER],
        queue=queues[TRIAGE],
        intake=Intake.CASE,
    )
    sales = _open(
        session,
        place,
        address=f"sales@{domain}",
        name=f"{settings.mail_from_name} Sales",
        owner=staff[_SALES_OWNER],
        queue=queues[SALES],
        intake=Intake.INBOX,
    )
    alias = AliasFacts(f"invoices@{domain}", folder="Invoices", queue_id=queues[SALES])
    add_alias(session, sales.id, alias, queues.values())
    samples.lay_in(place, support=support, sales=sales.address, invoices=alias.address)


def _open(  # noqa: PLR0913 - a mailbox has that many facts
    session: Session,
    place: Place,
    *,
    address: str,
    name: str,
    owner: int,
    queue: int,
    intake: Intake,
) -> Mailbox:
    password = place.password(address)
    facts = Facts(
        address=address,
        sender_name=name,
        owner_id=owner,
        queue_id=queue,
        intake=intake,
        imap=Account(HOST, place.imap_port, Security.NONE, address, password),
        done_folder=_DONE,
        smtp=Account(HOST, place.smtp_port, Security.NONE, address, password),
    )
    for box in (place.box(address), place.box(address) / f".{_DONE}"):
        maildir.make(box)
    return create(session, facts, [queue])


def _follow(session: Session, place: Place, mailbox: Mailbox) -> None:
    """Reach a mailbox where the mail world now is."""
    key = house(session).secret_key
    if mailbox.imap_host == HOST:
        mailbox.imap_port = place.imap_port
        if not _opens(key, mailbox.imap_password):
            mailbox.imap_password = seal(key, place.password(mailbox.address))
    if mailbox.smtp_host == HOST:
        mailbox.smtp_port = place.smtp_port
        if not _opens(key, mailbox.smtp_password):
            mailbox.smtp_password = seal(key, place.password(mailbox.address))
    fetching.plan(session, mailbox)  # at once, whatever the world that is gone has made of it


def _opens(key: SecretStr, sealed: bytes) -> bool:
    """Return whether a password was sealed with this key."""
    try:
        return bool(unseal(key, sealed))
    except UnreadablePasswordError:
        return False
