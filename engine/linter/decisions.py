"""Rules on decision tables and the tasks that call them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from engine.decisions import read
from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff.sources import Sources
from engine.spiff.xml import NAMESPACES


@dataclass
class Tables:
    """Every decision of the files, with the faults of the files."""

    findings: list[Finding] = field(default_factory=list)
    places: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    """File and line by (folder, decision id), of broken tables too."""


def read_all(sources: Sources, unreadable: Iterable[str] = ()) -> Tables:
    """Return the decisions of all `.dmn` files and what is wrong with them."""
    tables = Tables()
    seen: dict[str, str] = {}
    for name in sources.named(".dmn"):
        if name in unreadable:
            continue
        root = sources.root(name)
        for fault in read(root)[1]:
            tables.findings.append(
                Finding(name, fault.line, fault.element_id, fault.rule, fault.text, fault.severity)
            )
        for node in root.iterchildren("{*}decision"):
            identifier, line = node.get("id", ""), int(node.sourceline or 0)
            if identifier in seen:
                text = Sentence(
                    "There is another decision “{id}” in {file}.",
                    id=identifier,
                    file=seen[identifier],
                )
                tables.findings.append(Finding(name, line, identifier, "duplicate-id", text))
            seen[identifier] = name
            tables.places[name.split("/", 1)[0], identifier] = (name, line)
    return tables


def check(diagram: Diagram, tables: Tables) -> Iterator[Finding]:
    """Yield every finding on the business rule tasks of a diagram."""
    for node in diagram.all("businessRuleTask"):
        wanted = _called(node)
        if not wanted:
            text = Sentence("A business rule task needs a decision: set its calledDecisionId.")
            yield diagram.finding(node, "no-decision", text)
        elif (diagram.folder, wanted) not in tables.places:
            text = Sentence(
                "There is no decision “{id}” among the files of this process.", id=wanted
            )
            yield diagram.finding(node, "unknown-decision", text)


def uncalled(tables: Tables, diagrams: Iterable[Diagram]) -> Iterator[Finding]:
    """Yield a warning for each decision that no task of its process calls."""
    called = {
        (diagram.folder, _called(node))
        for diagram in diagrams
        for node in diagram.all("businessRuleTask")
    }
    for key, (file, line) in tables.places.items():
        if key not in called:
            text = Sentence("No business rule task calls this decision.")
            yield Finding(file, line, key[1], "unused-decision", text, "warning")


def _called(node: etree._Element) -> str:
    found = node.findtext("bpmn:extensionElements/spiff:calledDecisionId", "", NAMESPACES)
    return (found or "").strip()
