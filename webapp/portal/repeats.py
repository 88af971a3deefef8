"""Recognising a request that has been sent before."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.cases.models import Case, Channel
from processes.people import contacts
from processes.people.models import Contact


def sent_before(session: Session, email: str, description: str) -> Case | None:
    """Return the latest request of the web form with this address and these words."""
    return session.scalars(
        select(Case)
        .join(Contact, Case.contact_id == Contact.id)
        .where(
            Contact.email == contacts.normal_email(email),
            Case.channel == Channel.PORTAL,
            Case.original_description == description,
        )
        .order_by(Case.id.desc())
        .limit(1)
    ).first()
