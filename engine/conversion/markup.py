"""Small things done to the XML of a diagram."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lxml import etree

from engine.spiff.xml import BPMN, SPIFF, local_name

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_]+")
_LONGEST: Final = 60


def bpmn(tag: str) -> str:
    """Return the full name of a BPMN tag."""
    return f"{{{BPMN}}}{tag}"


def child(node: etree._Element, tag: str) -> etree._Element | None:
    """Return the first BPMN child with this tag."""
    return node.find(bpmn(tag))


def children(node: etree._Element, *tags: str) -> list[etree._Element]:
    """Return the BPMN children with these tags."""
    return [each for tag in tags for each in node.findall(bpmn(tag))]


def every(root: etree._Element, *tags: str) -> list[etree._Element]:
    """Return all BPMN elements below with these tags, in document order."""
    return list(root.iter(*map(bpmn, tags)))


def kind(node: etree._Element) -> str:
    """Return the tag without its namespace."""
    return local_name(node)


def words(node: etree._Element) -> str:
    """Return the name of an element on one line, else its id."""
    return " ".join((node.get("name") or node.get("id") or "").split())


def rename(node: etree._Element, tag: str) -> None:
    """Make a BPMN element one of another kind."""
    node.tag = bpmn(tag)


def drop(node: etree._Element) -> None:
    """Take an element out, with what follows it left in place."""
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def add(parent: etree._Element, tag: str, **attributes: str) -> etree._Element:
    """Append a BPMN element."""
    return etree.SubElement(parent, bpmn(tag), attributes)


def extensions(node: etree._Element) -> etree._Element:
    """Return the extension elements of a node, made where the schema wants them."""
    found = child(node, "extensionElements")
    if found is None:
        found = etree.Element(bpmn("extensionElements"))
        node.insert(len(children(node, "documentation")), found)
    return found


def extension(node: etree._Element, namespace: str, *names: str) -> Iterator[etree._Element]:
    """Yield the extension elements of another tool with these names."""
    holder = child(node, "extensionElements")
    if holder is not None:
        yield from holder.iter(*(f"{{{namespace}}}{name}" for name in names))


def set_property(node: etree._Element, name: str, value: str) -> None:
    """Write a property of our own."""
    set_properties(node, {name: value})


def set_properties(node: etree._Element, values: Mapping[str, str]) -> None:
    """Write properties of our own."""
    if not values:
        return
    holder = extensions(node)
    group = holder.find(f"{{{SPIFF}}}properties")
    if group is None:
        group = etree.SubElement(holder, f"{{{SPIFF}}}properties")
    known = {entry.get("name"): entry for entry in group}
    for name, value in values.items():
        if name in known:
            known[name].set("value", value)
        else:
            etree.SubElement(group, f"{{{SPIFF}}}property", {"name": name, "value": value})


def name_in_all(node: etree._Element, names: Mapping[str, str]) -> None:
    """Call an element by a name of our own, in each language."""
    node.set("name", names["en"])
    for language, name in names.items():
        if language != "en":
            set_property(node, f"label.{language}", name)


def add_line(node: etree._Element, tag: str, line: str) -> None:
    """Add a line of `name = expression` to `preScript` or `postScript`."""
    holder = extensions(node)
    script = holder.find(f"{{{SPIFF}}}{tag}")
    if script is None:
        script = etree.SubElement(holder, f"{{{SPIFF}}}{tag}")
    script.text = f"{script.text}\n{line}" if script.text else line


def set_text(node: etree._Element, tag: str, text: str) -> None:
    """Write an element of our own with a text, as `messageVariable`."""
    holder = extensions(node)
    found = holder.find(f"{{{SPIFF}}}{tag}")
    if found is None:
        found = etree.SubElement(holder, f"{{{SPIFF}}}{tag}")
    found.text = text


def operate(node: etree._Element, operation: str, parameters: dict[str, str]) -> None:
    """Write which operation a service task calls, and with what."""
    operator = etree.SubElement(
        extensions(node), f"{{{SPIFF}}}serviceTaskOperator", {"id": operation}
    )
    group = etree.SubElement(operator, f"{{{SPIFF}}}parameters")
    for name, source in parameters.items():
        entry = {"id": name, "type": "any", "value": source}
        etree.SubElement(group, f"{{{SPIFF}}}parameter", entry)


def explain(node: etree._Element, text: str) -> None:
    """Add a sentence to the documentation of an element."""
    found = child(node, "documentation")
    if found is None:
        found = etree.Element(bpmn("documentation"))
        node.insert(0, found)
    found.text = f"{found.text.strip()}\n\n{text}" if (found.text or "").strip() else text


def safe(text: str, otherwise: str = "value") -> str:
    """Return a name of letters, digits and _ that does not begin with a digit."""
    name = _UNSAFE.sub("_", text).strip("_")[:_LONGEST].strip("_")
    if not name:
        return otherwise
    return name if name[0].isalpha() else f"{otherwise}_{name}"[:_LONGEST]
