"""Where a case stands: on its diagram, and as a list of what was, is and will be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext

from engine.definitions import Definition
from engine.queries import HistoryStep
from engine.spiff.elements import Element
from engine.trace import Trace
from engine.visits import Visit
from processes.cases.models import Case, CaseStatus
from webapp import elements
from webapp.desk import outlook
from webapp.i18n import relative

_SHOWN_DONE = 7
"""Further back the conversation tells more than a list of steps."""
_WAITS = frozenset({"userTask", "eventBasedGateway", "intermediateCatchEvent", "receiveTask"})
_STATUS = "status"


@dataclass(frozen=True)
class Stage:
    """A line of the list of activities."""

    state: str
    """done, now or later."""
    name: str
    at: datetime | None = None
    """When it was done, or will be at the latest."""
    since: datetime | None = None
    """When it began."""
    by: str = ""
    """Who did it or has it; empty for the process itself and for nobody."""
    automatic: bool = False
    """It needs nobody."""


@dataclass(frozen=True)
class Strip:
    """The piece of a diagram around the token."""

    version_id: int
    process: str
    state: dict[str, Any]
    words: str
    """What is to be seen, for those who do not see it."""


@dataclass(frozen=True)
class Way:
    """Where a case came from, stands, and goes to."""

    process_name: str
    strip: Strip
    stages: list[Stage] = field(default_factory=list)
    earlier: int = 0
    """How many steps were done before those listed."""


@dataclass(frozen=True)
class Holders:
    """Who has the waiting steps, as the diagram says it, and what people are called."""

    labels: Mapping[tuple[str, str], str]
    """By place: the word on its token."""
    names: Mapping[str, str]
    """By actor."""


def way(definition: Definition, case: Case, steps: Sequence[HistoryStep], holders: Holders) -> Way:
    """Return the way of the case's present instance."""
    trace = Trace(definition, steps)
    waiting = [] if case.step is None else [v for v in trace.visits if v.ended_at is None]
    done = _done(definition, trace, holders)
    stages = (
        done[-_SHOWN_DONE:] + _now(definition, case, waiting, holders) + _later(definition, case)
    )
    process_name = elements.process_name(definition)
    strip = _strip(definition, case, trace, waiting, holders)
    return Way(process_name, strip, stages, max(0, len(done) - _SHOWN_DONE))


def _done(definition: Definition, trace: Trace, holders: Holders) -> list[Stage]:
    return [
        Stage(
            "done",
            elements.name_of(element),
            at=visit.completed_at,
            since=visit.entered_at,
            by=holders.names.get(visit.actor, "") if element.kind == "userTask" else "",
        )
        for visit in trace.visits
        if visit.completed_at is not None
        for element in _told(definition, visit)
    ]


def _now(definition: Definition, case: Case, waiting: list[Visit], holders: Holders) -> list[Stage]:
    return [
        Stage(
            "now",
            elements.name_of(element),
            at=case.next_due_at if element.kind != "userTask" else None,
            since=visit.entered_at,
            by=holders.labels.get((visit.process, visit.element_id), "") or _customer(case),
        )
        for visit in waiting
        for element in _told(definition, visit)
    ]


def _customer(case: Case) -> str:
    """Return whom the case waits for if it is not one of us."""
    return gettext("Customer") if case.status is CaseStatus.WAITING_CUSTOMER else ""


def _later(definition: Definition, case: Case) -> list[Stage]:
    if case.step is None:
        return []
    place = case.step["process"], case.step["element_id"]
    ahead = outlook.usual_way(definition, *place)
    ends = case.next_due_at if outlook.promised(definition, *place) else None
    stages = [
        Stage("later", elements.name_of(element), automatic=element.kind != "userTask")
        for element in ahead
        if element.kind in _WAITS or element.kind == "endEvent"
    ]
    if stages and ends is not None and not _waits_again(definition, place):
        stages[0] = Stage("later", stages[0].name, at=ends, automatic=True)
    return stages


def _waits_again(definition: Definition, place: tuple[str, str]) -> bool:
    """Return whether a person has to do something when the promised time is over."""
    following = next(iter(outlook.usual_way(definition, *place)), None)
    return following is not None and following.kind in _WAITS


def _told(definition: Definition, visit: Visit) -> list[Element]:
    """Return the element of a visit if the list of activities names it."""
    element = definition.by_id.get((visit.process, visit.element_id))
    if element is None or element.kind not in _WAITS or _STATUS not in element.properties:
        return []
    return [element]


def _strip(
    definition: Definition, case: Case, trace: Trace, waiting: list[Visit], holders: Holders
) -> Strip:
    process = case.step["process"] if case.step else definition.process
    path = trace.path(process, [visit.element_id for visit in waiting])
    state: dict[str, Any] = {
        "done": path.done,
        "now": [
            {"id": place, "label": holders.labels.get((process, place), "")}
            for place in sorted(path.now, key=lambda place: place != _own_place(case))
        ],
        "later": outlook.lines(definition, process).unlikely(path.done, path.now),
        "timers": _timers(definition, case, process),
    }
    return Strip(definition.version_id, process, state, _words(definition, process, path.now))


def _own_place(case: Case) -> str:
    """Return the element the case itself waits at; other tokens stand beside it."""
    return str(case.step["element_id"]) if case.step else ""


def _timers(definition: Definition, case: Case, process: str) -> list[dict[str, str]]:
    if case.step is None or case.next_due_at is None or case.step["process"] != process:
        return []
    timer = outlook.promised(definition, process, case.step["element_id"])
    return [] if timer is None else [{"id": timer.id, "label": relative(case.next_due_at)}]


def _words(definition: Definition, process: str, now: list[str]) -> str:
    name = elements.process_name(definition, process)
    if not now:
        return gettext("Diagram of the process %(process)s: it has ended.", process=name)
    places = ", ".join(elements.step_name(definition, place, process) for place in now)
    return gettext(
        "Diagram of the process %(process)s; it is now at: %(places)s.",
        process=name,
        places=places,
    )
