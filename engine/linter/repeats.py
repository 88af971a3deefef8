"""Rules on steps that are done several times."""

from collections.abc import Iterator

from lxml import etree

from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff.elements import ACTIVITIES, FLOW_NODES
from engine.spiff.repeats import MAX_TURNS
from engine.spiff.xml import NAMESPACES, local_name


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
