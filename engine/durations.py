"""How long the steps of a version take: visits of many instances, streamed in bounded memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from engine.history import decode
from engine.models import HistoryEntry, ProcessInstance
from engine.queries import HistoryStep
from engine.visits import Visit, Visits

_PIECE = 500


@dataclass(frozen=True)
class InstanceVisit:
    """A visit with the instance and the version it belongs to."""

    instance_id: UUID
    version_id: int
    visit: Visit


@dataclass
class Duration:
    """What the visits to one element add up to; seconds are of business time."""

    process: str
    element_id: str
    open: int = 0
    """Visits that still last."""
    completed: int = 0
    cancelled: int = 0
    """Interrupted, or ended with their instance."""
    seconds: float = 0.0
    """Of all completed visits together."""
    shortest: float | None = None
    longest: float | None = None

    @property
    def mean(self) -> float | None:
        """Return the mean of the completed visits; None without any."""
        return self.seconds / self.completed if self.completed else None

    def add(self, visit: Visit) -> None:
        """Count one more visit."""
        lasted = visit.seconds
        if lasted is None:
            self.open += 1
        elif visit.completed_at is None:
            self.cancelled += 1
        else:
            self.completed += 1
            self.seconds += lasted
            self.shortest = lasted if self.shortest is None else min(self.shortest, lasted)
            self.longest = lasted if self.longest is None else max(self.longest, lasted)


def visits(
    session: Session,
    version_id: int,
    *,
    process: str | None = None,
    element_id: str | None = None,
    started_from: datetime | None = None,
    started_before: datetime | None = None,
) -> Iterator[InstanceVisit]:
    """Give every visit of the instances that run or ran on a version, instance by instance.

    `process` and `element_id` narrow to a process of the bundle and an element; the period to
    instances started in it. Holds one instance and some hundred rows at a time, so any number
    of instances may be read; the session must stay open meanwhile.
    """
    query = (
        select(
            *(HistoryEntry.instance_id, HistoryEntry.revision, HistoryEntry.at),
            *(HistoryEntry.actor, HistoryEntry.cause, HistoryEntry.steps),
            ProcessInstance.ended_at,
        )
        .join(ProcessInstance, ProcessInstance.id == HistoryEntry.instance_id)
        .where(ProcessInstance.version_id == version_id, *_period(started_from, started_before))
        .order_by(HistoryEntry.instance_id, HistoryEntry.revision)
        .execution_options(yield_per=_PIECE)
    )
    rows = session.execute(query)
    for instance_id, entries in groupby(rows, key=attrgetter("instance_id")):
        for visit in _visits(entries):
            if process in {None, visit.process} and element_id in {None, visit.element_id}:
                yield InstanceVisit(instance_id, version_id, visit)


def durations(
    session: Session,
    version_id: int,
    *,
    started_from: datetime | None = None,
    started_before: datetime | None = None,
) -> list[Duration]:
    """Return what the visits to each element of a version add up to, the longest sum first."""
    found: dict[tuple[str, str], Duration] = {}
    for each in visits(
        session, version_id, started_from=started_from, started_before=started_before
    ):
        place = each.visit.process, each.visit.element_id
        found.setdefault(place, Duration(*place)).add(each.visit)
    return sorted(found.values(), key=lambda item: (-item.seconds, item.process, item.element_id))


def _visits(entries: Iterator[Any]) -> list[Visit]:
    """Return the visits of one instance from its rows of history."""
    followed = Visits()
    entry = None
    for entry in entries:
        for mark in decode(entry.steps)[0]:
            who = entry.at, entry.revision, entry.actor, entry.cause
            followed.follow(HistoryStep(*who, *mark))
    if entry is not None and entry.ended_at is not None:
        followed.end_all(entry.ended_at, entry.actor, entry.cause)
    return followed.all


def _period(begin: datetime | None, end: datetime | None) -> list[ColumnElement[bool]]:
    found = [] if begin is None else [ProcessInstance.started_at >= begin]
    return found if end is None else [*found, ProcessInstance.started_at < end]
