"""Values that are set around a step: input and output mappings."""

from lxml import etree

from engine.conversion.dialects import CAMUNDA, ZEEBE
from engine.conversion.expressions import InexpressibleError
from engine.conversion.markup import add_line, drop, extension, safe
from engine.conversion.work import Work

Pairs = list[tuple[str, str]]
"""Name of the value set, and the text it comes from, as that tool writes it."""


def take(work: Work, node: etree._Element) -> tuple[Pairs, Pairs]:
    """Return input and output mappings of a step, and take them out of the file."""
    inputs: Pairs = []
    outputs: Pairs = []
    for entry in list(extension(node, CAMUNDA, "inputParameter", "outputParameter")):
        pairs = inputs if entry.tag.endswith("inputParameter") else outputs
        if len(entry):
            kind = etree.QName(entry[0]).localname if isinstance(entry[0].tag, str) else "remark"
            reason = f"it is a {kind}"
            work.notes.add(node, "mapping.lost", name=entry.get("name"), reason=reason)
        else:
            pairs.append((entry.get("name", ""), entry.text or ""))
    for entry in list(extension(node, ZEEBE, "input", "output")):
        pairs = inputs if entry.tag.endswith("input") else outputs
        pairs.append((entry.get("target", ""), entry.get("source", "")))
    for holder in [
        *extension(node, CAMUNDA, "inputOutput"),
        *extension(node, ZEEBE, "ioMapping"),
    ]:
        drop(holder)
    return inputs, outputs


def convert(work: Work) -> None:
    """Write what is left of the mappings as lines before and after their steps."""
    for node in work.flow_nodes():
        inputs, outputs = take(work, node)
        set_before(work, node, inputs)
        set_after(work, node, outputs)


def set_before(work: Work, node: etree._Element, pairs: Pairs) -> None:
    """Set values before a step."""
    _set(work, node, pairs, "preScript", "mapping.in")


def set_after(work: Work, node: etree._Element, pairs: Pairs) -> None:
    """Set values after a step."""
    _set(work, node, pairs, "postScript", "mapping.out")


def _set(work: Work, node: etree._Element, pairs: Pairs, tag: str, code: str) -> None:
    for name, source in pairs:
        try:
            if safe(name) != name:
                raise InexpressibleError(f"“{name}” is no name of one word")  # noqa: TRY301
            text = work.read_value(node, source)
        except InexpressibleError as error:
            work.notes.add(node, "mapping.lost", name=name, reason=error)
            continue
        work.sets.add(name)
        if text != name:  # a value set to itself
            add_line(node, tag, f"{name} = {text}")
            work.notes.add(node, code, name=name)
