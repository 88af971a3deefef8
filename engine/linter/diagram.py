"""A diagram as the rules see it: nodes, flows and what hangs on them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from lxml import etree

from engine.linter.findings import Finding
from engine.spiff.elements import FLOW_NODES, Element, flow_nodes, scope_of
from engine.spiff.xml import BPMN, NAMESPACES, local_name

_SHOWN = 200
"""Letters of an id a finding keeps: ten thousand findings may stand at one element."""


@dataclass(frozen=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    condition: str | None
    line: int
    scope: str = ""
    """Id of the innermost process or subprocess it is drawn in."""


@dataclass
class Diagram:
    """One `.bpmn` file."""

    file: str
    root: etree._Element
    folder: str = field(init=False)

    def __post_init__(self) -> None:
        self.folder = self.file.split("/", 1)[0] if "/" in self.file else ""

    @cached_property
    def nodes(self) -> dict[str, Element]:
        """Return flow nodes by id."""
        return {node.id: node for node in flow_nodes(self.root, self.file)}

    @cached_property
    def flows(self) -> list[Flow]:
        """Return all sequence flows in document order."""
        return [_flow(node) for node in self.all("sequenceFlow")]

    @cached_property
    def outgoing(self) -> dict[str, list[Flow]]:
        """Return flows by the node they leave."""
        found: dict[str, list[Flow]] = defaultdict(list)
        for flow in self.flows:
            found[flow.source].append(flow)
        return found

    @cached_property
    def incoming(self) -> dict[str, list[Flow]]:
        """Return flows by the node they enter."""
        found: dict[str, list[Flow]] = defaultdict(list)
        for flow in self.flows:
            found[flow.target].append(flow)
        return found

    @cached_property
    def processes(self) -> list[etree._Element]:
        """Return the executable processes."""
        return [node for node in self.all("process") if node.get("isExecutable") != "false"]

    @cached_property
    def by_id(self) -> dict[str, list[etree._Element]]:
        """Return all elements with an id by it, in document order."""
        found: dict[str, list[etree._Element]] = defaultdict(list)
        for node in self.root.iter(etree.Element):
            found[node.get("id", "")].append(node)
        return found

    @cached_property
    def declared(self) -> dict[tuple[str, str], etree._Element]:
        """Return messages, signals, errors, escalations by (kind, id), where the engine looks."""
        kinds = ("message", "signal", "error", "escalation")
        found: dict[tuple[str, str], etree._Element] = {}
        for node in self.root.iterchildren(*(f"{{{BPMN}}}{kind}" for kind in kinds)):
            found.setdefault((local_name(node), node.get("id", "")), node)
        return found

    @cached_property
    def borders(self) -> dict[str, list[etree._Element]]:
        """Return the boundary events by the step that carries them."""
        found: dict[str, list[etree._Element]] = {}
        for event in self.all("boundaryEvent"):
            found.setdefault(event.get("attachedToRef", ""), []).append(event)
        return found

    def all(self, *tags: str) -> Iterator[etree._Element]:
        """Yield every BPMN element with one of these local names."""
        yield from self.root.iter(*(f"{{{BPMN}}}{tag}" for tag in tags))

    def xml_of(self, element: Element) -> etree._Element:
        """Return the XML of a node."""
        return self._drawn[element.id]

    @cached_property
    def _drawn(self) -> dict[str, etree._Element]:
        """Return the XML of the nodes: what is no BPMN may have the same ids."""
        return {node.get("id", ""): node for node in self.all(*FLOW_NODES)}

    def finding(
        self,
        node: Element | Flow | etree._Element | None,
        rule: str,
        text: str,
        severity: Literal["error", "warning"] = "error",
    ) -> Finding:
        """Return a finding at a node, a flow, any XML element, or the file as a whole."""
        if isinstance(node, Element | Flow):
            return Finding(self.file, node.line, node.id[:_SHOWN], rule, text, severity)
        if node is None:
            return Finding(self.file, 0, "", rule, text, severity)
        owner = _with_id(node)
        identifier = owner.get("id", "") if owner is not None else ""
        line = int(node.sourceline or 0)
        return Finding(self.file, line, identifier[:_SHOWN], rule, text, severity)


def _flow(node: etree._Element) -> Flow:
    condition = node.findtext(".//bpmn:conditionExpression", None, NAMESPACES)
    return Flow(
        id=node.get("id", ""),
        source=node.get("sourceRef", ""),
        target=node.get("targetRef", ""),
        condition=condition.strip() if condition is not None else None,
        line=int(node.sourceline or 0),
        scope=scope_of(node),
    )


def _with_id(node: etree._Element) -> etree._Element | None:
    """Return the nearest element with an id that is drawn, going upwards."""
    for candidate in (node, *node.iterancestors()):
        drawn = isinstance(candidate.tag, str) and candidate.tag.startswith(f"{{{BPMN}}}")
        if drawn and candidate.get("id") and not local_name(candidate).endswith("EventDefinition"):
            return candidate
    return None
