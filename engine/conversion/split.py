"""One file for each process: pools with steps get a file of their own, the others stay empty."""

from copy import deepcopy

from lxml import etree

from engine.conversion.events import named_message
from engine.conversion.markup import bpmn, child, children, drop, every, kind, safe, words
from engine.conversion.work import Work
from engine.spiff.elements import FLOW_NODES
from engine.spiff.xml import BPMN

_THROWS = {"sendTask", "intermediateThrowEvent", "endEvent"}
_CATCHES = {"receiveTask", "intermediateCatchEvent", "startEvent", "boundaryEvent"}


def processes(root: etree._Element) -> list[etree._Element]:
    """Return the processes of a file in which anything is drawn."""
    return [node for node in children(root, "process") if _has_nodes(node)]


def alone(root: etree._Element, process: etree._Element) -> tuple[etree._Element, etree._Element]:
    """Return a copy of the file in which one process has steps, and that process."""
    copy = deepcopy(root)
    kept = every(copy, "process")[every(root, "process").index(process)]  # ids may stand twice
    gone: dict[str, str] = {}
    for node in every(copy, "process"):
        if node is kept:
            continue
        pool = _pool_of(copy, node.get("id", ""))
        for inner in node.iter(etree.Element):
            if inner.get("id"):
                gone[inner.get("id", "")] = pool
        drop(node)
    _empty_pools(copy, gone)
    _undraw(copy, set(gone))
    return copy, kept


def pools_noted(work: Work) -> None:
    """Note which other pools and message flows of the drawing are only looked at here."""
    for pool in every(work.root, "participant"):
        if not pool.get("processRef") and pool.get("_was"):
            del pool.attrib["_was"]
            work.notes.add(pool, "process.pool", pool=words(pool))


def share_messages(work: Work) -> None:
    """Give both ends of a message flow between steps the same message, when one has none."""
    for flow in every(work.root, "messageFlow"):
        source = work.ids.get(flow.get("sourceRef", ""))
        target = work.ids.get(flow.get("targetRef", ""))
        if source is None or target is None:
            continue
        if kind(source) not in _THROWS or kind(target) not in _CATCHES:
            continue
        ends = [_holder(source), _holder(target)]
        known = next(
            (
                end.get("messageRef")
                for end in reversed(ends)
                if end is not None and end.get("messageRef")
            ),
            None,
        )
        if known is None:
            name = safe(flow.get("name") or words(target), "message")
            known = str(named_message(work, name).get("id"))
        for end in ends:
            if end is not None and not end.get("messageRef"):
                end.set("messageRef", known)


def _holder(node: etree._Element) -> etree._Element | None:
    """Return what names the message of a step: its definition, made for events without one."""
    if kind(node) in {"sendTask", "receiveTask"}:
        return node
    found = child(node, "messageEventDefinition")
    if found is None and not any(kind(part).endswith("EventDefinition") for part in node):
        return etree.SubElement(node, bpmn("messageEventDefinition"))
    return found


def _has_nodes(process: etree._Element) -> bool:
    return any(kind(node) in FLOW_NODES for node in process.iter(f"{{{BPMN}}}*"))


def _pool_of(root: etree._Element, process_id: str) -> str:
    for pool in every(root, "participant"):
        if pool.get("processRef") == process_id:
            del pool.attrib["processRef"]
            pool.set("_was", process_id)
            return str(pool.get("id", ""))
    return ""


def _empty_pools(root: etree._Element, gone: dict[str, str]) -> None:
    """Let message flows end at the edge of a pool whose steps are gone."""
    for flow in every(root, "messageFlow"):
        for end in ("sourceRef", "targetRef"):
            reference = flow.get(end, "")
            if reference in gone:
                flow.set(end, gone[reference])
        if (
            not flow.get("sourceRef")
            or not flow.get("targetRef")
            or flow.get("sourceRef") == flow.get("targetRef")
        ):
            gone[flow.get("id", "")] = ""
            drop(flow)


def _undraw(root: etree._Element, gone: set[str]) -> None:
    for node in list(root.iter("{http://www.omg.org/spec/BPMN/20100524/DI}BPMNShape",
                               "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNEdge")):  # fmt: skip
        if node.get("bpmnElement") in gone:
            drop(node)
