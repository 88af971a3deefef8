"""What the desk's pages read, in few statements whatever the number of cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    String,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy import case as sql_case
from sqlalchemy.orm import Session, aliased, joinedload

from engine import clock
from engine import queries as engine_queries
from engine.errors import NotFoundError
from engine.queries import OpenTask
from processes.cases.models import Activity, Case, CaseLink, Change, LinkKind
from processes.cases.numbers import normal
from processes.files.models import Attachment
from processes.mail import inbox, notes
from processes.mail.models import IncomingMail, MailState, OutgoingMail
from processes.mail.notes import MailNote
from processes.people.models import Contact, Staff

COUNTED_ARCHIVE = 1_000
"""The archive grows for ever: beyond this its number is not told."""

_DELIVERY = (
    OutgoingMail.state,
    OutgoingMail.error,
    OutgoingMail.sent_at,
    OutgoingMail.bounced_at,
    OutgoingMail.bounce,
    OutgoingMail.cc,
    OutgoingMail.bcc,
)
_HAS_FILES = exists().where(Attachment.activity_id == Activity.id)
_NEIGHBOURS = 6
_MOST_LINKS = 12
_LONGEST_TIMELINE = 500
_LONGEST_NUMBER = 40


@dataclass(frozen=True)
class Overview:
    """How many cases each view holds, and the newest line of the live feed."""

    mine: int
    accepted: int
    unassigned: int
    all: int
    archive: int
    unread: int
    """How many of mine have news."""
    mails: int
    """How many mails wait for somebody."""
    newest_change: int


@dataclass(frozen=True)
class CaseFile:
    """A case with everything its page names."""

    case: Case
    others: Sequence[Case]
    """Other cases of the same customer, latest first."""
    maybes: Sequence[Case]
    """Cases it may belong with, as a mail hints."""
    related: Sequence[Case]
    """Cases an agent has linked with it."""
    overview: Overview


@dataclass(frozen=True)
class Entry:
    """An entry of the timeline and, if it is a mail, whose it is and how far it has come."""

    activity: Activity
    note: MailNote | None
    """Of a mail that came in."""
    mail_state: MailState | None
    mail_error: str | None
    sent_at: datetime | None = None
    bounced_at: datetime | None = None
    bounce: str | None = None
    cc: Sequence[Sequence[str]] | None = None
    bcc: Sequence[Sequence[str]] | None = None
    has_files: bool = False

    @property
    def copies(self) -> Sequence[Sequence[str]]:
        """Return who else got the mail, as name and address."""
        return [*(self.cc or ()), *(self.bcc or ())]

    @property
    def is_taken_back(self) -> bool:
        """Return whether its writer thought better of it: it is kept, and shown to nobody."""
        return bool((self.activity.data or {}).get("undone"))


@dataclass(frozen=True)
class ClaimableTask:
    """An open user task and the name of who has accepted it; empty when nobody has."""

    task: OpenTask
    claimer: str


def overview(session: Session, staff: Staff) -> Overview:
    """Return what stands beside the views."""
    return Overview(*session.execute(select(*_overview(staff))).one())


def open_file(session: Session, number: str, staff: Staff) -> CaseFile:
    """Return a case, its neighbours and the overview. Raises NotFoundError."""
    wanted = normal(number[:_LONGEST_NUMBER])
    if not wanted:
        raise NotFoundError
    more = (_link(wanted), *_overview(staff), *clock.columns(session))
    query = _whole(wanted).add_columns(*more)
    rows = session.execute(query).unique().all()
    found = next((row[0] for row in rows if row[0].number == wanted), None)
    if found is None:
        raise NotFoundError
    clock.take(session, *rows[0][-2:])
    rest = [(row[0], row[1]) for row in rows if row[0] is not found]
    rest.sort(key=lambda pair: pair[0].updated_at, reverse=True)
    return CaseFile(
        found,
        others=[case for case, _ in rest if case.contact_id == found.contact_id is not None],
        maybes=[case for case, link in rest if link is LinkKind.MAYBE],
        related=[case for case, link in rest if link is LinkKind.RELATED],
        overview=Overview(*rows[0][2:-2]),
    )


def entries(session: Session, case: Case) -> list[Entry]:
    """Return the timeline, oldest first; of an endless one the newest part."""
    query = (
        select(Activity, *_DELIVERY, _HAS_FILES, *notes.COLUMNS)
        .outerjoin(OutgoingMail, OutgoingMail.id == Activity.mail_id)
        .outerjoin(IncomingMail, IncomingMail.id == Activity.incoming_mail_id)
        .where(Activity.case_id == case.id)
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(_LONGEST_TIMELINE)
    )
    first = 1 + len(_DELIVERY) + 1
    found = [
        Entry(row[0], notes.note(row[first:]), *row[1:first]) for row in session.execute(query)
    ]
    return [entry for entry in found if not entry.is_taken_back][::-1]


def claimable_tasks(session: Session, case: Case) -> list[ClaimableTask]:
    """Return the open user tasks of a case, oldest first."""
    open_tasks = engine_queries.ready_user_tasks().order_by(None).subquery()
    query = (
        select(*open_tasks.c, Staff.name)
        .outerjoin(Staff, open_tasks.c.claimed_by == literal("staff:") + cast(Staff.id, String))
        .where(open_tasks.c.key == str(case.id))
        .order_by(open_tasks.c.created_at)
    )
    return [ClaimableTask(OpenTask(*row[:-1]), row[-1] or "") for row in session.execute(query)]


def whole_cases() -> Select[Case]:
    """Select cases with everything a page shows of one."""
    return select(Case).options(
        joinedload(Case.assignee),
        joinedload(Case.contact).joinedload(Contact.organization),
        joinedload(Case.organization),
        joinedload(Case.category),
        joinedload(Case.subcategory),
        joinedload(Case.queue),
        joinedload(Case.applied_solution),
    )


def accepted_by(staff: Staff) -> ColumnElement[bool]:
    """Return the condition that this person has accepted a step of the case."""
    tasks = engine_queries.ready_user_tasks().order_by(None).subquery()
    mine = select(tasks.c.instance_id).where(tasks.c.claimed_by == staff.actor)
    return Case.instance_id.in_(mine)


def _overview(staff: Staff) -> list[ColumnElement[Any]]:
    """Return the columns of an Overview."""
    is_open, mine = Case.closed_at.is_(None), Case.assignee_id == staff.id
    some = select(Case.id).where(~is_open).limit(COUNTED_ARCHIVE).subquery()
    columns = [
        _cases(is_open, mine),
        _cases(is_open, accepted_by(staff)),
        _cases(is_open, Case.assignee_id.is_(None)),
        _cases(is_open),
        select(func.count()).select_from(some),
        _cases(is_open, mine & Case.unread),
        select(inbox.to_do()),
        select(func.coalesce(func.max(Change.id), 0)),
    ]
    return [column.correlate(None).scalar_subquery() for column in columns]


def _cases(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(func.count(Case.id)).where(*conditions)


def _whole(number: str) -> Select[Any]:
    """Return the case with this number and the latest of its customer's other cases.

    The few ids stand first in the join: PostgreSQL keeps the order of so many tables, and would
    put all cases together with everything before it chose these.
    """
    numbered, other = aliased(Case), aliased(Case)
    customer = select(numbered.contact_id).where(numbered.number == number).scalar_subquery()
    neighbours = (
        select(other.id)
        .where(other.contact_id == customer, other.number != number)
        .order_by(other.updated_at.desc())
        .limit(_NEIGHBOURS)
        .subquery()
    )
    itself = select(numbered.id).where(numbered.number == number)
    linked = _linked_ids(itself.scalar_subquery())
    wanted = union(itself, select(neighbours.c.id), linked).subquery()
    return whole_cases().select_from(wanted).join(Case, Case.id == wanted.c.id)


def _linked_ids(itself: ScalarSelect[int]) -> Select[Any]:
    """Return the ids of the cases linked with this one last."""
    other = sql_case((CaseLink.case_id == itself, CaseLink.other_id), else_=CaseLink.case_id)
    latest = (
        select(other.label("id"))
        .where(or_(CaseLink.case_id == itself, CaseLink.other_id == itself))
        .order_by(CaseLink.created_at.desc())
        .limit(_MOST_LINKS)
        .subquery()
    )
    return select(latest.c.id)


def _link(number: str) -> ScalarSelect[Any]:
    """Return how a case of `_whole` is linked with the one of this number."""
    numbered = aliased(Case)
    itself = select(numbered.id).where(numbered.number == number).scalar_subquery()
    pair = or_(
        and_(CaseLink.case_id == itself, CaseLink.other_id == Case.id),
        and_(CaseLink.other_id == itself, CaseLink.case_id == Case.id),
    )
    return select(CaseLink.kind).where(pair).limit(1).correlate(Case).scalar_subquery()
