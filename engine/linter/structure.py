"""Rules on what may stand in a file at all."""

from collections import Counter
from collections.abc import Iterator

from lxml import etree

from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.spiff.xml import BPMN, NAMESPACES

MAX_NODES = 400
"""Flow nodes a process may have."""
MAX_PARTS = 2_000
"""Flow nodes, and flows, a file may have: more would take minutes to follow."""
TOO_LARGE = "too-large"

_REFUSED: dict[str, str] = {
    "complexGateway": "Complex gateways are not supported; use exclusive or parallel ones.",
    "adHocSubProcess": "Ad-hoc subprocesses are not supported; draw the order of the steps.",
    "linkEventDefinition": "Link events are not supported; draw the flow through.",
    "compensateEventDefinition": "Compensation is not supported; draw the way back as steps.",
    "conditionalEventDefinition": "Conditional events are not supported; use a message.",
    "timeCycle": "Repeating timers are not supported; draw a timer in a loop.",
    "loopCardinality": "Repeating so many times is not supported; repeat over a list.",
    "import": "A diagram may not import other files; use a call activity.",
    "dataObjectReference": "Data objects are not supported; operations store what matters.",
}


def check(diagram: Diagram) -> Iterator[Finding]:
    """Yield every finding on the file's contents, without following its flows."""
    yield from _processes(diagram)
    yield from _ids(diagram)
    for tag, text in _REFUSED.items():
        for node in diagram.all(tag):
            yield diagram.finding(node, "not-supported", text)
    yield from _events(diagram)


def _processes(diagram: Diagram) -> Iterator[Finding]:
    found = diagram.processes
    if len(found) != 1:
        text = f"A file holds exactly one executable process; this one has {len(found)}."
        yield diagram.finding(None, "one-process", text)
    for process in found:
        identifier = process.get("id", "")
        if diagram.folder != identifier:
            text = f"The process id {identifier!r} must be the name of its folder."
            yield diagram.finding(process, "process-id", text)
    counts = Counter(node.process for node in diagram.nodes.values())
    for process in diagram.all("process"):  # also one that is not run is followed
        count = counts[process.get("id", "")]
        if count > MAX_NODES:
            text = f"The process has {count} nodes; at most {MAX_NODES} are allowed."
            yield diagram.finding(process, TOO_LARGE, text)
    count = max(len(diagram.nodes), len(diagram.flows))
    if count > MAX_PARTS:
        text = f"The file has {count} nodes or flows; at most {MAX_PARTS} of each are allowed."
        yield diagram.finding(None, TOO_LARGE, text)


def _ids(diagram: Diagram) -> Iterator[Finding]:
    counted = Counter(node.get("id") for node in diagram.root.iter(f"{{{BPMN}}}*"))
    for identifier, count in counted.items():
        if identifier and count > 1:
            node = diagram.by_id[identifier][-1]
            text = f"The id {identifier!r} is used {count} times; ids must be unique."
            yield diagram.finding(node, "duplicate-id", text)
    for node in diagram.nodes.values():
        if not node.id:
            yield diagram.finding(node, "missing-id", "This element has no id.")


def _events(diagram: Diagram) -> Iterator[Finding]:
    """Refuse events that the engine would accept and silently ignore."""
    for node in diagram.all("endEvent", "intermediateThrowEvent"):
        if node.find("bpmn:signalEventDefinition", NAMESPACES) is not None:
            text = "Throwing signals is not supported; use a message."
            yield diagram.finding(node, "not-supported", text)
    for node in diagram.all("boundaryEvent"):
        quiet = node.get("cancelActivity") == "false"
        if quiet and node.find("bpmn:messageEventDefinition", NAMESPACES) is not None:
            text = "A non-interrupting message boundary event fires only once."
            yield diagram.finding(node, "fires-once", text, "warning")
    for node in diagram.all("subProcess"):
        if node.get("triggeredByEvent") == "true":
            yield from _event_subprocess(diagram, node)


def _event_subprocess(diagram: Diagram, node: etree._Element) -> Iterator[Finding]:
    start = node.find("bpmn:startEvent", NAMESPACES)
    message = start is not None and (
        start.find("bpmn:messageEventDefinition", NAMESPACES) is not None
    )
    if not message or start.get("isInterrupting", "true") != "false":
        text = "Event subprocesses may only be started by a message, without interrupting."
        yield diagram.finding(start if start is not None else None, "not-supported", text)
