"""What usually comes next: the way of a diagram, followed without running anything."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from engine.definitions import Definition
from engine.spiff.elements import Element
from engine.spiff.xml import BPMN, read

_CHOICES = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})
_PROMISE = "promise"
_CLOSES = "close"


@dataclass(frozen=True)
class Lines:
    """The sequence flows of one diagram."""

    outgoing: Mapping[str, tuple[tuple[str, str], ...]]
    """By source: (flow id, target)."""
    defaults: Mapping[str, str]
    """The default flow of each gateway that has one."""
    calls: Mapping[str, str]
    """By call activity: the process it calls."""

    def targets(self, element_id: str) -> list[str]:
        """Return what the flows of an element lead to."""
        return [target for _, target in self.outgoing.get(element_id, ())]

    def reachable(self, places: Iterable[str]) -> set[str]:
        """Return everything that some way leads to from these places."""
        found: set[str] = set()
        waiting = [target for place in places for target in self.targets(place)]
        while waiting:
            place = waiting.pop()
            if place not in found:
                found.add(place)
                waiting += self.targets(place)
        return found

    def unlikely(self, done: Iterable[str], now: Iterable[str]) -> list[str]:
        """Return the elements and flows that were not passed and cannot be reached any more."""
        passed, here = set(done), set(now)
        ahead = self.reachable(here)
        places = {place for pairs in self.outgoing.values() for _, place in pairs}
        gone = (places | set(self.outgoing)) - passed - here - ahead
        flows = [
            flow
            for source, pairs in self.outgoing.items()
            for flow, target in pairs
            if flow not in passed and (source not in here | ahead or target in gone)
        ]
        return [*sorted(gone), *flows]


def lines(definition: Definition, process: str) -> Lines:
    """Return the sequence flows of one process of a bundle."""
    raw = definition.files.get(f"{process}/{process}.bpmn")
    return _lines(raw) if raw is not None else Lines({}, {}, {})


def usual_way(definition: Definition, process: str, element_id: str) -> Iterator[Element]:
    """Yield what waits or ends behind an element if every gateway takes its default flow.

    Only elements that say what the case's status is then; called processes are entered.
    """
    seen: set[tuple[str, str]] = {(process, element_id)}
    yield from _follow(definition, process, _next(definition, process, element_id), seen)
    caller = _caller(definition, process)
    while caller is not None:
        process, element_id = caller
        yield from _follow(definition, process, _next(definition, process, element_id), seen)
        caller = _caller(definition, process)


def promised(definition: Definition, process: str, gateway: str) -> Element | None:
    """Return the timer behind an event gateway whose date is told to somebody."""
    targets = lines(definition, process).targets(gateway)
    timers = [definition.by_id.get((process, target)) for target in targets]
    told = [timer for timer in timers if timer is not None and _PROMISE in timer.properties]
    return min(told, key=lambda timer: timer.properties[_PROMISE] != _CLOSES, default=None)


def _follow(
    definition: Definition, process: str, places: list[str], seen: set[tuple[str, str]]
) -> Iterator[Element]:
    waiting = list(reversed(places))
    while waiting:
        place = waiting.pop()
        element = definition.by_id.get((process, place))
        if element is None or (process, place) in seen:
            continue
        seen.add((process, place))
        if "status" in element.properties:
            yield element
        called = lines(definition, process).calls.get(place)
        if called is not None:
            yield from _follow(definition, called, _starts(definition, called), seen)
        waiting += reversed(_next(definition, process, place))


def _next(definition: Definition, process: str, place: str) -> list[str]:
    """Return where the usual way goes on from a place."""
    drawn, element = lines(definition, process), definition.by_id.get((process, place))
    kind = element.kind if element is not None else ""
    if kind == "eventBasedGateway":
        timer = promised(definition, process, place)
        return [timer.id] if timer is not None else drawn.targets(place)[:1]
    if kind in _CHOICES:
        default = drawn.defaults.get(place)
        chosen = [target for flow, target in drawn.outgoing.get(place, ()) if flow == default]
        return chosen or drawn.targets(place)[:1]
    return drawn.targets(place)


def _starts(definition: Definition, process: str) -> list[str]:
    return [
        element.id
        for (name, _), element in definition.by_id.items()
        if name == process and element.scope == process and element.kind == "startEvent"
    ]


def _caller(definition: Definition, process: str) -> tuple[str, str] | None:
    """Return who calls a process of the bundle; None for the bundle's own."""
    if process == definition.process:
        return None
    for name in {element_process for element_process, _ in definition.by_id}:
        for element_id, called in lines(definition, name).calls.items():
            if called == process:
                return name, element_id
    return None


@lru_cache(maxsize=256)
def _lines(raw: bytes) -> Lines:
    root = read(raw)
    outgoing: dict[str, tuple[tuple[str, str], ...]] = {}
    for flow in root.iter(f"{{{BPMN}}}sequenceFlow"):
        source = flow.get("sourceRef", "")
        line = (flow.get("id", ""), flow.get("targetRef", ""))
        outgoing[source] = (*outgoing.get(source, ()), line)
    defaults = {
        node.get("id", ""): node.get("default", "") for node in root.iter() if node.get("default")
    }
    calls = {
        node.get("id", ""): node.get("calledElement", "")
        for node in root.iter(f"{{{BPMN}}}callActivity")
    }
    return Lines(outgoing, defaults, calls)
