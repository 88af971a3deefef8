"""Rules on what may stand in a file at all."""

from collections import Counter
from collections.abc import Iterator

from engine.expressions.language import excess
from engine.linter import events, expressions, repeats
from engine.linter.diagram import Diagram, Flow
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff.elements import Element
from engine.spiff.xml import BPMN

MAX_NODES = 400
"""Flow nodes a process may have."""
MAX_PARTS = 2_000
"""Flow nodes, and flows, a file may have: more would take minutes to follow."""
TOO_LARGE = "too-large"

_REFUSED: dict[str, Sentence] = {
    "complexGateway": Sentence(
        "Complex gateways are not supported; use exclusive or parallel ones."
    ),
    "adHocSubProcess": Sentence(
        "Ad-hoc subprocesses are not supported; draw the order of the steps."
    ),
    "compensateEventDefinition": Sentence(
        "Compensation is not supported; draw the way back as steps."
    ),
    "conditionalEventDefinition": Sentence("Conditional events are not supported; use a message."),
    "loopCardinality": Sentence("Repeating so many times is not supported; repeat over a list."),
    "import": Sentence("A diagram may not import other files; use a call activity."),
    "dataObjectReference": Sentence(
        "Data objects are not supported; operations store what matters."
    ),
    "dataStoreReference": Sentence("Data stores are not supported; operations store what matters."),
    "correlationProperty": Sentence(
        "Correlation properties are not read; use the property correlation_key."
    ),
    "choreographyTask": Sentence(
        "Choreographies are not supported; draw the process of one party."
    ),
}
_MARKS = {
    *("isExecutable", "triggeredByEvent", "cancelActivity", "isInterrupting", "isSequential"),
    *("testBefore", "isForCompensation"),
}


def check(diagram: Diagram) -> Iterator[Finding]:
    """Yield every finding on the file's contents, without following its flows."""
    faults = list(_processes(diagram))
    yield from faults
    yield from _ids(diagram)
    if any(fault.rule == TOO_LARGE for fault in faults):
        return  # some rules look at pairs of steps
    for tag, text in _REFUSED.items():
        for node in diagram.all(tag):
            yield diagram.finding(node, "not-supported", text)
    yield from _compensation(diagram)
    yield from _yes_or_no(diagram)
    yield from events.check(diagram)
    yield from repeats.check(diagram)


def _processes(diagram: Diagram) -> Iterator[Finding]:
    found = diagram.processes
    if len(found) != 1:
        text = Sentence(
            "A file holds exactly one executable process; this one has {count}.", count=len(found)
        )
        yield diagram.finding(None, "one-process", text)
    for process in found:
        identifier = process.get("id", "")
        if diagram.folder != identifier:
            text = Sentence("The process id “{id}” must be the name of its folder.", id=identifier)
            yield diagram.finding(process, "process-id", text)
    counts = Counter(node.process for node in diagram.nodes.values())
    for process in diagram.all("process"):  # also one that is not run is followed
        count = counts[process.get("id", "")]
        if count > MAX_NODES:
            text = Sentence(
                "The process has {count} nodes; at most {most} are allowed.",
                count=count,
                most=MAX_NODES,
            )
            yield diagram.finding(process, TOO_LARGE, text)
    count = max(len(diagram.nodes), len(diagram.flows))
    if count > MAX_PARTS:
        text = Sentence(
            "The file has {count} nodes or flows; at most {most} of each are allowed.",
            count=count,
            most=MAX_PARTS,
        )
        yield diagram.finding(None, TOO_LARGE, text)
    too_much = excess(expressions.sources(diagram))
    if too_much is not None:
        yield diagram.finding(None, TOO_LARGE, too_much)


def _ids(diagram: Diagram) -> Iterator[Finding]:
    counted = Counter(node.get("id") for node in diagram.root.iter(f"{{{BPMN}}}*"))
    for identifier, count in counted.items():
        if identifier and count > 1:
            node = diagram.by_id[identifier][-1]
            text = Sentence(
                "The id “{id}” is used {count} times; ids must be unique.",
                id=identifier,
                count=count,
            )
            yield diagram.finding(node, "duplicate-id", text)
    drawn: list[Element | Flow] = [*diagram.nodes.values(), *diagram.flows]
    for part in drawn:  # the engine follows no flow without one
        if not part.id:
            yield diagram.finding(part, "missing-id", Sentence("This element has no id."))


def _yes_or_no(diagram: Diagram) -> Iterator[Finding]:
    """Refuse marks that are neither on nor off: what reads them would disagree."""
    for node in diagram.root.iter(f"{{{BPMN}}}*"):
        for name in _MARKS & set(node.attrib):
            if node.get(name) not in {"true", "false"}:
                text = Sentence(
                    "{name} is “{value}”; write true or false.",
                    name=name,
                    value=node.get(name)[:40],
                )
                yield diagram.finding(node, "not-supported", text)


def _compensation(diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.nodes.values():
        if diagram.xml_of(node).get("isForCompensation") == "true":
            text = _REFUSED["compensateEventDefinition"]
            yield diagram.finding(node, "not-supported", text)
