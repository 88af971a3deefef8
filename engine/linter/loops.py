"""Loops that only seem to wait: around a call or a subprocess in which nothing waits."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.linter import graph
from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff.elements import Element

_HOLLOW = frozenset({"callActivity", "subProcess", "transaction"})
"""Steps that wait only if something inside them does."""

Unit = tuple[str, str]
"""A process `(id, id)`, or a subprocess `(process, id)`."""


@dataclass(frozen=True)
class _Graph:
    """The steps of one diagram and which may follow, by flows, links and boundary events."""

    diagram: Diagram
    follows: dict[str, set[str]]

    @classmethod
    def of(cls, diagram: Diagram) -> "_Graph":
        return cls(diagram, graph.connections(diagram)[0])

    def inside(self, node: Element) -> Unit:
        """Return what a call activity or subprocess runs."""
        if node.kind == "callActivity":
            called = self.diagram.xml_of(node).get("calledElement", "")
            return called, called
        return self.diagram.folder, node.id

    def open(self, passing: set[Unit]) -> set[str]:
        """Return the steps an instance goes through without waiting."""
        return {
            node.id
            for node in self.diagram.nodes.values()
            if (
                self.inside(node) in passing
                if node.kind in _HOLLOW
                else not graph.waits(self.diagram, node)
            )
        }

    def reached(self, first: Iterable[str], allowed: set[str]) -> set[str]:
        """Return the allowed steps that follow these, themselves included when allowed."""
        seen: set[str] = set()
        waiting = list(first)
        while waiting:
            step = waiting.pop()
            if step in allowed and step not in seen:
                seen.add(step)
                waiting += self.follows[step]
        return seen


def check(diagrams: Iterable[Diagram]) -> Iterator[Finding]:
    """Yield an error for each call or subprocess in a loop that nothing holds up.

    Loops of plain automatic steps are found by `graph`; the diagrams have passed its rules.
    """
    drawn = [_Graph.of(diagram) for diagram in diagrams]
    passing = _passing(drawn)
    for each in drawn:
        allowed = each.open(passing)
        for node in each.diagram.nodes.values():
            if node.kind not in _HOLLOW or node.id not in allowed:
                continue
            if node.id in each.reached(each.follows[node.id], allowed):
                text = Sentence("This loop contains no step that waits: it would never stop.")
                yield each.diagram.finding(node, "endless-loop", text)


def _passing(drawn: list[_Graph]) -> set[Unit]:
    """Return the processes and subprocesses that can come to their end without waiting."""
    passing: set[Unit] = set()
    while True:
        found = {unit for each in drawn for unit in _units(each, passing)}
        if found == passing:
            return passing
        passing = found


def _units(drawn: _Graph, passing: set[Unit]) -> Iterator[Unit]:
    allowed = drawn.open(passing)
    nodes = drawn.diagram.nodes.values()
    for scope in {node.scope for node in nodes}:
        within = {node.id for node in nodes if node.scope == scope} & allowed
        starts = [node.id for node in nodes if node.scope == scope and node.kind == "startEvent"]
        for step in drawn.reached(starts, within):
            if not drawn.follows[step]:
                yield drawn.diagram.folder, scope
                break
