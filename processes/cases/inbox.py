"""What the inbox knows about cases, and marks that all agents share (COV-15)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from processes.cases import changes, search
from processes.cases.models import Case, CaseStatus, Change
from processes.mail.models import IncomingMail
from processes.people.models import Contact, Staff

TOPIC = "mail"
"""Of the live feed: a mail has come, or something became of it; the ref is its id."""

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


def mark_read(session: Session, *mails: IncomingMail) -> None:
    """Note that somebody has read these mails: they are read for everybody."""
    _mark(session, [mail.id for mail in mails if mail.unread], unread=False)


def mark_case_read(session: Session, case: Case) -> None:
    """Note that somebody has read the mails of a case, on its page."""
    unread = select(IncomingMail.id).where(IncomingMail.case_id == case.id, IncomingMail.unread)
    _mark(session, session.scalars(unread).all(), unread=False)


def mark_unread(session: Session, mail: IncomingMail) -> None:
    """Put the mail back among the unread ones, for everybody."""
    _mark(session, [] if mail.unread else [mail.id], unread=True)


def tell(session: Session, mail_id: int) -> None:
    """Let every page that shows the mail show it anew."""
    changes.record(session, TOPIC, mail_id)


def _mark(session: Session, mail_ids: Sequence[int], *, unread: bool) -> None:
    if not mail_ids:
        return
    session.execute(update(IncomingMail).where(IncomingMail.id.in_(mail_ids)).values(unread=unread))
    for mail_id in mail_ids:
        tell(session, mail_id)


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
