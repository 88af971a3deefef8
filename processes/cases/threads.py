"""The conversation a mail of a case belongs to: its message ids, addresses and subject."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.cases import mail_tokens
from processes.cases.models import Activity, Case
from processes.database import house
from processes.mail import thread_headers
from processes.mail.addresses import Pair
from processes.mail.models import IncomingMail, Mailbox, MailKind, MailState, OutgoingMail
from processes.mail.services import Envelope

_NOT_SEEN = (MailState.CANCELLED, MailState.FAILED)
_UNPROVED = frozenset({"stranger", "doubtful"})
_MOST = 200
"""Mails of a case that are looked at, the latest ones."""


@dataclass(frozen=True)
class Sender:
    """As whom we write."""

    address: str
    name: str
    mailbox_id: int | None
    takes_tokens: bool
    """Whether `name+token@` reaches us."""


@dataclass(frozen=True)
class Thread:
    """What was written so far."""

    ids: tuple[str, ...]
    """Every message id, oldest first."""
    answers: str
    """The message id our next mail answers: the customer's latest, else our own latest."""
    subject: str
    """Of the customer's latest mail; empty when none came."""

    @property
    def before(self) -> tuple[str, ...]:
        """Return what stands in References: the thread up to what is answered (RFC 5322 3.6.4)."""
        if self.answers not in self.ids:
            return (*self.ids, self.answers) if self.answers else ()
        return self.ids[: self.ids.index(self.answers) + 1]


def sender(session: Session, case: Case) -> Sender:
    """Return the mailbox the case came in by, while it is in use; else the house's own address."""
    box = session.get(Mailbox, case.mailbox_id) if case.mailbox_id else None
    if box is not None and box.active:
        return Sender(box.address, box.sender_name, box.id, box.plus_addresses)
    settings = house(session)
    return Sender(settings.mail_from, settings.mail_from_name, None, takes_tokens=True)


def envelope(
    session: Session, case: Case, thread: Thread, *, cc: tuple[Pair, ...], bcc: tuple[Pair, ...]
) -> Envelope:
    """Return how the next mail of a case goes out; its ids and reply address carry the token."""
    by = sender(session, case)
    reply_to = mail_tokens.reply_address(session, case, by.address) if by.takes_tokens else ""
    return Envelope(
        from_address=by.address,
        from_name=by.name,
        mailbox_id=by.mailbox_id,
        message_id=mail_tokens.message_id(session, case, by.address.rpartition("@")[2]),
        reply_to=reply_to,
        in_reply_to=thread.answers,
        references=thread_headers.references(thread.before),
        cc=cc,
        bcc=bcc,
    )


def thread_of(session: Session, case: Case) -> Thread:
    """Return the thread of a case, in two statements."""
    came, went = _came(session, case), _went(session, case)
    ids = [each for _, found in sorted([*_ids_of(came), *went]) for each in found]
    latest = came[-1] if came else None
    ours = went[-1][1][0] if went else ""
    theirs = latest.message_id if latest is not None else ""
    answers = theirs if thread_headers.is_message_id(theirs) else ours
    return Thread(
        thread_headers.references(ids), answers, latest.subject if latest is not None else ""
    )


def _came(session: Session, case: Case) -> Sequence[IncomingMail]:
    """Return what the customer sent, oldest first; nothing colleagues or strangers wrote."""
    query = (
        select(IncomingMail, Activity.data)
        .join(Activity, Activity.incoming_mail_id == IncomingMail.id)
        .where(IncomingMail.case_id == case.id, IncomingMail.kind == MailKind.PERSON)
        .where(Activity.case_id == case.id, ~Activity.internal)
        .order_by(IncomingMail.id.desc())
        .limit(_MOST)
    )
    rows = session.execute(query).all()[::-1]
    return [mail for mail, data in rows if not is_unproved(data)]


def is_unproved(data: Mapping[str, Any] | None) -> bool:
    """Return whether a mail may be somebody else's: our mails repeat nothing of it."""
    return not _UNPROVED.isdisjoint(data or {})


def _ids_of(mails: Sequence[IncomingMail]) -> Iterator[tuple[datetime, list[str]]]:
    for mail in mails:
        known = [each for each in mail.references if isinstance(each, str)]
        yield mail.received_at, [*known, *([mail.message_id] if mail.message_id else [])]


def _went(session: Session, case: Case) -> list[tuple[datetime, list[str]]]:
    """Return when we wrote and under which ids, oldest first."""
    query = (
        select(OutgoingMail.created_at, OutgoingMail.message_id)
        .where(OutgoingMail.case_id == case.id, OutgoingMail.state.not_in(_NOT_SEEN))
        .order_by(OutgoingMail.id.desc())
        .limit(_MOST)
    )
    return [(at, [message_id]) for at, message_id in session.execute(query)][::-1]
