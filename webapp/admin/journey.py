"""The way of one instance as its page draws and lists it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from flask_babel import ngettext
from sqlalchemy.orm import Session

from engine import queries
from engine.definitions import Definition
from engine.queries import InstanceRow
from engine.trace import Trace
from engine.visits import Visit
from webapp import elements
from webapp.i18n import now, relative

SHOWN = 200
_WHOLE = 100.0


@dataclass(frozen=True)
class Line:
    """One line of the history: a visit to an element, or a timer that is still to come."""

    name: str
    process: str
    """Name of the called process it happened in; empty in the instance's own."""
    state: str
    """done, now, bad, timer or left."""
    at: datetime
    """When it was reached; for a timer when it is due."""
    lasted: timedelta | None
    """None for what took no time, and for a timer."""
    start: float
    length: float
    """Both in per cent of the whole time of the instance."""


@dataclass(frozen=True)
class Place:
    """One of the processes an instance runs through, as the switch above the diagram shows it."""

    process: str
    name: str
    tokens: int
    caller: tuple[str, str] | None
    """The process and the call activity in it that leads there."""


class Journey:
    """Everything the page of an instance shows of its way."""

    def __init__(self, session: Session, definition: Definition, row: InstanceRow) -> None:
        self.definition, self.row = definition, row
        self.steps = queries.history(session, [row.id])
        self.trace = Trace(definition, self.steps)
        self.jobs = queries.jobs_of(session, row.id)
        self.incidents = queries.incidents_of(session, row.id)

    @cached_property
    def places(self) -> list[Place]:
        """Return the instance's own process and all it calls."""
        return [self._place(process) for process in self.trace.processes()]

    def name(self, element_id: str | None) -> str:
        """Return the name of the element with this id, wherever in the bundle it is drawn."""
        return elements.step_name(self.definition, element_id) if element_id else ""

    def state(self, process: str) -> dict[str, Any]:
        """Return what the diagram of a process shows."""
        path = self.trace.path(process, self.row.waiting_at)
        broken = self._broken()
        since = self._since(process)
        return {
            "done": [item for item in path.done if item not in broken],
            "now": [
                {"id": item, "label": relative(since[item]) if item in since else ""}
                for item in path.now
                if item not in broken
            ],
            "bad": [
                {"id": item, "label": _incidents(number)}
                for item, number in broken.items()
                if (process, item) in self.definition.by_id
            ],
            "timers": [
                {"id": job.element_id, "label": relative(job.due_at)}
                for job in self._timers()
                if (process, job.element_id) in self.definition.by_id
            ],
        }

    def words(self, process: str) -> str:
        """Return in a sentence what the diagram of a process shows."""
        names = [self.name(item) for item in self.trace.path(process, self.row.waiting_at).now]
        title = elements.process_name(self.definition, process)
        return f"{title}: {', '.join(names)}" if names else title

    def lines(self) -> list[Line]:
        """Return the latest visits in order, then the timers that are still to come."""
        lines = [self._line(visit) for visit in self._told[-SHOWN:]]
        return lines + [self._timer_line(job) for job in self._timers()]

    @property
    def hidden(self) -> int:
        """Return how many older visits the list leaves out."""
        return max(0, len(self._told) - SHOWN)

    @cached_property
    def _told(self) -> list[Visit]:
        """Return the visits worth telling: not those to gateways without a name."""
        return [visit for visit in self.trace.visits if self._is_told(visit)]

    def _is_told(self, visit: Visit) -> bool:
        element = self.definition.by_id.get((visit.process, visit.element_id))
        return element is None or elements.is_named(element) or "Gateway" not in element.kind

    def _since(self, process: str) -> dict[str, datetime]:
        """Return when each token came: to an element, or into the process a call activity calls."""
        found = {visit.element_id: visit.entered_at for visit in self._waiting(process)}
        for place in self.places:
            inside = self._waiting(place.process)
            if inside and place.caller and place.caller[0] == process:
                found[place.caller[1]] = min(visit.entered_at for visit in inside)
        return found

    def _waiting(self, process: str) -> list[Visit]:
        found = self.trace.waiting(self.row.waiting_at)
        return [visit for visit in found if visit.process == process]

    def _broken(self) -> dict[str, int]:
        """Return the number of open incidents by element."""
        found: dict[str, int] = {}
        for item in self.incidents:
            if item.resolved_at is None and item.element_id:
                found[item.element_id] = found.get(item.element_id, 0) + 1
        return found

    def _timers(self) -> list[Any]:
        return [job for job in self.jobs if job.kind == "timer" and job.state == "ready"]

    def _place(self, process: str) -> Place:
        caller = next(
            (
                (element.process, element.id)
                for element in self.definition.by_id.values()
                if self.trace.called(element.process, element.id) == process
            ),
            None,
        )
        name = elements.process_name(self.definition, process)
        return Place(process, name, len(self._waiting(process)), caller)

    def _line(self, visit: Visit) -> Line:
        ended = visit.ended_at or (self.row.ended_at or now())
        lasted = ended - visit.entered_at
        start, length = self._share(visit.entered_at, ended)
        state = self._state_of(visit)
        return Line(
            name=elements.step_name(self.definition, visit.element_id, visit.process),
            process=self._called(visit.process),
            state=state,
            at=visit.entered_at,
            lasted=lasted if lasted and state != "left" else None,
            start=start,
            length=length,
        )

    def _timer_line(self, job: Any) -> Line:
        element = next((e for e in self.definition.by_id.values() if e.id == job.element_id), None)
        return Line(
            name=self.name(job.element_id),
            process=self._called(element.process if element else self.row.process),
            state="timer",
            at=job.due_at,
            lasted=None,
            start=0.0,
            length=0.0,
        )

    def _state_of(self, visit: Visit) -> str:
        if visit.completed_at is not None:
            return "done"
        if visit.element_id in self._broken():
            return "bad"
        lasts = self.row.status == "running" and visit.ended_at is None
        waits = visit.element_id in self.row.waiting_at or self._is_call(visit)
        return "now" if lasts and waits else "left"

    def _is_call(self, visit: Visit) -> bool:
        return self.trace.called(visit.process, visit.element_id) is not None

    def _called(self, process: str) -> str:
        if process == self.row.process:
            return ""
        return elements.process_name(self.definition, process)

    def _share(self, start: datetime, end: datetime) -> tuple[float, float]:
        whole = ((self.row.ended_at or now()) - self.row.started_at).total_seconds() or 1.0
        before = (start - self.row.started_at).total_seconds()
        return before / whole * _WHOLE, (end - start).total_seconds() / whole * _WHOLE


def _incidents(number: int) -> str:
    return ngettext("%(num)s incident", "%(num)s incidents", number)
