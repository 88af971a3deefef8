"""Names in conditions that differ by a letter from a value the files set: nobody meant them."""

from collections.abc import Iterator
from difflib import get_close_matches

from engine.expressions.errors import ExpressionError
from engine.expressions.language import compile_assignments, compile_expression
from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.linter.forms import Forms
from engine.sentences import Sentence
from engine.spiff.xml import NAMESPACES

_ALIKE = 0.85
"""How alike two names must be, where 1 is the same."""
_LONGEST, _MOST_COMPARED = 60, 5_000
"""Letters of a name, and pairs of names, that are compared; beyond them nothing is said."""
_SCRIPTS = (".//bpmn:script", ".//spiff:preScript", ".//spiff:postScript")
_NAMED = (".//spiff:messageVariable", ".//spiff:variableName", ".//bpmn:loopDataOutputRef")
_ITEMS = (".//bpmn:inputDataItem", ".//bpmn:outputDataItem")


def check(diagram: Diagram, forms: Forms) -> Iterator[Finding]:
    """Yield a warning on each condition that reads what looks like a slip of the pen.

    Operations and callers set values that no file names, so an unknown name alone says nothing.
    """
    known = {key for form in forms.by_name.values() for key in form.fields} | set_by(diagram)
    read = {flow.id: _read(flow.condition or "") for flow in diagram.flows}
    unknown = sorted(set().union(*read.values()) - known)
    meant = dict(_alike(unknown, known))
    for flow in diagram.flows:
        for name in sorted(meant.keys() & read[flow.id]):
            text = Sentence(
                "Nothing in the files sets “{name}”; is “{meant}” meant?",
                name=name,
                meant=meant[name],
            )
            yield diagram.finding(flow, "spelling", text, "warning")


def _alike(unknown: list[str], known: set[str]) -> Iterator[tuple[str, str]]:
    """Yield each unknown name with the known one it is nearly; comparing costs, so not for ever."""
    short = sorted(name for name in known if len(name) <= _LONGEST)
    wanted = [name for name in unknown if len(name) <= _LONGEST]
    for name in wanted[: _MOST_COMPARED // max(1, len(short))]:
        for found in get_close_matches(name, short, 1, _ALIKE):
            yield name, found


def _read(condition: str) -> frozenset[str]:
    try:
        return compile_expression(condition).names
    except ExpressionError:
        return frozenset()  # the rules on expressions say so


def set_by(diagram: Diagram) -> set[str]:
    """Return the values that scripts, messages and repetitions of a diagram set."""
    root, found = diagram.root, set[str]()
    for path in _SCRIPTS:
        for node in root.iterfind(path, NAMESPACES):
            try:
                found |= compile_assignments(node.text or "").targets
            except ExpressionError:
                continue
    for path in _NAMED:
        found |= {(node.text or "").strip() for node in root.iterfind(path, NAMESPACES)}
    for path in _ITEMS:
        for node in root.iterfind(path, NAMESPACES):
            found |= {node.get("name", ""), node.get("id", "")}
    return found - {""}
