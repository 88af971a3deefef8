"""Reading cases: the desk's lists, one case, its timeline, a customer's own cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy import case as sql_case
from sqlalchemy.orm import Session

from engine.errors import NotFoundError
from processes.cases import search
from processes.cases.desk import accepted_by, whole_cases
from processes.cases.models import (
    Activity,
    Case,
    CaseStatus,
    Category,
    Channel,
    Priority,
    Queue,
    RequestType,
)
from processes.cases.numbers import normal
from processes.people.models import Contact, Staff

View = Literal["mine", "accepted", "unassigned", "all", "archive"]
Sort = Literal["updated", "priority", "due"]
VIEWS: tuple[View, ...] = ("mine", "accepted", "unassigned", "all", "archive")
PER_PAGE = 50
_LONGEST_TIMELINE = 500


@dataclass(frozen=True)
class CaseRow:
    """One line of the desk's list."""

    id: int
    number: str
    subject: str
    status: CaseStatus
    priority: Priority
    channel: Channel
    request_type: RequestType | None
    is_complaint: bool
    unread: bool
    step: dict[str, Any] | None
    next_due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    assignee_id: int | None
    assignee_name: str | None
    contact_name: str | None
    category_names: dict[str, str] | None
    queue_names: dict[str, str] | None


@dataclass(frozen=True)
class Page:
    """Some rows of a longer list."""

    rows: list[CaseRow]
    page: int
    per_page: int
    has_next: bool


def list_cases(  # noqa: PLR0913 - a list can be narrowed in that many ways
    session: Session,
    *,
    view: View,
    staff: Staff,
    q: str = "",
    page: int = 1,
    per_page: int = 0,
    sort: Sort = "updated",
    channel: str = "",
) -> Page:
    """Return one page of a view, in one statement whatever the number of cases."""
    size = min(per_page or PER_PAGE, 200)
    query = _rows().where(*_conditions(view, staff))
    wanted = search.matches(q)
    if wanted is not None:
        query = query.where(wanted)
    if channel:
        query = query.where(Case.channel == Channel(channel))
    query = query.order_by(*_order(view, sort))
    found = session.execute(query.offset((max(page, 1) - 1) * size).limit(size + 1)).all()
    rows = [CaseRow(*row) for row in found[:size]]
    return Page(rows, max(page, 1), size, has_next=len(found) > size)


def by_channel(session: Session, *, view: View, staff: Staff) -> dict[Channel, int]:
    """Return how many cases of a view came by each channel, the busiest first (CALL-02)."""
    query = (
        select(Case.channel, func.count())
        .where(*_conditions(view, staff))
        .group_by(Case.channel)
        .order_by(func.count().desc(), Case.channel)
    )
    return {channel: int(number) for channel, number in session.execute(query)}


def get_case(session: Session, number: str) -> Case:
    """Return a case with everything its page names. Raises NotFoundError."""
    wanted = normal(number[:40])
    found = (
        wanted
        and session.scalars(whole_cases().where(Case.number == wanted)).unique().one_or_none()
    )
    if not found:
        raise NotFoundError
    return found


def get_case_by_id(session: Session, case_id: int) -> Case:
    """Return a case with everything its page names. Raises NotFoundError."""
    found = session.scalars(whole_cases().where(Case.id == case_id)).unique().one_or_none()
    if found is None:
        raise NotFoundError
    return found


def timeline(session: Session, case: Case, *, public_only: bool) -> list[Activity]:
    """Return the entries of a case, oldest first; for customers only what they may read."""
    query = select(Activity).where(Activity.case_id == case.id)
    if public_only:
        query = query.where(~Activity.internal)
    newest = query.order_by(Activity.at.desc(), Activity.id.desc()).limit(_LONGEST_TIMELINE)
    return list(session.scalars(newest))[::-1]


def cases_of_contact(
    session: Session, contact_id: int, *, only_case: int | None = None, limit: int = 200
) -> Sequence[Case]:
    """Return a customer's own cases, latest first; or the one their code opens."""
    fresh = (Case.channel == Channel.PORTAL) & (Case.status == CaseStatus.UNCLASSIFIED)
    query = select(Case).where(Case.contact_id == contact_id, Case.portal_enabled | fresh)
    if only_case is not None:
        query = query.where(Case.id == only_case)
    return session.scalars(query.order_by(Case.updated_at.desc()).limit(limit)).all()


def _conditions(view: View, staff: Staff) -> list[ColumnElement[bool]]:
    if view == "archive":
        return [Case.closed_at.is_not(None)]
    is_open = Case.closed_at.is_(None)
    if view == "mine":
        return [is_open, Case.assignee_id == staff.id]
    if view == "unassigned":
        return [is_open, Case.assignee_id.is_(None)]
    if view == "accepted":
        return [is_open, accepted_by(staff)]
    return [is_open]


def _order(view: View, sort: Sort) -> list[ColumnElement[Any]]:
    """Return the order of a list: latest first, or most urgent, or first to fall due."""
    latest = Case.closed_at if view == "archive" else Case.updated_at
    order: list[ColumnElement[Any]] = [latest.desc(), Case.id.desc()]
    if sort == "priority":
        ranks = {priority: rank for rank, priority in enumerate(Priority)}
        order.insert(0, sql_case(ranks, value=Case.priority))
    if sort == "due":
        order.insert(0, Case.next_due_at.asc().nulls_last())
    return order


def _rows() -> Select[Any]:
    return (
        select(
            Case.id,
            Case.number,
            Case.subject,
            Case.status,
            Case.priority,
            Case.channel,
            Case.request_type,
            Case.is_complaint,
            Case.unread,
            Case.step,
            Case.next_due_at,
            Case.created_at,
            Case.updated_at,
            Case.closed_at,
            Case.assignee_id,
            Staff.name,
            Contact.name,
            Category.names,
            Queue.names,
        )
        .outerjoin(Staff, Case.assignee_id == Staff.id)
        .outerjoin(Contact, Case.contact_id == Contact.id)
        .outerjoin(Category, Case.category_id == Category.id)
        .outerjoin(Queue, Case.queue_id == Queue.id)
    )
