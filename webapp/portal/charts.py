"""The usual ways through a diagram: default flows, and the timers that keep a promise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree

from processes.cases.status import by_language

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_PROPERTY = "{http://spiffworkflow.org/bpmn/schema/1.0/core}property"
_NO_NODES = frozenset({"sequenceFlow", "laneSet", "documentation", "extensionElements"})
_WAITS = frozenset({"userTask", "eventBasedGateway", "receiveTask", "intermediateCatchEvent"})
_LONGEST_WAY = 200

Place = tuple[str, str]
"""A process and an element in it."""


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
            return max(targets, key=self._reach)
        return targets[0] if targets else None

    def _reach(self, place: Place) -> int:
        """Return how many stops can be reached by one branch of a fork, its own included."""
        found: set[Place] = set()
        open_places = [place]
        while open_places:
            here = open_places.pop()
            if here in self._nodes and here not in found:
                found.add(here)
                open_places += [(here[0], target) for target in self._nodes[here].ways.values()]
                open_places.append(self._inside(here))
        return sum(self._nodes[each].stop is not None for each in found)

    def _callers(self, root: str, process: str) -> tuple[Place, ...]:
        """Return the call activities that lead from the root to a process, outermost first."""
        chain: list[Place] = []
        while process and process != root and len(chain) < _LONGEST_WAY:
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


@lru_cache(maxsize=64)
def chart_of(files: frozenset[tuple[str, bytes]]) -> Chart:
    """Return the chart of a deployed bundle, read once."""
    return Chart(dict(files))


def _distinct(stops: Iterator[Stop]) -> list[Stop]:
    return list({stop.key: stop for stop in stops}.values())
