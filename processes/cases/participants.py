"""Who takes part in the mails of a case, and so is known to it."""

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from processes.cases.models import Case, Participant
from processes.people.models import Contact

MOST = 30
"""Of one case; whoever is written in copy beyond that can answer with a token only."""


def takes_part(session: Session, case: Case, address: str) -> bool:
    """Return whether an address is the customer's or that of a participant."""
    if not address:
        return False
    known = select(Participant.case_id).where(
        Participant.case_id == case.id, Participant.address == address
    )
    return is_contact(session, case, address) or session.scalar(known) is not None


def is_contact(session: Session, case: Case, address: str) -> bool:
    """Return whether an address is that of the case's customer."""
    contact = session.get(Contact, case.contact_id) if case.contact_id else None
    return contact is not None and bool(address) and contact.email == address


def add(session: Session, case: Case, people: Iterable[tuple[str, str]]) -> None:
    """Let people, as `(name, address)`, take part; those who do already stay as they are."""
    count = select(func.count()).where(Participant.case_id == case.id)
    room = MOST - (session.scalar(count) or 0)
    wanted = {address: name for name, address in people if address}
    rows = [
        {"case_id": case.id, "address": address, "name": name[:120]}
        for address, name in list(wanted.items())[: max(0, room)]
    ]
    if rows:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        session.execute(dialect.insert(Participant).values(rows).on_conflict_do_nothing())
