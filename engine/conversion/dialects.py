"""Which tool a diagram comes from, seen by its namespaces."""

from dataclasses import dataclass
from typing import Final, Literal

from lxml import etree

from engine.conversion.expressions import Language
from engine.spiff.xml import SPIFF

CAMUNDA: Final = "http://camunda.org/schema/1.0/bpmn"
ZEEBE: Final = "http://camunda.org/schema/zeebe/1.0"
MODELER: Final = "http://camunda.org/schema/modeler/1.0"
FLOWABLE: Final = "http://flowable.org/bpmn"
ACTIVITI: Final = "http://activiti.org/bpmn"
_COUSINS: Final = (FLOWABLE, ACTIVITI)
"""Offspring of the same engine: the same words under another namespace."""

Tool = Literal["camunda7", "camunda8", "flowable", "activiti", "plain"]


@dataclass(frozen=True)
class Dialect:
    """A tool and the language its expressions are written in."""

    tool: Tool
    language: Language


def dialect_of(root: etree._Element) -> Dialect | None:
    """Return the dialect of a diagram; None for one that is in ours already."""
    used, declared = _namespaces(root)
    if SPIFF in used or (SPIFF in declared and not used & {CAMUNDA, ZEEBE, *_COUSINS}):
        return None
    if ZEEBE in used or _platform(root).startswith("Camunda Cloud"):
        return Dialect("camunda8", "feel")
    if FLOWABLE in used:
        return Dialect("flowable", "juel")
    if ACTIVITI in used:
        return Dialect("activiti", "juel")
    if CAMUNDA in used or _platform(root).startswith("Camunda Platform"):
        return Dialect("camunda7", "juel")
    return Dialect("plain", "drawn")


def unify(root: etree._Element) -> None:
    """Write what Flowable and Activiti share with Camunda 7 in the namespace of Camunda 7."""
    for node in root.iter(etree.Element):
        for cousin in _COUSINS:
            mark = f"{{{cousin}}}"
            if node.tag.startswith(mark):
                node.tag = f"{{{CAMUNDA}}}{node.tag.removeprefix(mark)}"
            for name in [name for name in node.attrib if name.startswith(mark)]:
                node.set(f"{{{CAMUNDA}}}{name.removeprefix(mark)}", node.attrib.pop(name))


def _namespaces(root: etree._Element) -> tuple[set[str], set[str]]:
    used: set[str] = set()
    for node in root.iter(etree.Element):
        for name in (node.tag, *node.attrib):
            if name.startswith("{"):
                used.add(name[1:].partition("}")[0])
    return used, set(root.nsmap.values())


def _platform(root: etree._Element) -> str:
    return str(root.get(f"{{{MODELER}}}executionPlatform", ""))
