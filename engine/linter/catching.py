"""Errors that are thrown and that nothing catches: the command that comes there fails."""

from collections.abc import Iterable, Iterator, Sequence

from lxml import etree

from engine.linter.diagram import Diagram
from engine.linter.events import declared
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff.xml import NAMESPACES, local_name

_ERROR = "bpmn:errorEventDefinition"


def check(diagrams: Sequence[Diagram]) -> Iterator[Finding]:
    """Yield a warning at each error end that no event catches, here or where this is called."""
    for diagram in diagrams:
        for end in diagram.all("endEvent"):
            definition = end.find(_ERROR, NAMESPACES)
            if definition is None:
                continue
            code = declared(diagram, definition, "error", "errorCode")
            if not _is_caught(end, code, diagram, diagrams, set()):
                text = Sentence(
                    "Nothing catches the error “{code}”: the step before this end would fail. "
                    "Draw an error event on the border of the subprocess or call it ends, or an "
                    "event subprocess that starts with it.",
                    code=code,
                )
                yield diagram.finding(end, "uncaught-error", text, "warning")


def _is_caught(
    node: etree._Element,
    code: str,
    diagram: Diagram,
    diagrams: Iterable[Diagram],
    seen: set[str],
) -> bool:
    """Tell whether an error that comes out of a node is caught around it."""
    scope = node
    while local_name(scope) != "process":
        inner, scope = scope, scope.getparent()
        if any(_takes(start, code, diagram) for start in _listening(scope, inner)):
            return True
        watching = diagram.all("boundaryEvent")
        borders = (event for event in watching if event.get("attachedToRef") == scope.get("id"))
        if any(_takes(event, code, diagram) for event in borders):
            return True
    process = scope.get("id", "")
    if process in seen:
        return False
    seen.add(process)
    return any(_is_caught_at(call, code, other, diagrams, seen)
               for other in diagrams
               for call in other.all("callActivity")
               if call.get("calledElement") == process)  # fmt: skip


def _is_caught_at(
    call: etree._Element,
    code: str,
    diagram: Diagram,
    diagrams: Iterable[Diagram],
    seen: set[str],
) -> bool:
    """Tell whether an error that comes out of a call is caught on its border, or further out."""
    borders = (e for e in diagram.all("boundaryEvent") if e.get("attachedToRef") == call.get("id"))
    return any(_takes(event, code, diagram) for event in borders) or _is_caught(
        call, code, diagram, diagrams, seen
    )


def _listening(scope: etree._Element, inner: etree._Element) -> Iterator[etree._Element]:
    """Yield the starts of the event subprocesses of a scope, except the one an error leaves."""
    for part in scope.iterfind("bpmn:subProcess[@triggeredByEvent='true']", NAMESPACES):
        if part is not inner:
            yield from part.iterfind("bpmn:startEvent", NAMESPACES)


def _takes(event: etree._Element, code: str, diagram: Diagram) -> bool:
    definition = event.find(_ERROR, NAMESPACES)
    if definition is None:
        return False
    return declared(diagram, definition, "error", "errorCode") in {"", code}
