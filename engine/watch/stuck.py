"""Walking over everything that runs, a slice at a time: what waits for nothing, what disagrees."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine.definitions import Definitions
from engine.models import Job, ProcessInstance, Subscription, UserTask
from engine.repair import compare
from engine.watch.findings import MOST_OPEN, STUCK, Finding, count_open, open_of
from engine.watch.progress import Place

SLICE = 2_000
"""Instances one reading transaction walks over."""
SAMPLE = 20
"""Instances a look thaws."""
_TASKS = 1_000


@dataclass(frozen=True)
class Walk:
    """What one slice has shown."""

    suspects: list[UUID] = field(default_factory=list)
    seen: int = 0
    place: Place | None = None
    """Where to go on; None at the end of the round."""


def walk(session: Session, place: Place | None, limit: int = SLICE) -> Walk:
    """Look at the next running instances: which have no task, job or message to wait for?

    Goes by the index on status and start, so that ended instances cost nothing; of those that
    run only the index entries are read, never the state.
    """
    here = _after(ProcessInstance.started_at, ProcessInstance.id, place)
    running = select(ProcessInstance.id, ProcessInstance.started_at).where(
        ProcessInstance.status == "running", *here
    )
    order = ProcessInstance.started_at, ProcessInstance.id
    part = running.order_by(*order).limit(limit).subquery()
    last = session.execute(
        select(func.count().over(), part.c.started_at, part.c.id)
        .order_by(part.c.started_at.desc(), part.c.id.desc())
        .limit(1)
    ).one_or_none()
    if last is None:
        return Walk()
    seen, at, number = last
    found = session.scalars(select(part.c.id).where(*_waits_for_nothing(part.c.id)))
    return Walk(list(found), seen, Place(at, number) if seen == limit else None)


def sample(session: Session, place: Place | None) -> Walk:
    """Return the next few running instances, to be thawed."""
    query = (
        select(ProcessInstance.started_at, ProcessInstance.id)
        .where(ProcessInstance.status == "running")
        .where(*_after(ProcessInstance.started_at, ProcessInstance.id, place))
        .order_by(ProcessInstance.started_at, ProcessInstance.id)
        .limit(SAMPLE)
    )
    return _walked(session.execute(query).all(), SAMPLE)


def open_tasks_of_ended(
    session: Session, lane: str | None, place: Place | None
) -> tuple[Walk, str | None]:
    """Look at the next open user tasks of a lane: whose instance has ended?

    Returns what was found and the lane to go on with; None begins again.
    """
    query = (
        select(UserTask.created_at, UserTask.id, UserTask.instance_id, ProcessInstance.status)
        .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
        .where(UserTask.status == "ready", UserTask.lane == lane)
        .where(*_after(UserTask.created_at, UserTask.id, place))
        .order_by(UserTask.created_at, UserTask.id)
        .limit(_TASKS)
    )
    rows = session.execute(query).all()
    walked = _walked(rows, _TASKS)
    orphans = list(dict.fromkeys(row.instance_id for row in rows if row.status != "running"))
    if walked.place is None:
        later = [] if lane is None else [UserTask.lane > lane]
        ready = select(func.min(UserTask.lane)).where(UserTask.status == "ready", *later)
        lane = session.scalar(ready)
    return Walk(orphans, walked.seen, walked.place), lane


def still_stuck(
    session: Session, definitions: Definitions, suspects: Sequence[UUID]
) -> list[Finding]:
    """Thaw suspects, and what is already known to be stuck; return what is wrong with each."""
    known = [item.instance_id for item in open_of(session, STUCK) if item.instance_id]
    room = max(0, MOST_OPEN - count_open(session, STUCK))
    wanted = dict.fromkeys([*known, *[i for i in suspects if i not in known][:room]])
    found = ((number, compare(session, definitions, number)) for number in wanted)
    return [
        Finding(STUCK, seen.complaint, number, element_id=seen.element_id)
        for number, seen in found
        if seen is not None and seen.complaint
    ]


def _waits_for_nothing(number: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    return [
        ~exists().where(UserTask.instance_id == number, UserTask.status == "ready"),
        ~exists().where(Job.instance_id == number, or_(*_at_work())),
        ~exists().where(Subscription.instance_id == number),
    ]


def _at_work() -> list[ColumnElement[bool]]:
    return [Job.state == "ready", Job.state == "incident"]


def _after(
    at: InstrumentedAttribute[Any], number: InstrumentedAttribute[Any], place: Place | None
) -> list[ColumnElement[bool]]:
    if place is None:
        return []
    return [at >= place.at, tuple_(at, number) > (place.at, place.id)]


def _walked(rows: Sequence[Any], limit: int) -> Walk:
    at_end = len(rows) < limit
    place = None if at_end else Place(rows[-1][0], rows[-1][1])
    return Walk([row[1] for row in rows], len(rows), place)
