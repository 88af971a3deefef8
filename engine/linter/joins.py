"""Parallel gateways that wait for a flow that does not come: the token game, played before anybody.

Every choice is taken to be free, whatever its condition says. Tokens that choose nothing move
first, so that only choices make positions; steps, calls and subprocesses are one move each.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

from engine.linter import events, graph
from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff import links
from engine.spiff.elements import Element

_MOST_POSITIONS = 2_000
"""Positions that are looked at in one process or subprocess; beyond them nothing is said."""
_MOST_MOVED = 500_000
"""Tokens that are set down while positions are made; beyond them nothing is said."""
_MOST_ON_A_FLOW = 3
"""Tokens on one flow that are told apart: a loop around a fork makes ever more of them."""
_MOST_TRIED = 4
"""Flows behind an inclusive gateway of which every selection is tried."""
_JOINS = frozenset({"parallelGateway", "inclusiveGateway"})
_ENDS_ALL = frozenset({"terminate", "error", "cancel"})
"""Kinds of end events that take away the other tokens."""

Way = tuple[str, str]
"""A flow, or a jump from link to link: id, and the node it leads to."""
Position = tuple[Way, ...]
"""Where the tokens are, in order."""


class _TooManyError(Exception):
    """The diagram has more positions than are looked at."""


def check(diagram: Diagram) -> Iterator[Finding]:
    """Yield a finding on each parallel gateway that never passes, or not always."""
    scopes = {
        node.scope
        for node in diagram.nodes.values()
        if node.kind == "parallelGateway" and len(diagram.incoming.get(node.id, [])) > 1
    }
    for scope in sorted(scopes):
        game = _Game(diagram, scope)
        try:
            game.play()
        except _TooManyError:
            continue
        for node in sorted(game.stuck):
            yield _finding(diagram, diagram.nodes[node], passed=node in game.passed)


def _finding(diagram: Diagram, node: Element, *, passed: bool) -> Finding:
    if passed:
        text = Sentence(
            "This gateway waits for every flow that enters it, and one of them is not always "
            "taken: the case may wait here for ever. Lead every way here, or join them with an "
            "inclusive gateway."
        )
        return diagram.finding(node, "deadlock", text, "warning")
    text = Sentence(
        "This gateway waits for every flow that enters it, and they are never all taken: the case "
        "would wait here for ever. Join ways of which only one is taken with an exclusive gateway."
    )
    return diagram.finding(node, "deadlock", text)


@dataclass
class _Game:
    """All positions the tokens of one process or subprocess can come to."""

    diagram: Diagram
    scope: str
    stuck: set[str] = field(default_factory=set)
    """Parallel gateways at which tokens stay when nothing moves any more."""
    passed: set[str] = field(default_factory=set)
    """Parallel gateways that had all their tokens at some time."""

    def play(self) -> None:
        """Look at every position. Raises _TooManyError."""
        waiting = [
            tuple(sorted(self._leaving(node.id)))
            for node in self.diagram.nodes.values()
            if node.scope == self.scope and node.kind == "startEvent"
        ]
        seen: set[Position] = set()
        moved = 0
        while waiting:
            position = waiting.pop()
            if position in seen:
                continue
            seen.add(position)
            if len(seen) > _MOST_POSITIONS:
                raise _TooManyError
            for made in self._moved(position):
                moved += len(made)
                if moved > _MOST_MOVED:
                    raise _TooManyError
                waiting.append(made)

    def _moved(self, position: Position) -> Iterator[Position]:
        """Yield what one move makes of a position; notes who is stuck when there is none."""
        ending: list[Way] = []
        for way in position:
            node = self.diagram.nodes[way[1]]
            if self._ends_all(node):
                ending.append(way)
            elif not self._joins(node):
                for made in self._outcomes(node):
                    yield _changed(position, [way], made)
                return
        passing = self._parallel(position) or self._inclusive(position)
        yield from passing
        if not passing and not ending:  # what ends all takes the tokens that are stuck as well
            self.stuck |= {
                way[1] for way in position if self.diagram.nodes[way[1]].kind == "parallelGateway"
            }

    def _joins(self, node: Element) -> bool:
        return node.kind in _JOINS and len(self.diagram.incoming.get(node.id, [])) > 1

    def _ends_all(self, node: Element) -> bool:
        kinds = events.kinds(self.diagram.xml_of(node)) if node.kind == "endEvent" else []
        return bool(_ENDS_ALL & set(kinds))

    def _arrived(self, position: Position, kind: str) -> list[str]:
        """Return the joins of a kind at which tokens are."""
        nodes = dict.fromkeys(way[1] for way in position)
        return [node for node in nodes if self.diagram.nodes[node].kind == kind]

    def _parallel(self, position: Position) -> list[Position]:
        """Let a parallel gateway pass that has a token on every flow."""
        there = set(position)
        for node in self._arrived(position, "parallelGateway"):
            entering = {(flow.id, node) for flow in self.diagram.incoming[node]}
            if entering <= there:
                self.passed.add(node)
                return [_changed(position, entering, self._leaving(node))]
        return []

    def _inclusive(self, position: Position) -> list[Position]:
        """Let an inclusive gateway pass that no other token can reach; else any of them."""
        waiting = self._arrived(position, "inclusiveGateway")
        free = [
            node
            for node in waiting
            if not any(node in self._behind[way[1]] for way in position if way[1] != node)
        ]
        for node in free or waiting:
            taken = [way for way in dict.fromkeys(position) if way[1] == node]
            outcomes = self._outcomes(self.diagram.nodes[node])
            return [_changed(position, taken, made) for made in outcomes]
        return []

    def _outcomes(self, node: Element) -> Iterator[list[Way]]:
        """Yield which ways tokens may take from a node, for each outcome it can have."""
        leaving = self._leaving(node.id)
        if node.kind in {"exclusiveGateway", "eventBasedGateway"}:
            yield from ([way] for way in leaving)
        elif node.kind == "inclusiveGateway":
            default = self.diagram.xml_of(node).get("default", "")
            yield from _selections(leaving, default)
        else:
            yield leaving
            for event in self.diagram.borders.get(node.id, ()):
                beside = self._leaving(event.get("id", ""))
                interrupts = event.get("cancelActivity", "true") != "false"
                yield beside if interrupts else [*leaving, *beside]

    def _leaving(self, node: str) -> list[Way]:
        flows = [(flow.id, flow.target) for flow in self.diagram.outgoing.get(node, [])]
        return flows + [(f"{node}>", target) for target in self._jumps.get(node, ())]

    @cached_property
    def _jumps(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for source, target in links.pairs(self.diagram.root):
            found.setdefault(source, []).append(target)
        return found

    @cached_property
    def _behind(self) -> dict[str, set[str]]:
        """Return what can be reached from each node."""
        follows = graph.connections(self.diagram)[0]
        return {node: graph.reached({node}, follows) for node in self.diagram.nodes}


def _selections(ways: list[Way], default: str) -> Iterator[list[Way]]:
    """Yield the selections of its flows an inclusive gateway may make; the default goes alone."""
    yield from ([way] for way in ways)
    chosen = [way for way in ways if way[0] != default]
    if len(chosen) <= _MOST_TRIED:
        for count in range(2, len(chosen)):
            yield from (list(several) for several in combinations(chosen, count))
    if len(chosen) > 1:
        yield chosen


def _changed(position: Position, taken: Iterable[Way], made: list[Way]) -> Position:
    """Return a position without some tokens and with others."""
    left = list(position)
    for way in taken:
        left.remove(way)
    left += [way for way in made if left.count(way) < _MOST_ON_A_FLOW]
    return tuple(sorted(left))
