"""Rules on names, places and repetitions: what the database and the engine can bear."""

import re
from collections.abc import Iterator

from lxml import etree

from engine.expressions.errors import ExpressionError
from engine.expressions.language import compile_expression
from engine.linter.diagram import Diagram, Flow
from engine.linter.findings import Finding
from engine.spiff.elements import Element
from engine.spiff.repetition import MAX_REPEATS
from engine.spiff.xml import NAMESPACES

CROSSING = "crossing-flow"
_LONGEST = 100
"""Letters of an id or a name that is stored in a column of its own."""
_ID = re.compile(r"[^\W\d][\w.-]*")
_ACTIVITIES = {
    *("task", "userTask", "manualTask", "serviceTask", "scriptTask", "sendTask", "receiveTask"),
    *("businessRuleTask", "callActivity", "subProcess", "transaction"),
}
_RESERVED_MESSAGES = frozenset(
    {"due", "seen_events", "event_fired", "event_value", "has_fired", "merged", "remaining"}
    | {"current", "cardinality", "key_or_index", "item", "iteration"}
)
"""Names under which a waiting task keeps other things than the message that came."""


def check(diagram: Diagram) -> Iterator[Finding]:
    """Yield every finding on names, places and repetitions."""
    yield from _ids(diagram)
    yield from _names(diagram)
    yield from _places(diagram)
    for node in diagram.all("multiInstanceLoopCharacteristics"):
        yield from _repeated(diagram, node)
    for node in diagram.all("standardLoopCharacteristics"):
        yield from _looped(diagram, node)
    for node in diagram.all("loopCondition", "completionCondition"):
        yield from _expression(diagram, node)


def _ids(diagram: Diagram) -> Iterator[Finding]:
    drawn: list[Element | Flow] = [*diagram.nodes.values(), *diagram.flows]
    for owner in drawn:
        if owner.id and not (len(owner.id) <= _LONGEST and _ID.fullmatch(owner.id)):
            text = f"An id has letters, digits, _ . and -, at most {_LONGEST}: {owner.id[:40]!r}."
            yield diagram.finding(owner, "bad-id", text)
    for node in diagram.nodes.values():
        if node.form_key and len(node.form_key) > _LONGEST:
            text = f"The name of a form has at most {_LONGEST} letters."
            yield diagram.finding(node, "bad-id", text)


def _names(diagram: Diagram) -> Iterator[Finding]:
    for message in diagram.all("message"):
        name = message.get("name", "")
        if len(name) > _LONGEST or name in _RESERVED_MESSAGES:
            text = f"A message may not be called {name[:40]!r}; choose another name, not too long."
            yield diagram.finding(message, "message-name", text)
    for lane in diagram.all("lane"):
        if len(lane.get("name", "")) > _LONGEST:
            text = f"The name of a lane has at most {_LONGEST} letters."
            yield diagram.finding(lane, "lane", text)
        for reference in lane.findall("bpmn:flowNodeRef", NAMESPACES):
            if (reference.text or "").strip() not in diagram.nodes:
                text = f"The lane holds {(reference.text or '')[:40]!r}, which does not exist."
                yield diagram.finding(lane, "lane", text)


def _places(diagram: Diagram) -> Iterator[Finding]:
    for flow in diagram.flows:
        source, target = diagram.nodes.get(flow.source), diagram.nodes.get(flow.target)
        if source is None or target is None:
            continue
        if source.scope != target.scope:
            text = "A flow may not lead into a subprocess or process, or out of one."
            yield diagram.finding(flow, CROSSING, text)
        if target.kind in {"startEvent", "boundaryEvent"}:
            yield diagram.finding(target, "start-entered", "No flow may lead into this event.")
        if source.kind == "endEvent":
            yield diagram.finding(source, "end-left", "No flow may leave an end event.")
    for event in diagram.all("boundaryEvent"):
        yield from _host(diagram, diagram.nodes.get(event.get("id", "")), event)


def _host(diagram: Diagram, event: Element | None, node: etree._Element) -> Iterator[Finding]:
    host = diagram.nodes.get(node.get("attachedToRef", ""))
    if event is None or host is None:
        return
    if host.kind not in _ACTIVITIES or host.scope != event.scope:
        text = "A boundary event belongs on a task, subprocess or call activity beside it."
        yield diagram.finding(event, "boundary-host", text)


def _repeated(diagram: Diagram, node: etree._Element) -> Iterator[Finding]:
    parts = ("loopDataInputRef", "loopCardinality")
    if not any((node.findtext(f"bpmn:{part}", "", NAMESPACES) or "").strip() for part in parts):
        text = "Say which list this step is repeated over: its loopDataInputRef."
        yield diagram.finding(node, "repetition", text)


def _looped(diagram: Diagram, node: etree._Element) -> Iterator[Finding]:
    most = node.get("loopMaximum", "")
    if not (most.isascii() and most.isdigit() and len(most) < len(str(MAX_REPEATS)) + 1):
        most = str(MAX_REPEATS + 1)
    if not 0 < int(most) <= MAX_REPEATS:
        text = f"A loop on a step needs a loopMaximum of at most {MAX_REPEATS}."
        yield diagram.finding(node, "repetition", text)


def _expression(diagram: Diagram, node: etree._Element) -> Iterator[Finding]:
    source = (node.text or "").strip()
    try:
        compile_expression(source)
    except ExpressionError as error:
        yield diagram.finding(node, "expression", f"{source[:80]!r}: {error}")
