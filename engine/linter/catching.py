"""Errors that are thrown and that nothing catches: the command that comes there fails."""

from collections.abc import Iterator, Sequence

from lxml import etree

from engine.linter.diagram import Diagram
from engine.linter.events import declared
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff.xml import NAMESPACES, local_name

_ERROR = "bpmn:errorEventDefinition"


def check(diagrams: Sequence[Diagram]) -> Iterator[Finding]:
    """Yield a warning at each error end that no event catches, here or where this is called."""
    around = _Around(diagrams)
    for diagram in diagrams:
        for end in diagram.all("endEvent"):
            definition = end.find(_ERROR, NAMESPACES)
            if definition is None:
                continue
            code = declared(diagram, definition, "error", "errorCode")
            if not around.catches(end, diagram, code):
                text = Sentence(
                    "Nothing catches the error “{code}”: the step before this end would fail. "
                    "Draw an error event on the border of the subprocess or call it ends, or an "
                    "event subprocess that starts with it.",
                    code=code,
                )
                yield diagram.finding(end, "uncaught-error", text, "warning")


class _Around:
    """Which codes are caught around an element, and around the calls of a process; "" is all."""

    def __init__(self, diagrams: Sequence[Diagram]) -> None:
        self._known: dict[etree._Element, frozenset[str]] = {}
        self._caught: dict[str, set[str]] = {}
        """By the process that is called, around all calls of it."""
        self._callers: dict[str, set[str]] = {}
        for diagram in diagrams:
            for call in diagram.all("callActivity"):
                called = call.get("calledElement", "")
                self._caught.setdefault(called, set()).update(self._codes(call, diagram))
                self._callers.setdefault(called, set()).add(_process_of(call))

    def catches(self, end: etree._Element, diagram: Diagram, code: str) -> bool:
        """Tell whether an error is caught around its end, or around a call of its process."""
        wanted = {"", code}
        if wanted & self._codes(end, diagram):
            return True
        waiting, seen = [_process_of(end)], set()
        while waiting:
            process = waiting.pop()
            if process in seen:
                continue
            seen.add(process)
            if wanted & self._caught.get(process, set()):
                return True
            waiting += self._callers.get(process, ())
        return False

    def _codes(self, node: etree._Element, diagram: Diagram) -> frozenset[str]:
        if node not in self._known:
            events = [*diagram.borders.get(node.get("id", ""), ())]
            parent, further = node.getparent(), frozenset[str]()
            if parent is not None:
                events += _listening(parent, node)
                further = self._codes(parent, diagram)
            self._known[node] = further.union(*(_taken(event, diagram) for event in events))
        return self._known[node]


def _process_of(node: etree._Element) -> str:
    around = (scope for scope in node.iterancestors() if local_name(scope) == "process")
    return next((scope.get("id", "") for scope in around), "")


def _listening(scope: etree._Element, inner: etree._Element) -> Iterator[etree._Element]:
    """Yield the starts of the event subprocesses of a scope, except the one an error leaves."""
    for part in scope.iterfind("bpmn:subProcess[@triggeredByEvent='true']", NAMESPACES):
        if part is not inner:
            yield from part.iterfind("bpmn:startEvent", NAMESPACES)


def _taken(event: etree._Element, diagram: Diagram) -> frozenset[str]:
    """Return the code an event catches, "" for all; nothing for an event of another kind."""
    definition = event.find(_ERROR, NAMESPACES)
    if definition is None:
        return frozenset()
    return frozenset({declared(diagram, definition, "error", "errorCode")})
