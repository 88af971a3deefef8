"""Reads decision tables from the XML of a `.dmn` file and notes what is wrong with them.

Of DMN 1.1 to 1.5 one decision table a decision is read, with the hit policies UNIQUE, FIRST and
COLLECT. Cells are in the language of diagrams (`engine.expressions.language`).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from lxml import etree

from engine.decisions.cells import Test
from engine.decisions.table import Decision, HitPolicy, Rule
from engine.expressions.errors import ExpressionError
from engine.expressions.evaluator import Compiled
from engine.expressions.language import compile_expression, excess
from engine.sentences import Sentence
from engine.spiff.xml import local_name

MAX_RULES: Final = 500
"""Rules a table may have."""
MAX_CELLS: Final = 5_000
"""Cells a file may have: more would take seconds to read."""
MAX_OUTPUTS: Final = 100
"""Outputs a table may have."""
_POLICIES: Final[dict[str, HitPolicy]] = {
    "UNIQUE": "UNIQUE",
    "FIRST": "FIRST",
    "COLLECT": "COLLECT",
}
_NAMESPACE: Final = re.compile(r"https?://www\.omg\.org/spec/DMN/[0-9]{8}/(?:MODEL/|dmn\.xsd)")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")
_NO_TABLES: Final = frozenset(
    {"literalExpression", "context", "invocation", "relation", "list", "functionDefinition"}
    | {"conditional", "filter", "for", "every", "some"}
)
Read = TypeVar("Read")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a `.dmn` file."""

    line: int
    element_id: str
    rule: str
    text: Sentence
    severity: Literal["error", "warning"] = "error"


def read(root: etree._Element) -> tuple[list[Decision], list[Fault]]:
    """Return the decisions that can be worked out, and every fault of the file."""
    reader = _Reader()
    if not _NAMESPACE.fullmatch(etree.QName(root).namespace or ""):
        reader.fault(root, "decision", Sentence("This is no DMN file."))
        return [], reader.faults
    if sum(1 for _ in root.iter("{*}inputEntry", "{*}outputEntry")) > MAX_CELLS:
        text = Sentence("The file has more than {cells} cells.", cells=MAX_CELLS)
        reader.fault(root, "too-large", text)
        return [], reader.faults
    too_much = excess("".join(each.itertext()) for each in root.iter("{*}text"))
    if too_much is not None:
        reader.fault(root, "too-large", too_much)
        return [], reader.faults
    nodes = list(_children(root, "decision"))
    if not nodes:
        reader.fault(root, "decision", Sentence("The file holds no decision."))
    found = [reader.decision(node) for node in nodes]
    return [each for each in found if each is not None], reader.faults


class _Reader:
    """Collects faults while it reads."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, node: etree._Element, rule: str, text: Sentence) -> None:
        """Note a fault at a node."""
        self.faults.append(Fault(int(node.sourceline or 0), _id_of(node), rule, text))

    def decision(self, node: etree._Element) -> Decision | None:
        """Return a decision, or None when anything about it is wrong."""
        before = len(self.faults)
        if not node.get("id"):
            self.fault(node, "missing-id", Sentence("This element has no id."))
        if any(local_name(each) == "requiredDecision" for each in node.iter(etree.Element)):
            text = Sentence("Decisions that need other decisions are not supported; call both.")
            self.fault(node, "decision", text)
        tables = list(_children(node, "decisionTable"))
        if len(tables) != 1 or any(local_name(each) in _NO_TABLES for each in node):
            text = Sentence("A decision needs exactly one decision table, and nothing beside it.")
            self.fault(node, "decision", text)
            return None
        policy = self._policy(tables[0])
        inputs, outputs = self._inputs(tables[0]), self._outputs(tables[0])
        rules = self._rules(tables[0])
        if policy is None or len(self.faults) > before:
            return None
        name = node.get("name") or node.get("id", "")
        return Decision(node.get("id", ""), name, policy, inputs, outputs, rules)

    def _policy(self, table: etree._Element) -> HitPolicy | None:
        wanted = table.get("hitPolicy", "UNIQUE").upper()
        policy = _POLICIES.get(wanted)
        if policy is None:
            text = Sentence(
                "The hit policy {policy} is not supported; use FIRST, UNIQUE or COLLECT.",
                policy=wanted[:40],
            )
            self.fault(table, "hit-policy", text)
        if table.get("aggregation"):
            text = Sentence("Collected values are not added up here; do that in an operation.")
            self.fault(table, "hit-policy", text)
        return policy

    def _inputs(self, table: etree._Element) -> tuple[Compiled, ...]:
        found = []
        for node in _children(table, "input"):
            source = next((_text(each) for each in _children(node, "inputExpression")), "")
            if not source:
                text = Sentence("This input needs an expression: the value the rules look at.")
                self.fault(node, "decision-input", text)
                continue
            made = self._expression(node, source, compile_expression)
            if made is not None:
                found.append(made)
        return tuple(found)

    def _outputs(self, table: etree._Element) -> tuple[str, ...]:
        found: list[str] = []
        nodes = list(_children(table, "output"))
        if len(nodes) > MAX_OUTPUTS:
            text = Sentence("The table has more than {most} outputs.", most=MAX_OUTPUTS)
            self.fault(table, "too-large", text)
            return ()
        if not nodes:
            self.fault(table, "decision-output", Sentence("The table needs an output."))
        for node in nodes:
            name = node.get("name", "")
            if not _NAME.fullmatch(name):
                text = Sentence("This output needs a name of letters, digits and _.")
                self.fault(node, "decision-output", text)
            elif name in found:
                text = Sentence("Two outputs are called {name}.", name=name)
                self.fault(node, "decision-output", text)
            found.append(name)
        return tuple(found)

    def _rules(self, table: etree._Element) -> tuple[Rule, ...]:
        nodes = list(_children(table, "rule"))
        if len(nodes) > MAX_RULES:
            text = Sentence("The table has more than {rules} rules.", rules=MAX_RULES)
            self.fault(table, "too-large", text)
            return ()
        columns = (
            sum(1 for _ in _children(table, "input")),
            sum(1 for _ in _children(table, "output")),
        )
        return tuple(
            rule
            for number, node in enumerate(nodes, start=1)
            if (rule := self._rule(number, node, columns)) is not None
        )

    def _rule(self, number: int, node: etree._Element, columns: tuple[int, int]) -> Rule | None:
        inputs, outputs = list(_children(node, "inputEntry")), list(_children(node, "outputEntry"))
        if (len(inputs), len(outputs)) != columns:
            text = Sentence(
                "Rule {number} has not one cell for each input and output.", number=number
            )
            self.fault(node, "decision-rule", text)
            return None
        tests = [self._expression(each, _text(each), Test) for each in inputs]
        values = [
            self._expression(each, source, compile_expression) if (source := _text(each)) else None
            for each in outputs
        ]
        return Rule(number, tuple(test for test in tests if test is not None), tuple(values))

    def _expression(
        self, node: etree._Element, source: str, compile_one: Callable[[str], Read]
    ) -> Read | None:
        try:
            return compile_one(source)
        except ExpressionError as error:
            text = Sentence("{source}: {fault}", source=repr(source[:80]), fault=error.sentence)
            self.fault(node, "expression", text)
            return None


def _children(node: etree._Element, name: str) -> Iterator[Any]:
    """Yield the children with this local name and the namespace of their parent."""
    yield from node.iterchildren(f"{{{etree.QName(node).namespace or ''}}}{name}")


def _text(node: etree._Element) -> str:
    found = next(_children(node, "text"), None)
    return "" if found is None else "".join(found.itertext()).strip()


def _id_of(node: etree._Element) -> str:
    for each in (node, *node.iterancestors()):
        if each.get("id"):
            return str(each.get("id"))
    return ""
