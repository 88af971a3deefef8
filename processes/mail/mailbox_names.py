"""Mailboxes by name, each with the one who owns it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.mail.models import Mailbox
from processes.people.models import Staff


@dataclass(frozen=True)
class MailboxName:
    """What a list says of a mailbox."""

    id: int
    address: str
    owner: str


def mailboxes_of(session: Session, staff: Staff, *, everything: bool) -> list[MailboxName]:
    """Return the mailboxes somebody owns, or with `everything` all there are, by address."""
    query = select(Mailbox.id, Mailbox.address, Staff.name).join(
        Staff, Mailbox.owner_id == Staff.id
    )
    if not everything:
        query = query.where(Mailbox.owner_id == staff.id)
    return [MailboxName(*row) for row in session.execute(query.order_by(Mailbox.address))]
