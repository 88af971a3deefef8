"""Processes that call others."""

from lxml import etree

from engine.conversion import hands
from engine.conversion.dialects import CAMUNDA, ZEEBE
from engine.conversion.mappings import Pairs, set_after, set_before
from engine.conversion.markup import drop, explain, extension
from engine.conversion.work import Work

_SETTINGS = (
    *("calledElementBinding", "calledElementVersion", "calledElementVersionTag"),
    *("calledElementTenantId", "variableMappingClass", "variableMappingDelegateExpression"),
)


def convert(work: Work) -> None:
    """Point every call activity at its process under the id it has here."""
    for node in work.flow_nodes("callActivity"):
        target = _target(node)
        if not target or any(sign in target for sign in "${#="):
            work.notes.add(node, "call.by_hand", name=target or "nothing is said")
            node.attrib.pop("calledElement", None)
            explain(node, f"Until now another process was called here: {target}")
            _mappings(node)
            hands.by_hand(work, node)
            continue
        node.set("calledElement", work.upload.processes.get(target, target))
        work.upload.called.add(node.get("calledElement", ""))
        given, taken = _mappings(node)
        set_before(work, node, [pair for pair in given if pair[0] != "businessKey"])
        set_after(work, node, taken)
        names = ", ".join(name for name, _ in (*given, *taken)) or "nothing was named"
        work.notes.add(node, "call.data", names=names)
        for name in _SETTINGS:
            value = node.attrib.pop(f"{{{CAMUNDA}}}{name}", "")
            if value and value != "latest":
                work.notes.add(node, "attribute.dropped", name=name, value=value)


def _target(node: etree._Element) -> str:
    for entry in list(extension(node, ZEEBE, "calledElement")):
        node.set("calledElement", entry.get("processId", ""))
        drop(entry)
    return str(node.get("calledElement", "")).strip()


def _mappings(node: etree._Element) -> tuple[Pairs, Pairs]:
    """Return what goes in and comes out by name, as Camunda 7 writes it; takes it out."""
    found: tuple[Pairs, Pairs] = ([], [])
    for entry in list(extension(node, CAMUNDA, "in", "out")):
        pairs = found[entry.tag.endswith("}out")]
        source, expression = entry.get("source", ""), entry.get("sourceExpression", "")
        if entry.get("businessKey"):
            pairs.append(("businessKey", entry.get("businessKey", "")))
        elif entry.get("target"):
            pairs.append((entry.get("target", ""), expression or f"${{{source}}}"))
        drop(entry)
    return found
