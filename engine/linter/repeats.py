"""Rules on steps that are done several times."""

from collections.abc import Iterator

from lxml import etree

from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.linter.forms import Forms
from engine.linter.spelling import set_by
from engine.sentences import Sentence
from engine.spiff.elements import ACTIVITIES, FLOW_NODES
from engine.spiff.repeats import MAX_TURNS
from engine.spiff.xml import NAMESPACES, local_name

_LIST = "checklist"
"""The one kind of field whose answer is a list."""


def check(diagram: Diagram) -> Iterator[Finding]:
    """Yield every finding on loops and repetitions over a list."""
    for node in diagram.all("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"):
        if local_name(node.getparent()) in FLOW_NODES - ACTIVITIES:
            text = Sentence("Only steps are repeated; take this mark off the event or gateway.")
            yield diagram.finding(node, "repeat", text)
    for node in diagram.all("multiInstanceLoopCharacteristics"):
        yield from _over_list(diagram, node)
    for node in diagram.all("standardLoopCharacteristics"):
        yield from _loop(diagram, node)
        if node.getparent().find("bpmn:multiInstanceLoopCharacteristics", NAMESPACES) is not None:
            text = Sentence("A step is repeated over a list or in a loop, not both.")
            yield diagram.finding(node, "repeat", text)


def over_fields(diagram: Diagram, forms: Forms) -> Iterator[Finding]:
    """Yield a warning on each step that is repeated over a field whose value is no list.

    An operation may make a list of it, which no file tells.
    """
    types: dict[str, set[str]] = {}
    for form in forms.by_name.values():
        for key, part in form.fields.items():
            types.setdefault(key, set()).add(part.type)
    elsewhere = set_by(diagram)
    for node in diagram.all("multiInstanceLoopCharacteristics"):
        name = _text(node, "loopDataInputRef")
        if name in types and _LIST not in types[name] and name not in elsewhere:
            text = Sentence(
                "This step repeats over the field “{name}”, whose answer is no list; ask with a "
                "checklist, or let the operation behind the form make a list of it.",
                name=name,
            )
            yield diagram.finding(node, "repeat", text, "warning")


def _over_list(diagram: Diagram, node: etree._Element) -> Iterator[Finding]:
    counted = node.find("bpmn:loopCardinality", NAMESPACES) is not None
    if not counted and not _text(node, "loopDataInputRef"):
        text = Sentence("This step repeats over nothing: name the list in loopDataInputRef.")
        yield diagram.finding(node, "repeat", text)
    results = bool(_text(node, "loopDataOutputRef"))
    result = node.find("bpmn:outputDataItem", NAMESPACES) is not None
    if results != result:
        text = Sentence(
            "Results need both: loopDataOutputRef names their list, outputDataItem what each turn "
            "leaves there."
        )
        yield diagram.finding(node, "repeat", text)


def _loop(diagram: Diagram, node: etree._Element) -> Iterator[Finding]:
    most = node.get("loopMaximum")
    condition = _text(node, "loopCondition")
    if most is None and not condition:
        text = Sentence("This loop needs a condition or a number of turns.")
        yield diagram.finding(node, "repeat", text)
    if most is not None and most not in map(str, range(1, MAX_TURNS + 1)):
        text = Sentence("A loop may have 1 to {most} turns.", most=MAX_TURNS)
        yield diagram.finding(node, "repeat", text)


def _text(node: etree._Element, tag: str) -> str:
    return str(node.findtext(f"bpmn:{tag}", "", NAMESPACES)).strip()
