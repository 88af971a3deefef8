"""Finding and writing down customers and their organisations."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.clock import utc_now
from processes.people.models import Contact, Organization


def normal_email(email: str | None) -> str | None:
    """Return an address in the form it is stored in; None for an empty one."""
    return (email or "").strip().lower() or None


def find_or_add(
    session: Session,
    *,
    name: str,
    email: str | None,
    phone: str = "",
    language: str = "en",
) -> Contact:
    """Return the contact with this address, or a new one; without address always a new one.

    A known contact's name is left alone: whoever types an address on a public form must not
    be able to rename its owner.
    """
    address = normal_email(email)
    known = by_email(session, address)
    if known is not None:
        return known
    contact = Contact(
        name=name.strip() or (address or ""),
        email=address,
        phone=phone.strip(),
        language=language,
        created_at=utc_now(),
    )
    session.add(contact)
    session.flush()
    return contact


def by_email(session: Session, address: str | None) -> Contact | None:
    """Return the contact with this address."""
    if address is None:
        return None
    return session.scalars(select(Contact).where(Contact.email == address)).one_or_none()


def find_or_add_organization(session: Session, name: str) -> Organization | None:
    """Return the organisation of this name, whatever its capitals, or a new one."""
    wanted = " ".join(name.split())
    if not wanted:
        return None
    known = session.scalars(
        select(Organization).where(func.lower(Organization.name) == wanted.lower())
    ).first()
    if known is None:
        known = Organization(name=wanted, created_at=utc_now())
        session.add(known)
        session.flush()
    return known
