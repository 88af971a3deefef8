"""What a diagram says about each element beyond control flow: names, lanes, properties."""

from dataclasses import dataclass, field

from lxml import etree

from engine.spiff.xml import BPMN, NAMESPACES, local_name

_CONTAINERS = {"process", "subProcess", "transaction", "adHocSubProcess"}
FLOW_NODES = {
    *("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent"),
    *("boundaryEvent", "task", "userTask", "manualTask", "serviceTask", "scriptTask"),
    *("sendTask", "receiveTask", "businessRuleTask", "callActivity", "subProcess"),
    *("transaction", "adHocSubProcess", "exclusiveGateway", "inclusiveGateway"),
    *("parallelGateway", "eventBasedGateway", "complexGateway"),
}
"""Local names of the tags that flows lead to and from."""

ACTIVITIES = {
    *("task", "userTask", "manualTask", "serviceTask", "scriptTask", "sendTask", "receiveTask"),
    *("businessRuleTask", "callActivity", "subProcess", "transaction"),
}
"""Local names of the steps: what can carry an event, and be repeated."""


@dataclass(frozen=True)
class Element:
    """One flow node as drawn."""

    id: str
    process: str
    """Id of the process it is drawn in, also when nested in a subprocess."""
    scope: str
    """Id of the innermost process or subprocess."""
    kind: str
    """Local name of the tag, as in `userTask`."""
    name: str
    lane: str | None
    documentation: str
    line: int
    file: str
    properties: dict[str, str] = field(default_factory=dict)

    @property
    def form_key(self) -> str | None:
        """Name of the form of a user task, without folder and suffix."""
        return self.properties.get("formKey")


def flow_nodes(root: etree._Element, file: str) -> list[Element]:
    """Return every flow node of every process in the file, in document order."""
    lanes = _lanes(root)
    return [
        _element(node, file, lanes)
        for node in root.iter(f"{{{BPMN}}}*")
        if local_name(node) in FLOW_NODES
    ]


def scope_of(node: etree._Element) -> str:
    """Return the id of the innermost process or subprocess around a node."""
    around = (each for each in node.iterancestors() if local_name(each) in _CONTAINERS)
    return next((each.get("id", "") for each in around), "")


def properties(node: etree._Element) -> dict[str, str]:
    """Return the `spiffworkflow:property` values of a node."""
    found = node.findall("bpmn:extensionElements/spiff:properties/spiff:property", NAMESPACES)
    return {item.get("name", ""): item.get("value", "") for item in found}


def _element(node: etree._Element, file: str, lanes: dict[str, str]) -> Element:
    identifier = node.get("id", "")
    scopes = [parent for parent in node.iterancestors() if local_name(parent) in _CONTAINERS]
    return Element(
        id=identifier,
        process=scopes[-1].get("id", "") if scopes else "",
        scope=scopes[0].get("id", "") if scopes else "",
        kind=local_name(node),
        name=" ".join(node.get("name", "").split()) or identifier,
        lane=next((lanes[i] for i in _with_ancestors(node) if i in lanes), None),
        documentation=(node.findtext("bpmn:documentation", "", NAMESPACES) or "").strip(),
        line=int(node.sourceline or 0),
        file=file,
        properties=properties(node),
    )


def _lanes(root: etree._Element) -> dict[str, str]:
    """Return the innermost lane's name for each node id that a lane mentions."""
    found: dict[str, str] = {}
    for lane in root.iter(f"{{{BPMN}}}lane"):
        for reference in lane.findall("bpmn:flowNodeRef", NAMESPACES):
            found[(reference.text or "").strip()] = lane.get("name", "")
    return found


def _with_ancestors(node: etree._Element) -> list[str]:
    return [node.get("id", ""), *(parent.get("id", "") for parent in node.iterancestors())]
