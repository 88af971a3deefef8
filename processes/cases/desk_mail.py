"""What the desk's pages of mail read of cases, in few statements whatever their number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from processes.cases import search
from processes.cases.models import Case, CaseStatus, Change
from processes.mail.models import IncomingMail
from processes.people.models import Contact, Staff

_OFFERED = 8


@dataclass(frozen=True)
class CaseName:
    """A case as one line names it."""

    id: int
    number: str
    subject: str
    status: CaseStatus
    is_closed: bool
    contact_id: int | None
    contact_name: str
    contact_email: str


@dataclass(frozen=True)
class Around:
    """What the pages of mail show of everything else."""

    unread_cases: int
    """How many of the reader's own open cases have news."""
    newest_change: int
    """The newest line of the live feed."""


def around(session: Session, staff: Staff) -> Around:
    """Return what stands around the inbox, in one statement."""
    mine = select(func.count(Case.id)).where(
        Case.closed_at.is_(None), Case.assignee_id == staff.id, Case.unread
    )
    newest = select(func.coalesce(func.max(Change.id), 0))
    row = session.execute(select(mine.scalar_subquery(), newest.scalar_subquery())).one()
    return Around(row[0], row[1])


def names(session: Session, case_ids: Iterable[int | None]) -> dict[int, CaseName]:
    """Return the cases of these ids, in one statement."""
    wanted = {case_id for case_id in case_ids if case_id is not None}
    if not wanted:
        return {}
    return {case.id: case for case in _named(session, Case.id.in_(wanted), len(wanted))}


def offered(session: Session, mail: IncomingMail, q: str = "") -> Sequence[CaseName]:
    """Return cases a mail may be linked to, latest first.

    For what was typed: by number, customer or subject. For nothing: the case the mail may belong
    to, before its sender's own.
    """
    found = search.matches(q)
    if found is not None:
        return _named(session, found, _OFFERED)
    sender = select(Contact.id).where(Contact.email == mail.from_address).scalar_subquery()
    theirs = select(Case.id).where(Case.contact_id == sender)
    latest = theirs.order_by(Case.updated_at.desc()).limit(_OFFERED).subquery()
    maybe = select(Case.id).where(Case.id == mail.maybe_case_id)
    cases = _named(session, Case.id.in_(select(latest.c.id).union(maybe)), _OFFERED + 1)
    return sorted(cases, key=lambda case: case.id != mail.maybe_case_id)[:_OFFERED]


def _named(session: Session, wanted: ColumnElement[bool], most: int) -> list[CaseName]:
    query = (
        select(
            Case.id,
            Case.number,
            Case.subject,
            Case.status,
            Case.closed_at.is_not(None),
            Case.contact_id,
            Contact.name,
            Contact.email,
        )
        .outerjoin(Contact, Contact.id == Case.contact_id)
        .where(wanted)
        .order_by(Case.updated_at.desc(), Case.id.desc())
        .limit(most)
    )
    return [CaseName(*row[:6], row[6] or "", row[7] or "") for row in session.execute(query)]
