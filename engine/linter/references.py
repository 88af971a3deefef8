"""Rules on what one element says of another: every id that is named must exist, and fit."""

from collections.abc import Iterator

from lxml import etree

from engine.linter.diagram import Diagram, Flow
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff.elements import Element
from engine.spiff.xml import BPMN

_DRAWN = {"messageFlow": ("sourceRef", "targetRef"), "association": ("sourceRef", "targetRef")}
"""Lines that only explain; the engine does not follow them."""
_DIAGRAM = "http://www.omg.org/spec/BPMN/20100524/DI"


def check(diagram: Diagram) -> Iterator[Finding]:
    """Yield every finding on references other than those of flows and events."""
    yield from _defaults(diagram)
    yield from _lanes(diagram)
    yield from _scopes(diagram)
    yield from _participants(diagram)
    yield from _lines(diagram)
    yield from _shapes(diagram)


def _defaults(diagram: Diagram) -> Iterator[Finding]:
    leaving = {flow.id: flow.source for flow in diagram.flows}
    for node in diagram.root.iter(f"{{{BPMN}}}*"):
        default = node.get("default")
        if default is not None and leaving.get(default) != node.get("id"):
            text = Sentence("The default flow “{flow}” does not leave this gateway.", flow=default)
            yield diagram.finding(node, "dangling-reference", text)


def _lanes(diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.all("flowNodeRef"):
        wanted = (node.text or "").strip()
        if not wanted or wanted not in diagram.nodes:
            yield _dangling(diagram, node, wanted)
    for lane in diagram.all("lane"):
        if not lane.get("name", "").strip():
            text = Sentence("A lane needs a name: it says which group works here.")
            yield diagram.finding(lane, "lane-name", text, "warning")


def _scopes(diagram: Diagram) -> Iterator[Finding]:
    """Refuse flows that lead into or out of a subprocess; only events pass its border."""
    for flow in diagram.flows:
        source, target = diagram.nodes.get(flow.source), diagram.nodes.get(flow.target)
        if source is None or target is None:
            continue  # the rules on flows say so
        if source.scope != target.scope:
            text = Sentence("A flow may not cross the border of a process or subprocess.")
            yield diagram.finding(flow, "crossing-flow", text)
        elif flow.scope != source.scope:
            text = Sentence(
                "A flow stands in the process or subprocess of the steps it connects; this one "
                "would not be followed."
            )
            yield diagram.finding(flow, "crossing-flow", text)
        if target.kind in {"startEvent", "boundaryEvent"}:
            text = Sentence("No flow may lead to a start event or a boundary event.")
            yield diagram.finding(flow, "crossing-flow", text)
        if source.kind == "endEvent":
            text = Sentence("No flow may leave an end event.")
            yield diagram.finding(flow, "crossing-flow", text)


def _participants(diagram: Diagram) -> Iterator[Finding]:
    known = {node.get("id") for node in diagram.all("process")}
    for node in diagram.all("participant"):
        wanted = node.get("processRef")
        if wanted is not None and wanted not in known:
            yield _dangling(diagram, node, wanted)


def _lines(diagram: Diagram) -> Iterator[Finding]:
    for tag, attributes in _DRAWN.items():
        for node in diagram.all(tag):
            for wanted in (node.get(attribute, "") for attribute in attributes):
                if not wanted or wanted not in diagram.by_id:
                    yield _dangling(diagram, node, wanted, drawn=True)


def _shapes(diagram: Diagram) -> Iterator[Finding]:
    """Warn of shapes without an element and of what nobody can see, when anything is drawn."""
    shown: set[str] = set()
    for node in diagram.root.iter(f"{{{_DIAGRAM}}}BPMNShape", f"{{{_DIAGRAM}}}BPMNEdge"):
        wanted = node.get("bpmnElement", "").rpartition(":")[2]
        shown.add(wanted)
        if not wanted or wanted not in diagram.by_id:
            text = Sentence("The drawing shows “{id}”, which does not exist.", id=wanted)
            yield Finding(diagram.file, int(node.sourceline or 0), "", "drawing", text, "warning")
    if shown:
        for element in diagram.nodes.values():
            if element.id and element.id not in shown:
                text = Sentence("This step has no shape in the drawing: nobody can see it.")
                yield diagram.finding(element, "drawing", text, "warning")
    drawn: list[Element | Flow] = [*diagram.nodes.values(), *diagram.flows]
    for part in drawn:
        if part.id in shown and not part.id.isascii():
            text = Sentence(
                "No drawing shows this: its id “{id}” has other letters than a to z; rename it.",
                id=part.id,
            )
            yield diagram.finding(part, "drawing", text, "warning")


def _dangling(
    diagram: Diagram, node: etree._Element, wanted: str, *, drawn: bool = False
) -> Finding:
    text = Sentence("This names “{id}”, which does not exist.", id=wanted)
    return diagram.finding(node, "dangling-reference", text, "warning" if drawn else "error")
