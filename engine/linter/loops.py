"""Loops that only seem to wait: around a call or a subprocess in which nothing waits."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff.elements import Element
from engine.spiff.xml import NAMESPACES

_WAITS = frozenset({"userTask", "manualTask", "task", "receiveTask"}) | {
    "eventBasedGateway",
    "intermediateCatchEvent",
}
_HOLLOW = frozenset({"callActivity", "subProcess", "transaction"})
"""Steps that wait only if something inside them does."""

Unit = tuple[str, str]
"""A process `(id, id)`, or a subprocess `(process, id)`."""


@dataclass(frozen=True)
class _Graph:
    """The steps of one diagram and which may follow at once, boundary errors included."""

    diagram: Diagram
    follows: dict[str, list[str]]

    @classmethod
    def of(cls, diagram: Diagram) -> "_Graph":
        follows: dict[str, list[str]] = {node: [] for node in diagram.nodes}
        for flow in diagram.flows:
            follows.setdefault(flow.source, []).append(flow.target)
        for node in diagram.all("boundaryEvent"):
            if node.find("bpmn:errorEventDefinition", NAMESPACES) is not None:
                follows.setdefault(node.get("attachedToRef", ""), []).append(node.get("id", ""))
        return cls(diagram, follows)

    def inside(self, node: Element) -> Unit:
        """Return what a call activity or subprocess runs."""
        if node.kind == "callActivity":
            called = self.diagram.xml_of(node).get("calledElement", "")
            return called, called
        return self.diagram.folder, node.id

    def open(self, passing: set[Unit]) -> set[str]:
        """Return the steps a case goes through without waiting."""
        return {
            node.id
            for node in self.diagram.nodes.values()
            if (node.kind not in _HOLLOW or self.inside(node) in passing)
            and node.kind not in _WAITS
            and not (node.kind == "serviceTask" and node.properties.get("async") == "true")
        }

    def reached(self, first: Iterable[str], allowed: set[str]) -> set[str]:
        """Return the allowed steps that follow these, themselves included when allowed."""
        seen: set[str] = set()
        waiting = list(first)
        while waiting:
            step = waiting.pop()
            if step in allowed and step not in seen:
                seen.add(step)
                waiting += self.follows.get(step, ())
        return seen


def check(diagrams: Iterable[Diagram]) -> Iterator[Finding]:
    """Yield an error for each call or subprocess in a loop that nothing holds up.

    Loops of plain automatic steps are found by `graph`; the diagrams have passed its rules.
    """
    graphs = [_Graph.of(diagram) for diagram in diagrams]
    passing = _passing(graphs)
    for graph in graphs:
        allowed = graph.open(passing)
        for node in graph.diagram.nodes.values():
            if node.kind not in _HOLLOW or node.id not in allowed:
                continue
            if node.id in graph.reached(graph.follows.get(node.id, ()), allowed):
                text = Sentence("This loop contains no step that waits: it would never stop.")
                yield graph.diagram.finding(node, "endless-loop", text)


def _passing(graphs: list[_Graph]) -> set[Unit]:
    """Return the processes and subprocesses that can come to their end without waiting."""
    passing: set[Unit] = set()
    while True:
        found = {unit for graph in graphs for unit in _units(graph, passing)}
        if found == passing:
            return passing
        passing = found


def _units(graph: _Graph, passing: set[Unit]) -> Iterator[Unit]:
    allowed = graph.open(passing)
    nodes = graph.diagram.nodes.values()
    for scope in {node.scope for node in nodes}:
        within = {node.id for node in nodes if node.scope == scope} & allowed
        starts = [node.id for node in nodes if node.scope == scope and node.kind == "startEvent"]
        for step in graph.reached(starts, within):
            if not graph.follows.get(step):
                yield graph.diagram.folder, scope
                break
