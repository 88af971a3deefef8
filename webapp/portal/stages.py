"""How far a request is, in plain words: the stages of its diagram, never the diagram.

The way ahead is the one the designer draws as the usual one: default flows, and the timer that
keeps a promise. What stands behind the case is what that way passes before.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from flask_babel import gettext
from lxml import etree
from sqlalchemy.orm import Session

from engine import queries
from engine.definitions import Definition
from processes.cases.models import Case, CaseStatus
from processes.cases.progress import by_language
from webapp.context import app
from webapp.i18n import label

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_PROPERTY = "{http://spiffworkflow.org/bpmn/schema/1.0/core}property"
_NO_NODES = frozenset({"sequenceFlow", "laneSet", "documentation", "extensionElements"})
_WAITS = frozenset({"userTask", "eventBasedGateway", "receiveTask", "intermediateCatchEvent"})
_LONGEST_WAY = 200

Place = tuple[str, str]
"""A process and an element in it."""


@dataclass(frozen=True)
class Stage:
    """A stop on the way of a request; `state` is done, now or later."""

    words: str
    state: str
    at: datetime | None = None
    by: str = ""
    until: datetime | None = None
    waits: bool = False
    """For the customer's word."""


@dataclass(frozen=True)
class Stop:
    """A wait state that a designer has given a milestone."""

    key: str
    status: str
    names: Mapping[str, str]


@dataclass
class Node:
    """An element as far as the way through it matters."""

    kind: str
    properties: dict[str, str]
    calls: str = ""
    default: str = ""
    ways: dict[str, str] = field(default_factory=dict)
    """Target by flow."""

    @property
    def stop(self) -> Stop | None:
        """Return the stage the case is in while it waits here."""
        key, status = self.properties.get("milestone"), self.properties.get("status")
        if not key or not status or self.kind not in _WAITS:
            return None
        return Stop(key, status, by_language(self.properties, "milestone"))


class Chart:
    """The usual ways through a process and those it calls."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._nodes: dict[Place, Node] = {}
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
        for name, raw in files.items():
            if name.endswith(".bpmn"):
                for process in etree.fromstring(raw, parser).iter(f"{_BPMN}process"):
                    self._add(process)

    def whole(self, process: str) -> list[Stop]:
        """Return the stops of a whole way, from the start of a process to its end."""
        start = self._start(process)
        return _distinct(self._walk(start, ())) if start else []

    def ahead(self, root: str, here: Place) -> list[Stop]:
        """Return the stops after an element, up to the end of the process it all began with."""
        return _distinct(self._walk(here, self._callers(root, here[0])))

    def _walk(self, here: Place, callers: tuple[Place, ...]) -> Iterator[Stop]:
        seen: set[Place] = {here}
        while len(seen) < _LONGEST_WAY:
            found = self._next(here)
            if found is None and not callers:
                return
            if found is None:
                here, callers = callers[-1], callers[:-1]
                continue
            here = self._inside(found)
            callers = (*callers, found) if here != found else callers
            if here in seen:
                return
            seen.add(here)
            stop = self._nodes[here].stop
            if stop is not None:
                yield stop

    def _inside(self, place: Place) -> Place:
        """Return the start of the process an element calls, or the element itself."""
        return self._start(self._nodes[place].calls) or place

    def _start(self, process: str) -> Place | None:
        found = (p for p, n in self._nodes.items() if p[0] == process and n.kind == "startEvent")
        return next(found, None)

    def _next(self, place: Place) -> Place | None:
        node = self._nodes.get(place)
        if node is None:
            return None
        targets = [(place[0], target) for target in node.ways.values()]
        if node.default in node.ways:
            return (place[0], node.ways[node.default])
        if node.kind == "eventBasedGateway":
            kept = (t for t in targets if "promise" in self._nodes[t].properties)
            return next(kept, targets[0] if targets else None)
        if node.kind == "parallelGateway" and len(targets) > 1:
            return max(targets, key=self._length)
        return targets[0] if targets else None

    def _length(self, place: Place) -> int:
        """Return how many stops lie behind one branch of a fork."""
        return len(list(self._walk(place, ())))

    def _callers(self, root: str, process: str) -> tuple[Place, ...]:
        """Return the call activities that lead from the root to a process, outermost first."""
        chain: list[Place] = []
        while process != root and len(chain) < _LONGEST_WAY:
            caller = next((p for p, n in self._nodes.items() if n.calls == process), None)
            if caller is None:
                break
            chain.insert(0, caller)
            process = caller[0]
        return tuple(chain)

    def _add(self, process: etree._Element) -> None:
        key = process.get("id", "")
        elements = [e for e in process if isinstance(e.tag, str)]
        for element in elements:
            kind = etree.QName(element).localname
            if kind not in _NO_NODES:
                found = {p.get("name", ""): p.get("value", "") for p in element.iter(_PROPERTY)}
                self._nodes[key, element.get("id", "")] = Node(
                    kind, found, element.get("calledElement", ""), element.get("default", "")
                )
        for flow in process.iter(f"{_BPMN}sequenceFlow"):
            source = self._nodes.get((key, flow.get("sourceRef", "")))
            if source is not None and (key, flow.get("targetRef", "")) in self._nodes:
                source.ways[flow.get("id", "")] = flow.get("targetRef", "")


def stages(session: Session, case: Case) -> list[Stage]:
    """Return the stages of a case: what is behind it, where it is, what lies ahead."""
    chart = _chart_of(session, case)
    whole = [s for s in chart.whole(case.process) if s.status != CaseStatus.UNCLASSIFIED]
    if case.is_closed:
        return _of_closed(case, whole)
    step: Mapping[str, Any] = case.step or {}
    if case.status is CaseStatus.UNCLASSIFIED:
        received = Stage(gettext("Received"), "now", at=case.created_at)
        return [received, *_later(whole)]
    ahead = chart.ahead(case.process, (step.get("process", ""), step.get("element_id", "")))
    later = [s for s in ahead if s.key != case.milestone and s.status != CaseStatus.UNCLASSIFIED]
    keys = {case.milestone, *(stop.key for stop in later)}
    first = next((i for i, stop in enumerate(whole) if stop.key in keys), len(whole))
    passed = [stop for stop in whole[:first] if stop.status != CaseStatus.WAITING_CUSTOMER]
    received = Stage(gettext("Received"), "done", at=case.created_at)
    return [received, *_passed(case, passed), *_present(case, step, later)]


def _present(case: Case, step: Mapping[str, Any], later: list[Stop]) -> list[Stage]:
    """Return where the case is and what lies ahead.

    While we only wait for the customer's word, the case is where it will go on.
    """
    words = label(step.get("milestone")) or gettext("In progress")
    if case.status is not CaseStatus.WAITING_CUSTOMER:
        return [Stage(words, "now", by=_handler(case)), *_later(later)]
    if case.promised_close_at is not None:
        return [Stage(words, "now", until=case.promised_close_at), *_later(later)]
    if later:
        words = label(later[0].names)
    return [Stage(words, "now", waits=True), *_later(later[1:])]


def _of_closed(case: Case, whole: list[Stop]) -> list[Stage]:
    """Return what a closed case went through."""
    worked = [stop for stop in whole if stop.status == CaseStatus.IN_PROGRESS]
    kept = worked if case.promised_close_at else worked[:1]
    received = Stage(gettext("Received"), "done", at=case.created_at)
    return [received, *_passed(case, kept), Stage(gettext("Done"), "done", at=case.closed_at)]


def _passed(case: Case, stops: list[Stop]) -> list[Stage]:
    """Return stages that are over, the answer with its time."""
    answer = case.applied_solution
    last = next((s for s in reversed(stops) if s.status == CaseStatus.IN_PROGRESS), None)
    return [
        Stage(label(stop.names), "done", at=answer.at)
        if answer is not None and stop is last
        else Stage(label(stop.names), "done", by=_handler(case))
        for stop in stops
    ]


def _later(stops: list[Stop]) -> list[Stage]:
    ahead = [Stage(label(stop.names), "later") for stop in stops]
    return [*ahead, Stage(gettext("Done"), "later")]


def _handler(case: Case) -> str:
    return case.assignee.name.split()[0] if case.assignee else ""


def _distinct(stops: Iterator[Stop]) -> list[Stop]:
    return list({stop.key: stop for stop in stops}.values())


def _chart_of(session: Session, case: Case) -> Chart:
    """Return the chart of the version the case runs on."""
    row = queries.instance(session, case.instance_id) if case.instance_id else None
    if row is None:
        return Chart({})
    found: Definition = app().engine.definitions.get(session, row.version_id)
    return _chart(frozenset(found.files.items()))


@lru_cache(maxsize=64)
def _chart(files: frozenset[tuple[str, bytes]]) -> Chart:
    return Chart(dict(files))
