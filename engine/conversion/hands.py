"""Steps that code did and a person does now."""

from dataclasses import dataclass
from typing import Final

from lxml import etree

from engine.conversion import forms, mappings
from engine.conversion.dialects import CAMUNDA, ZEEBE
from engine.conversion.markup import drop, extension, safe
from engine.conversion.work import Work

_CODE: Final = ("class", "delegateExpression", "expression", "topic", "type")


@dataclass(frozen=True)
class Code:
    """What a step called: what people read, and the name that may be an operation's."""

    shown: str
    name: str
    expression: str = ""


def take_code(node: etree._Element) -> Code | None:
    """Return what a step calls, and take it out of the file; None when nothing is said."""
    found = {
        name: node.attrib.pop(f"{{{CAMUNDA}}}{name}")
        for name in _CODE
        if f"{{{CAMUNDA}}}{name}" in node.attrib
    }
    for entry in list(extension(node, CAMUNDA, "connector")):
        identifier = entry.findtext(f"{{{CAMUNDA}}}connectorId", "")
        found["connector"] = identifier.strip()
        drop(entry)
    for entry in list(extension(node, ZEEBE, "taskDefinition")):
        found["topic"] = entry.get("type", "")
        drop(entry)
    for attribute in ("modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon"):
        for namespace in (ZEEBE, CAMUNDA):
            node.attrib.pop(f"{{{namespace}}}{attribute}", None)
    if found.get("type") == "external":
        del found["type"]
    if not found:
        return None
    name = next((found[key] for key in ("topic", "connector", *_CODE) if found.get(key)), "")
    return Code(name or "external code", name, found.get("expression", ""))


def by_hand(work: Work, node: etree._Element) -> None:
    """Make a step one that a person does and confirms; what it set is asked."""
    draft = work.as_person(node)
    done = {"type": "checkbox", "key": "done_by_hand", "validate": {"required": True}}
    draft.components.append(done | forms.translated("label", forms.BY_HAND))
    result = take_result(node)
    outputs = [result] if result else []
    given, taken = mappings.take(work, node)
    outputs += [name for name, _ in taken]
    for entry in list(extension(node, ZEEBE, "taskHeaders")):
        names = ", ".join(f"{each.get('key')}={each.get('value')}" for each in entry)
        work.notes.add(node, "service.inputs", names=names)
        drop(entry)
    if given:
        work.notes.add(node, "service.inputs", names=", ".join(name for name, _ in given))
    for name in outputs:
        if safe(name) == name and name not in work.sets:
            work.results.append((node, name))
            work.sets.add(name)
    node.attrib.pop("messageRef", None)
    node.attrib.pop("operationRef", None)
    node.attrib.pop("implementation", None)


def take_result(node: etree._Element) -> str:
    """Return the name of the value a step sets, and take it out of the file."""
    found = [
        node.attrib.pop(f"{{{CAMUNDA}}}{name}", "")
        for name in ("resultVariable", "resultVariableName", "mapDecisionResult")
    ]
    return str(found[0] or found[1])
