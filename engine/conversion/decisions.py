"""Decision tables of other tools, written as lines of the step that asks them.

DMN 1.1 to 1.5 tables are read. A table becomes lines such as `level = 'high' if amount > 500 else
level`, the last rule first, so that the first rule that fits decides, as in the table.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from engine.conversion import hands
from engine.conversion.dialects import CAMUNDA, ZEEBE
from engine.conversion.expressions import InexpressibleError, condition
from engine.conversion.markup import bpmn, child, drop, extension, rename, safe
from engine.conversion.work import Work
from engine.expressions.errors import ExpressionError
from engine.expressions.tree import (
    Binary,
    Choice,
    Constant,
    Logic,
    Name,
    Node,
    Not,
    Record,
    Sequence,
)
from engine.expressions.writer import written
from engine.spiff.xml import local_name

_FIRST: Final = frozenset({"UNIQUE", "FIRST", "ANY"})
_MOST_RULES: Final = 45
_INTERVAL: Final = re.compile(
    r"(?P<open>[\[\](])(?P<low>[^,]+?)\.\.(?P<high>[^,]+?)(?P<close>[\[\])])"
)
_COMPARISON: Final = re.compile(r"(?P<sign><=|>=|<|>|!=|=)(?P<value>.+)", re.DOTALL)
_PART: Final = re.compile(r'(?:[^,"\[\]()]|"[^"]*"|\[[^\]]*[\]\[]|\([^)]*[)\]])+')


@dataclass
class Table:
    """A decision as it stands in its file."""

    file: str
    name: str
    problem: str = ""
    inputs: list[Node] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    rules: list[tuple[Node | None, list[Node]]] = field(default_factory=list)
    """When it fits (None: always), and what it gives, the first rule first."""


def read_tables(file: str, root: etree._Element) -> dict[str, Table]:
    """Return every decision of a DMN file by its id; what cannot be said carries a problem."""
    found = {}
    for node in root.iter(etree.Element):
        if local_name(node) == "decision" and node.get("id"):
            table = Table(file, node.get("name") or node.get("id"))
            try:
                _fill(table, node)
            except (InexpressibleError, ExpressionError) as error:
                table.problem = f"cannot be said in our language ({error})"
            found[node.get("id")] = table
    return found


def convert(work: Work, node: etree._Element) -> bool:
    """Return whether a business rule task asks a decision; it is then converted."""
    reference, result, shape = _taken(node)
    if not reference:
        return False
    table = work.upload.decisions.get(reference)
    problem = table.problem if table is not None else "is not among the files"
    result = result or safe(reference)
    if table is None or problem or safe(result) != result:
        work.notes.add(node, "decision.by_hand", name=reference, reason=problem)
        node.set(f"{{{CAMUNDA}}}resultVariable", result)
        hands.by_hand(work, node)
        return True
    lines = _lines(table, result, shape)
    rename(node, "scriptTask")
    for _, tree in lines:
        work.uses_tree(node, tree)
    work.sets.add(result)
    script = child(node, "script")
    if script is None:
        script = etree.SubElement(node, bpmn("script"))
    script.text = "\n".join(f"{name} = {written(tree)}" for name, tree in lines)
    work.upload.used.add(table.file)
    work.notes.add(node, "decision.converted", name=table.name)
    return True


def _taken(node: etree._Element) -> tuple[str, str, str]:
    """Return decision, result variable and shape of the result; takes them out of the file."""
    for entry in list(extension(node, ZEEBE, "calledDecision")):
        drop(entry)
        return entry.get("decisionId", ""), entry.get("resultVariable", ""), "zeebe"
    names = ("decisionRef", "resultVariable", "mapDecisionResult")
    found = [node.get(f"{{{CAMUNDA}}}{name}", "") for name in names]
    if found[0]:
        more = ("decisionRefBinding", "decisionRefVersion", "decisionRefTenantId")
        for name in (*names, *more):
            node.attrib.pop(f"{{{CAMUNDA}}}{name}", None)
    return found[0], found[1], found[2] or "resultList"


def _lines(table: Table, result: str, shape: str) -> list[tuple[str, Node]]:
    nothing = Sequence(()) if shape in {"resultList", "collectEntries"} else Constant(None)
    lines: list[tuple[str, Node]] = [(result, nothing)]
    for test, values in reversed(table.rules):
        given = _given(table, values, shape)
        tree = given if test is None else Choice(test, given, Name(result))
        lines.append((result, tree))
    return lines


def _given(table: Table, values: list[Node], shape: str) -> Node:
    record = Record(tuple(table.outputs), tuple(values))
    match shape:
        case "singleEntry":
            return values[0]
        case "singleResult":
            return record
        case "collectEntries":
            return Sequence((values[0],))
        case "resultList":
            return Sequence((record,))
        case _:
            return values[0] if len(values) == 1 else record


def _fill(table: Table, decision: etree._Element) -> None:
    for part in _grid(decision):
        match local_name(part):
            case "input":
                table.inputs.append(_expression(_text(part, "inputExpression")))
            case "output":
                table.outputs.append(part.get("name") or part.get("label") or "output")
            case "rule":
                table.rules.append(_rule(table, part))
            case _:
                pass
    if not table.outputs or len(table.rules) > _MOST_RULES:
        raise InexpressibleError(f"no output, or more than {_MOST_RULES} rules")
    for line in _lines(table, "result", "singleEntry"):
        written(line[1])


def _grid(decision: etree._Element) -> etree._Element:
    grid = next((each for each in decision if local_name(each) == "decisionTable"), None)
    if grid is None:
        raise InexpressibleError("it is no table")
    policy = grid.get("hitPolicy", "UNIQUE")
    if policy not in _FIRST:
        raise InexpressibleError(f"hit policy {policy}")
    return grid


def _rule(table: Table, rule: etree._Element) -> tuple[Node | None, list[Node]]:
    entries = [_text(part) for part in rule if local_name(part) == "inputEntry"]
    values = [_text(part) for part in rule if local_name(part) == "outputEntry"]
    if len(entries) != len(table.inputs) or len(values) != len(table.outputs):
        raise InexpressibleError("a rule does not fit its columns")
    pairs = zip(table.inputs, entries, strict=True)
    tests = [_test(subject, text) for subject, text in pairs if text not in {"", "-"}]
    whole = tests[0] if len(tests) == 1 else Logic("and", tuple(tests)) if tests else None
    return whole, [_expression(text) if text else Constant(None) for text in values]


def _test(subject: Node, text: str) -> Node:
    """Return a unary test, `"a","b"`, `>= 10`, `[1..5]` or `not("x")`, as a condition."""
    if text.startswith("not(") and text.endswith(")"):
        return Not(_test(subject, text[4:-1]))
    parts = [part.strip() for part in _PART.findall(text)]
    if not parts or "".join(text.split()) != ",".join("".join(part.split()) for part in parts):
        raise InexpressibleError(f"the cell {text[:40]}")
    tests = [_one_test(subject, part) for part in parts]
    return tests[0] if len(tests) == 1 else Logic("or", tuple(tests))


def _one_test(subject: Node, text: str) -> Node:
    interval = _INTERVAL.fullmatch(text)
    if interval is not None:
        low = Binary(
            ">=" if interval["open"] == "[" else ">", subject, _expression(interval["low"])
        )
        high = Binary(
            "<=" if interval["close"] == "]" else "<", subject, _expression(interval["high"])
        )
        return Logic("and", (low, high))
    compared = _COMPARISON.fullmatch(text)
    if compared is not None:
        return Binary(compared["sign"], subject, _expression(compared["value"]))
    return Binary("=", subject, _expression(text))


def _expression(text: str) -> Node:
    return condition(f"= {text.strip()}", "feel")


def _text(node: etree._Element, inside: str = "") -> str:
    for part in node.iter(etree.Element):
        if local_name(part) == "text" and (not inside or local_name(part.getparent()) == inside):
            return " ".join((part.text or "").split())
    return ""
