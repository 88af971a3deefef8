"""Walking over everything that runs, a slice at a time: what waits for nothing, what disagrees."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine.definitions import Definitions
from engine.models import READY, Job, ProcessInstance, Subscription, UserTask
from engine.repair import compare
from engine.watch.findings import MOST_OPEN, STUCK, Finding, open_of
from engine.watch.progress import Place

SLICE = 500
"""Instances one reading transaction walks over; for more PostgreSQL would read whole tables."""
SAMPLE = 20
"""Instances a look thaws."""


@dataclass(frozen=True)
class Walk:
    """What one slice has shown."""

    suspects: list[UUID] = field(default_factory=list)
    seen: int = 0
    place: Place | None = None
    """Where to go on; None at the end of the round."""


def walk(session: Session, place: Place | None, limit: int = SLICE) -> Walk:
    """Look at the next running instances: which have no task, job or message to wait for?

    Goes by the index on status and start, so that ended instances cost nothing; the state is
    never read.
    """
    part = _running(place, limit).add_columns(ProcessInstance.id.label("instance_id")).cte("part")
    return _looked(session, part, _waits_for_nothing(part.c.id), limit)


def sample(session: Session, place: Place | None) -> Walk:
    """Return the next few running instances, to be thawed."""
    rows = session.execute(_running(place, SAMPLE)).all()
    place = Place(rows[-1].at, rows[-1].id) if len(rows) == SAMPLE else None
    return Walk([row.id for row in rows], len(rows), place)


def open_tasks_of_ended(
    session: Session, lane: str | None, place: Place | None
) -> tuple[Walk, str | None]:
    """Look at the next open user tasks of a lane: whose instance has ended?

    Returns what was found and the lane to go on with; None begins again.
    """
    part = (
        select(UserTask.created_at.label("at"), UserTask.id, UserTask.instance_id)
        .where(UserTask.status == READY, UserTask.lane == lane)
        .where(*_after(UserTask.created_at, UserTask.id, place))
        .order_by(UserTask.created_at, UserTask.id)
        .limit(SLICE)
        .cte("part")
    )
    ended = exists().where(
        ProcessInstance.id == part.c.instance_id, ProcessInstance.status != "running"
    )
    walked = _looked(session, part, ended, SLICE)
    if walked.place is None:
        later = [] if lane is None else [UserTask.lane > lane]
        ready = select(func.min(UserTask.lane)).where(UserTask.status == READY, *later)
        lane = session.scalar(ready)
    return walked, lane


def still_stuck(
    session: Session, definitions: Definitions, suspects: Sequence[UUID]
) -> list[Finding]:
    """Thaw suspects, and what is already known to be stuck; return what is wrong with each."""
    known = [item.instance_id for item in open_of(session, STUCK) if item.instance_id]
    room = max(0, MOST_OPEN - len(known)) + SAMPLE
    wanted = dict.fromkeys([*known, *[i for i in suspects if i not in known][:room]])
    found = compare(session, definitions, list(wanted))
    return [
        Finding(STUCK, seen.complaint, number, element_id=seen.element_id)
        for number, seen in found.items()
        if seen.complaint
    ]


def _running(place: Place | None, limit: int) -> Select[*tuple[Any, ...]]:
    return (
        select(ProcessInstance.started_at.label("at"), ProcessInstance.id)
        .where(ProcessInstance.status == literal_column("'running'"))
        .where(*_after(ProcessInstance.started_at, ProcessInstance.id, place))
        .order_by(ProcessInstance.started_at, ProcessInstance.id)
        .limit(limit)
    )


def _looked(session: Session, part: CTE, wrong: ColumnElement[bool], limit: int) -> Walk:
    """Read one slice by one statement: what is wrong in it, where it ends, how long it is."""
    last = (
        select(part.c.at, part.c.id, part.c.instance_id)
        .order_by(part.c.at.desc(), part.c.id.desc())
        .limit(1)
        .subquery()
    )
    count = select(func.count()).select_from(part).scalar_subquery()
    query = union_all(
        select(last.c.at, last.c.id, last.c.instance_id, count.label("seen")),
        select(part.c.at, part.c.id, part.c.instance_id, literal(0)).where(wrong),
    )
    rows = session.execute(query).all()
    end = next((row for row in rows if row.seen), None)
    if end is None:
        return Walk()
    suspects = list(dict.fromkeys(row.instance_id for row in rows if not row.seen))
    return Walk(suspects, end.seen, Place(end.at, end.id) if end.seen == limit else None)


def _waits_for_nothing(number: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return a condition looked up row by row: as joins it would read whole tables (measured)."""
    return not_(
        or_(
            exists().where(UserTask.instance_id == number, UserTask.status == READY),
            exists().where(Subscription.instance_id == number),
            exists().where(
                Job.instance_id == number, or_(Job.state == "ready", Job.state == "incident")
            ),
        )
    )


def _after(
    at: InstrumentedAttribute[Any], number: InstrumentedAttribute[Any], place: Place | None
) -> list[ColumnElement[bool]]:
    if place is None:
        return []
    return [at >= place.at, tuple_(at, number) > (place.at, place.id)]
