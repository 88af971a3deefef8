"""Errors that are thrown and that nothing catches: the command that comes there fails."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from lxml import etree

from engine.linter.diagram import Diagram
from engine.linter.events import declared
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff.xml import NAMESPACES, local_name

_ERROR = "bpmn:errorEventDefinition"


class _At(NamedTuple):
    """An element, and the file it stands in."""

    node: etree._Element
    diagram: Diagram


def check(diagrams: Sequence[Diagram]) -> Iterator[Finding]:
    """Yield a warning at each error end that no event catches, here or where this is called."""
    calls: dict[str, list[_At]] = {}
    for diagram in diagrams:
        for call in diagram.all("callActivity"):
            calls.setdefault(call.get("calledElement", ""), []).append(_At(call, diagram))
    for diagram in diagrams:
        for end in diagram.all("endEvent"):
            definition = end.find(_ERROR, NAMESPACES)
            if definition is None:
                continue
            code = declared(diagram, definition, "error", "errorCode")
            if not _is_caught(_At(end, diagram), code, calls):
                text = Sentence(
                    "Nothing catches the error “{code}”: the step before this end would fail. "
                    "Draw an error event on the border of the subprocess or call it ends, or an "
                    "event subprocess that starts with it.",
                    code=code,
                )
                yield diagram.finding(end, "uncaught-error", text, "warning")


def _is_caught(end: _At, code: str, calls: Mapping[str, Sequence[_At]]) -> bool:
    """Tell whether an error is caught around its end, or around a call of the process it leaves."""
    waiting, seen = [end], set()
    while waiting:
        node, diagram = waiting.pop()
        inner = None
        for scope in (node, *node.iterancestors()):
            catching = [*diagram.borders.get(scope.get("id", ""), ()), *_listening(scope, inner)]
            if any(_takes(event, code, diagram) for event in catching):
                return True
            inner = scope
            if local_name(scope) == "process" and scope.get("id", "") not in seen:
                seen.add(scope.get("id", ""))
                waiting += calls.get(scope.get("id", ""), ())
    return False


def _listening(scope: etree._Element, inner: etree._Element | None) -> Iterator[etree._Element]:
    """Yield the starts of the event subprocesses of a scope, except the one an error leaves."""
    for part in scope.iterfind("bpmn:subProcess[@triggeredByEvent='true']", NAMESPACES):
        if part is not inner:
            yield from part.iterfind("bpmn:startEvent", NAMESPACES)


def _takes(event: etree._Element, code: str, diagram: Diagram) -> bool:
    definition = event.find(_ERROR, NAMESPACES)
    if definition is None:
        return False
    return declared(diagram, definition, "error", "errorCode") in {"", code}
