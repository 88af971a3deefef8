"""Rules on events: which kind may stand where, and what each must say.

What the engine does with those that may is told in docs/elements.md.
"""

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff import links
from engine.spiff.elements import properties
from engine.spiff.xml import NAMESPACES, local_name

_SUFFIX = "EventDefinition"
_ALLOWED: dict[str, tuple[str, ...]] = {
    "boundaryEvent": ("message", "signal", "timer", "error", "escalation", "cancel"),
    "intermediateCatchEvent": ("message", "signal", "timer", "link"),
    "intermediateThrowEvent": ("", "message", "signal", "escalation", "link"),
    "endEvent": ("", "message", "signal", "error", "escalation", "cancel", "terminate"),
}
_PLACES = {
    "boundaryEvent": Sentence("A boundary event"),
    "intermediateCatchEvent": Sentence("An intermediate catching event"),
    "intermediateThrowEvent": Sentence("An intermediate throwing event"),
    "endEvent": Sentence("An end event"),
    "process": Sentence("The start event of a process"),
    "subProcess": Sentence("The start event of a subprocess"),
    "event subprocess": Sentence("The start event of an event subprocess"),
}
_STARTS: dict[str, tuple[str, ...]] = {
    "process": ("", "message"),
    "subProcess": ("",),
    "event subprocess": ("message", "signal", "timer", "error", "escalation"),
}
_CODES = {"error": "errorCode", "escalation": "escalationCode"}
_UNCODED = {
    "error": Sentence("This event needs an error with a code."),
    "escalation": Sentence("This event needs an escalation with a code."),
}
_UNSUPPORTED = {"compensate", "conditional"}
"""Refused wherever they stand, by the rules on whole elements."""


def check(diagram: Diagram) -> Iterator[Finding]:
    """Yield every finding on events."""
    for node in diagram.all(*_ALLOWED):
        yield from _allowed(diagram, node, local_name(node), _ALLOWED[local_name(node)])
    for scope in diagram.all("process", "subProcess", "transaction"):
        yield from _starts(diagram, scope)
    for node in diagram.all("messageEventDefinition", "receiveTask", "sendTask"):
        if not declared(diagram, node, "message", "name"):
            text = Sentence("This event needs a message with a name.")
            yield diagram.finding(node, "no-message", text)
    for definition in diagram.all("signalEventDefinition"):
        if not declared(diagram, definition, "signal", "name"):
            text = Sentence("This event needs a signal with a name.")
            yield diagram.finding(definition, "no-signal", text)
    for kind, attribute in _CODES.items():
        yield from _codes(diagram, kind, attribute)
    yield from _interruptions(diagram)
    yield from _cancellations(diagram)
    yield from _repetitions(diagram)
    yield from _links(diagram)
    yield from _correlation_keys(diagram)


def kinds(node: etree._Element) -> list[str]:
    """Return what an event is triggered by or throws, as in `message`; empty for a plain one."""
    names = (local_name(child) for child in node)
    return [name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)]


def _allowed(
    diagram: Diagram, node: etree._Element, place: str, allowed: tuple[str, ...]
) -> Iterator[Finding]:
    found = kinds(node)
    if len(found) > 1:
        text = Sentence("An event may have one trigger only; draw one event for each.")
        yield diagram.finding(node, "not-supported", text)
    for kind in found or [""]:
        if kind not in allowed and kind not in _UNSUPPORTED:
            known = ", ".join(item or "none" for item in allowed)
            text = Sentence(
                "{place} cannot be of the kind {kind}; use {known}.",
                place=_PLACES[place],
                kind=kind or "none",
                known=known,
            )
            yield diagram.finding(node, "not-supported", text)


def _starts(diagram: Diagram, scope: etree._Element) -> Iterator[Finding]:
    place = "process" if local_name(scope) == "process" else "subProcess"
    if scope.get("triggeredByEvent") == "true":
        place = "event subprocess"
    starts = scope.findall("bpmn:startEvent", NAMESPACES)
    for start in starts:
        yield from _allowed(diagram, start, place, _STARTS[place])
    if place != "process" and len(starts) != 1:
        text = Sentence(
            "A subprocess needs exactly one start event; this one has {count}.", count=len(starts)
        )
        yield diagram.finding(scope, "start-event", text)
    if place == "process":
        yield from _several_starts(diagram, starts)
        if not starts and scope.get("isExecutable") != "false":
            text = Sentence("A process needs a start event: draw one, and a flow from it.")
            yield diagram.finding(scope, "start-event", text)
    elif scope.find("bpmn:endEvent", NAMESPACES) is None:
        text = Sentence("A subprocess needs an end event: draw one, and a flow to it.")
        yield diagram.finding(scope, "no-end-event", text)
    if place == "event subprocess":
        yield from _apart(diagram, scope)


def _apart(diagram: Diagram, scope: etree._Element) -> Iterator[Finding]:
    """An event subprocess stands beside the flow and is started by its event alone."""
    identifier = scope.get("id", "")
    flows = identifier in diagram.incoming or identifier in diagram.outgoing
    watched = identifier in diagram.borders
    repeated = any(local_name(child).endswith("LoopCharacteristics") for child in scope)
    if flows or watched or repeated:
        text = Sentence(
            "Only its start event leads into an event subprocess: it has no flows, no boundary "
            "events and is not repeated."
        )
        yield diagram.finding(scope, "event-subprocess", text)


def _several_starts(diagram: Diagram, starts: list[etree._Element]) -> Iterator[Finding]:
    """Refuse two starts that nothing tells apart."""
    names = [_message_of(diagram, start) for start in starts]
    counted = Counter(names)
    for start, name in zip(starts, names, strict=True):
        if counted[name] > 1:
            text = Sentence(
                "Several start events are plain, or wait for the same message; keep one of them."
            )
            yield diagram.finding(start, "start-event", text)


def _message_of(diagram: Diagram, start: etree._Element) -> str:
    definition = start.find("bpmn:messageEventDefinition", NAMESPACES)
    return declared(diagram, definition, "message", "name") if definition is not None else ""


def declared(diagram: Diagram, definition: etree._Element, kind: str, attribute: str) -> str:
    """Return the name or code of what a definition refers to; empty when there is none."""
    wanted = definition.get(f"{kind}Ref", "")
    found = diagram.declared.get((kind, wanted)) if wanted else None
    return str(found.get(attribute, "")) if found is not None else ""


def _codes(diagram: Diagram, kind: str, attribute: str) -> Iterator[Finding]:
    """An event that throws needs a code; one that catches may leave it out and catch all."""
    for definition in diagram.all(f"{kind}{_SUFFIX}"):
        throws = local_name(definition.getparent()) in {"endEvent", "intermediateThrowEvent"}
        refers = definition.get(f"{kind}Ref") is not None
        if (throws or refers) and not declared(diagram, definition, kind, attribute):
            text = _UNCODED[kind]
            yield diagram.finding(
                definition, "no-error" if kind == "error" else "no-escalation", text
            )


def _interruptions(diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.all("boundaryEvent", "startEvent"):
        attribute = "cancelActivity" if local_name(node) == "boundaryEvent" else "isInterrupting"
        always = {"error", "cancel"} & set(kinds(node))
        if always and node.get(attribute, "true") == "false":
            text = Sentence(
                "An event of the kind {kind} always interrupts; draw it that way.",
                kind=always.pop(),
            )
            yield diagram.finding(node, "not-supported", text)


def _cancellations(diagram: Diagram) -> Iterator[Finding]:
    for definition in diagram.all("cancelEventDefinition"):
        event = definition.getparent()
        place: etree._Element | None = event.getparent()
        if local_name(event) == "boundaryEvent":
            place = next(iter(diagram.by_id.get(event.get("attachedToRef", ""), [])), None)
        if place is None or local_name(place) != "transaction":
            text = Sentence(
                "A cancel event belongs to a transaction: at its end, or on its border."
            )
            yield diagram.finding(event, "transaction", text)


def _repetitions(diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.all("timeCycle"):
        event = node.getparent().getparent()
        quiet = "false" in (event.get("cancelActivity"), event.get("isInterrupting"))
        if not quiet:
            text = Sentence(
                "A timer may repeat only on a boundary event, or the start of an event "
                "subprocess, that does not interrupt; elsewhere draw a loop."
            )
            yield diagram.finding(node, "timer", text)


def _links(diagram: Diagram) -> Iterator[Finding]:
    pairs = links.pairs(diagram.root)
    joined = {end for pair in pairs for end in pair}
    for definition in diagram.all("linkEventDefinition"):
        event = definition.getparent()
        if event.get("id", "") not in joined:
            name = links.link_name(event)
            text = Sentence(
                "The link “{name}” needs throwing events and exactly one catching event of that "
                "name in the same process or subprocess.",
                name=name,
            )
            yield diagram.finding(event, "link", text)


def _correlation_keys(diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.all(*_ALLOWED, "startEvent"):
        if "correlation_key" in properties(node) and "message" not in kinds(node):
            text = Sentence(
                "A correlation_key works only on elements that send or wait for a message."
            )
            yield diagram.finding(node, "correlation-key", text)
