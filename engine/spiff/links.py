"""Link events: a flow drawn in two pieces, joined here before the library reads the file."""

from collections import defaultdict
from collections.abc import Iterator
from copy import deepcopy

from lxml import etree

from engine.spiff.xml import BPMN, NAMESPACES

_LINK = "bpmn:linkEventDefinition"


def pairs(root: etree._Element) -> list[tuple[str, str]]:
    """Return (id of the throwing, id of the catching event) for each link that has a target.

    A link leads to the one catching event of the same name in the same process or subprocess.
    """
    targets: dict[tuple[etree._Element, str], list[etree._Element]] = defaultdict(list)
    for catch in _events(root, "intermediateCatchEvent"):
        targets[catch.getparent(), link_name(catch)].append(catch)
    found = []
    for throw in _events(root, "intermediateThrowEvent"):
        name = link_name(throw)
        there = targets.get((throw.getparent(), name), [])
        if len(there) == 1 and name:
            found.append((throw.get("id", ""), there[0].get("id", "")))
    return found


def joined(root: etree._Element) -> etree._Element:
    """Return the same diagram with a sequence flow in place of each link.

    `root` stays as it is; without links it is returned itself.
    """
    if not any(True for _ in root.iter(f"{{{BPMN}}}linkEventDefinition")):
        return root
    copy = deepcopy(root)
    flows = pairs(copy)
    by_id = {node.get("id"): node for node in copy.iter(etree.Element)}
    for number, (source, target) in enumerate(flows):
        attributes = {"id": f"link_{number}_{source}", "sourceRef": source, "targetRef": target}
        etree.SubElement(by_id[source].getparent(), f"{{{BPMN}}}sequenceFlow", attributes)
    for catch in list(_events(copy, "intermediateCatchEvent")):
        catch.tag = f"{{{BPMN}}}intermediateThrowEvent"  # an event that throws nothing: pass on
    for definition in list(copy.iter(f"{{{BPMN}}}linkEventDefinition")):
        definition.getparent().remove(definition)
    return copy


def link_name(event: etree._Element) -> str:
    """Return the name that both ends of a link share; empty when it has none."""
    definition = event.find(_LINK, NAMESPACES)
    return str(definition.get("name", "")) if definition is not None else ""


def _events(root: etree._Element, tag: str) -> Iterator[etree._Element]:
    for node in root.iter(f"{{{BPMN}}}{tag}"):
        if node.find(_LINK, NAMESPACES) is not None:
            yield node
