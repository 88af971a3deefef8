"""What came in: kept whole, and committed, before anything looks at it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import clock, jobs
from engine.watch.jobs import by_key
from processes.database import house
from processes.files import services as files
from processes.files.services import Prepared
from processes.mail.addresses import without_plus
from processes.mail.models import (
    LONGEST_MESSAGE_ID,
    LONGEST_SUBJECT,
    IncomingMail,
    IncomingState,
    Mailbox,
    MailboxAlias,
)
from processes.mail.reading.addresses import people
from processes.mail.reading.headers import above, split
from processes.mail.reading.message import Person, ReadMail

INCOMING_MAIL = "incoming_mail"
"""Kind of the job that takes a stored mail in."""
TOO_LARGE, UNREADABLE_THERE = "too_large", "unreadable_there"
"""Why a mail is in quarantine with its headers only: it stays whole on the server."""
HEADERS_ONLY = frozenset({TOO_LARGE, UNREADABLE_THERE})
"""Why of mails of which the server, or our limit, gave us no more; reading them again is no use."""
LONGEST_NAME = 120
LONGEST_ADDRESS = 254
"""Characters (RFC 5321 4.5.3.1.3, without the brackets)."""
_KEPT = 100
"""Recipients of each kind, and message ids, that a row names; the raw mail has them all."""
_SOON = timedelta(seconds=3)
MOST_HEADERS = 64_000
"""Bytes of a mail that are searched for its headers when it cannot be read as a whole."""


@dataclass(frozen=True)
class Route:
    """Where a mail came in: the mailbox, and the alias it was written to if it was one."""

    mailbox: Mailbox | None
    alias: MailboxAlias | None

    @property
    def queue_id(self) -> int | None:
        """Return the queue its new cases go to (COV-04)."""
        own = self.alias.queue_id if self.alias else None
        return own or (self.mailbox.queue_id if self.mailbox else None)


def store(
    session: Session,
    raw: bytes | Prepared,
    *,
    mailbox: Mailbox | None,
    uid_validity: int | None = None,
    uid: int | None = None,
) -> IncomingMail | None:
    """Keep a raw mail, and write the job that takes it in, in the caller's transaction.

    `raw` may be what `files.services.prepare` gave, so that nobody waits while bytes are written.
    `uid_validity` and `uid` are its number on the server (RFC 3501 2.3.1.1). Returns None, and
    writes no job, when this mailbox has the mail already, by number or by contents. Without a
    mailbox it is found by the recipients when the mail is taken in.
    """
    kept = files.keep(session, raw) if isinstance(raw, bytes) else files.record(session, raw)
    number = _insert(
        session,
        origin=mailbox.id if mailbox else 0,
        mailbox_id=mailbox.id if mailbox else None,
        uid_validity=uid_validity,
        uid=uid,
        sha256=kept.sha256,
        received_at=clock.business_now(session),
    )
    if number is None:
        return None
    jobs.enqueue(
        session,
        INCOMING_MAIL,
        due_at=clock.real_now(session),
        dedupe_key=job_key(number),
        payload={"mail_id": number},
    )
    return session.get_one(IncomingMail, number)


def read_again(session: Session, mail: IncomingMail, actor: str) -> None:
    """Let a worker take in a stored mail once more; an incident it caused is settled."""
    jobs.run_again(
        session,
        INCOMING_MAIL,
        dedupe_key=job_key(mail.id),
        payload={"mail_id": mail.id},
        actor=actor,
    )


def is_put_off(session: Session, mail: IncomingMail) -> bool:
    """Return whether taking the mail in has failed and is to be tried again in a while."""
    job = by_key(session, [job_key(mail.id)]).get(job_key(mail.id))
    soon = clock.real_now(session) + _SOON
    return job is not None and job.state == "ready" and job.due_at > soon


def same_contents(session: Session, raw: bytes, mailbox: Mailbox | None) -> IncomingMail | None:
    """Return the mail because of whose contents `store` would not store this one again."""
    query = select(IncomingMail).where(
        IncomingMail.origin == (mailbox.id if mailbox else 0),
        IncomingMail.sha256 == hashlib.sha256(raw).hexdigest(),
    )
    return session.scalars(query).one_or_none()


def job_key(mail_id: int) -> str:
    """Return the dedupe key of the job that takes a mail in."""
    return f"{INCOMING_MAIL}:{mail_id}"


def route(session: Session, addresses: Iterable[str], mailbox: Mailbox | None) -> Route:
    """Return where a mail to these addresses came in; the first that is ours counts.

    A mail that was fetched for a mailbox stays there; only its own aliases are looked at.
    """
    wanted = list(dict.fromkeys(without_plus(address) for address in addresses))
    aliases = {
        alias.address: alias
        for alias in session.scalars(select(MailboxAlias).where(MailboxAlias.address.in_(wanted)))
        if mailbox is None or alias.mailbox_id == mailbox.id
    }
    boxes = {
        box.address: box
        for box in session.scalars(select(Mailbox).where(Mailbox.address.in_(wanted)))
        if mailbox is None or box.id == mailbox.id
    }
    for address in wanted:
        if address in aliases:
            alias = aliases[address]
            return Route(mailbox or session.get_one(Mailbox, alias.mailbox_id), alias)
        if address in boxes:
            return Route(boxes[address], None)
    return Route(mailbox, None)


def own_addresses(session: Session) -> frozenset[str]:
    """Return every address that is ours, in lower case: mailboxes, aliases, the house's own."""
    return frozenset(
        {
            house(session).mail_from.lower(),
            *session.scalars(select(Mailbox.address)),
            *session.scalars(select(MailboxAlias.address)),
        }
    )


def note(mail: IncomingMail, content: ReadMail) -> None:
    """Write what reading a mail gave into its row."""
    mail.digest, mail.kind = content.digest, content.kind
    mail.message_id = stored(content.message_id, LONGEST_MESSAGE_ID, lines=False)
    mail.references = [stored(each, LONGEST_MESSAGE_ID) for each in content.references[-_KEPT:]]
    mail.from_address = content.sender.address if _fits(content.sender.address) else ""
    mail.from_name = stored(content.sender.name, LONGEST_NAME, lines=False)
    mail.recipients = {"to": _named(content.to), "cc": _named(content.cc)}
    mail.subject = stored(content.subject, LONGEST_SUBJECT, lines=False)
    mail.sent_at = content.sent_at
    mail.text, mail.quoted = stored(content.text), stored(content.quoted)
    mail.html = stored(content.html)


def quarantine(mail: IncomingMail, why: str, raw: bytes = b"") -> None:
    """Put a mail where somebody sees that it could not be taken in, with the reason.

    Of `raw` the subject and the sender are shown, as far as its first headers tell; of two senders
    neither is believed.
    """
    mail.state, mail.why, mail.unread = IncomingState.QUARANTINED, why, True
    if not raw:
        return
    headers, _ = split(raw[:MOST_HEADERS], above(raw), min(len(raw), MOST_HEADERS))
    mail.subject = stored(headers.text("Subject"), LONGEST_SUBJECT, lines=False)
    senders = [person for value in headers.all("From") for person in people(value)]
    if len(senders) == 1:
        mail.from_name = stored(senders[0].name, LONGEST_NAME, lines=False)
        mail.from_address = senders[0].address if _fits(senders[0].address) else ""
    else:
        mail.from_name = stored(", ".join(each.address for each in senders), LONGEST_NAME)


def stored(text: str, longest: int | None = None, *, lines: bool = True) -> str:
    """Return a text in the form every database takes, cut to `longest` characters."""
    kept = text[: longest and longest * 2].replace("\0", "")
    if not lines:
        kept = " ".join(kept.split())
    return kept[:longest].encode("utf-8", "replace").decode()


def _named(people: Iterable[Person]) -> list[list[str]]:
    known = [person for person in people if _fits(person.address)]
    return [
        [stored(person.name, LONGEST_NAME, lines=False), person.address] for person in known[:_KEPT]
    ]


def _fits(address: str) -> bool:
    return 0 < len(address) <= LONGEST_ADDRESS


def _insert(session: Session, **values: Any) -> int | None:
    """Write the row of a mail; None when the mailbox has it, whoever else stores it right now."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(IncomingMail).values(**values).on_conflict_do_nothing()
    number: int | None = session.execute(row.returning(IncomingMail.id)).scalar_one_or_none()
    return number
