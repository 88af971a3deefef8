"""Whose mailboxes a demo offers to open."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from processes.database import house
from processes.mail.addresses import without_plus
from processes.mail.models import Mailbox, MailboxAlias, OutgoingMail
from processes.people.models import Contact, Staff

_MOST = 80


@dataclass(frozen=True)
class Customer:
    """Somebody with a mailbox."""

    address: str
    name: str


def latest(session: Session) -> list[Customer]:
    """Return the customers with an address, those we wrote to last first."""
    last = (
        select(OutgoingMail.to_address, func.max(OutgoingMail.id).label("last"))
        .group_by(OutgoingMail.to_address)
        .subquery()
    )
    found = session.execute(
        select(Contact.email, Contact.name)
        .outerjoin(last, last.c.to_address == Contact.email)
        .where(Contact.email.is_not(None))
        .order_by(func.coalesce(last.c.last, 0).desc(), Contact.id.desc())
        .limit(_MOST)
    )
    return [Customer(str(address), name) for address, name in found]


def name_of(session: Session, address: str) -> str:
    """Return the name of the customer with an address, or nothing."""
    found = session.scalars(select(Contact.name).where(Contact.email == address).limit(1))
    return found.one_or_none() or ""


def ours(session: Session) -> dict[str, str]:
    """Return the addresses customers may write to, each with the name it answers under."""
    settings = house(session)
    found = session.execute(
        select(Mailbox.address, Mailbox.sender_name)
        .where(Mailbox.active)
        .union_all(
            select(MailboxAlias.address, Mailbox.sender_name)
            .join(Mailbox, Mailbox.id == MailboxAlias.mailbox_id)
            .where(Mailbox.active)
        )
    )
    known = {str(address): str(name) for address, name in found}
    return known or {settings.mail_from.lower(): settings.mail_from_name}


def is_ours(session: Session, address: str) -> bool:
    """Return whether mail to an address is for us, a colleague's included, and read by us alone."""
    staff = {email.lower() for email in session.scalars(select(Staff.email))}
    return without_plus(address) in {without_plus(one) for one in ours(session)} | staff
