"""Rules on names and expressions: forms, operations, called processes, conditions, timers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lxml import etree
from pydantic import BaseModel

from engine.expressions.errors import ExpressionError
from engine.expressions.language import compile_assignments, compile_expression
from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.registry import Operations
from engine.spiff.elements import Element
from engine.spiff.timers import TimerError, due_time
from engine.spiff.xml import NAMESPACES

_LOOKS_LIKE_DURATION = re.compile(r"PT?\d+[YMWDHS]\w*")
_SOME_DAY = datetime(2026, 1, 5, tzinfo=UTC)


@dataclass(frozen=True)
class Vocabulary:
    """What a diagram may refer to."""

    operations: Operations
    lookups: frozenset[str] = frozenset()
    """Names of option lists that forms may use."""
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Allowed values of properties with a closed list, as in `status`."""


def check(
    diagram: Diagram, vocabulary: Vocabulary, files: Mapping[str, bytes]
) -> Iterator[Finding]:
    """Yield every finding on what the diagram names."""
    for node in diagram.nodes.values():
        if node.kind == "userTask":
            yield from _user_task(diagram, node, vocabulary, files)
        if node.kind == "serviceTask":
            yield from _service_task(diagram, node, vocabulary)
        if node.kind == "callActivity":
            yield from _call_activity(diagram, node, files)
        yield from _choices(diagram, node, vocabulary)
    yield from _scripts(diagram)
    yield from _conditions(diagram)
    yield from _timers(diagram)
    yield from _messages(diagram)


def _user_task(
    diagram: Diagram, node: Element, vocabulary: Vocabulary, files: Mapping[str, bytes]
) -> Iterator[Finding]:
    form = node.form_key
    if not form:
        text = "A user task needs a form: set its property formKey."
        yield diagram.finding(node, "no-form", text)
    elif f"{diagram.folder}/forms/{form}.form" not in files:
        text = f"The form forms/{form}.form is missing."
        yield diagram.finding(node, "no-form", text)
    operation = node.properties.get("operation")
    if not operation:
        text = "A user task needs an operation that receives its form: set its property operation."
        yield diagram.finding(node, "no-operation", text)
    elif operation not in vocabulary.operations:
        text = f"There is no operation called {operation}."
        yield diagram.finding(node, "unknown-operation", text)


def _service_task(diagram: Diagram, node: Element, vocabulary: Vocabulary) -> Iterator[Finding]:
    operator = diagram.xml_of(node).find(".//spiff:serviceTaskOperator", NAMESPACES)
    name = operator.get("id", "") if operator is not None else ""
    if operator is None or not name:
        text = "A service task needs an operation: add a service task operator."
        yield diagram.finding(node, "no-operation", text)
    elif name not in vocabulary.operations:
        text = f"There is no operation called {name}."
        yield diagram.finding(node, "unknown-operation", text)
    else:
        yield from _parameters(diagram, node, operator, vocabulary.operations.model(name))


def _parameters(
    diagram: Diagram, node: Element, operator: etree._Element, model: type[BaseModel]
) -> Iterator[Finding]:
    given = {
        item.get("id", ""): item.get("value", "")
        for item in operator.iterfind(".//spiff:parameter", NAMESPACES)
    }
    for name, source in given.items():
        if name not in model.model_fields and model.model_config.get("extra") != "allow":
            text = f"The operation takes no parameter {name!r}."
            yield diagram.finding(node, "unknown-parameter", text)
        yield from _expression(diagram, operator, source)
    for name, info in model.model_fields.items():
        if info.is_required() and name not in given:
            text = f"The operation needs the parameter {name!r}."
            yield diagram.finding(node, "missing-parameter", text)


def _call_activity(
    diagram: Diagram, node: Element, files: Mapping[str, bytes]
) -> Iterator[Finding]:
    target = diagram.xml_of(node).get("calledElement", "")
    if not any(name.startswith(f"{target}/") and name.endswith(".bpmn") for name in files):
        text = f"The called process {target!r} is not deployed."
        yield diagram.finding(node, "unknown-process", text)


def _choices(diagram: Diagram, node: Element, vocabulary: Vocabulary) -> Iterator[Finding]:
    for name, allowed in vocabulary.choices.items():
        value = node.properties.get(name)
        if value is not None and value not in allowed:
            text = (
                f"The property {name} is {value!r}; it must be one of {', '.join(sorted(allowed))}."
            )
            yield diagram.finding(node, "unknown-value", text)


def _scripts(diagram: Diagram) -> Iterator[Finding]:
    nodes = [*diagram.all("script")]
    for tag in ("preScript", "postScript"):
        nodes += diagram.root.iterfind(f".//spiff:{tag}", NAMESPACES)
    for node in nodes:
        try:
            compile_assignments(node.text or "")
        except ExpressionError as error:
            text = f"Scripts may only hold lines of name = expression: {error}"
            yield diagram.finding(node, "no-script", text)


def _conditions(diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.all("conditionExpression"):
        yield from _expression(diagram, node, node.text or "")
    for tag in ("messagePayload", "condition"):
        for node in diagram.root.iterfind(f".//spiff:{tag}", NAMESPACES):
            yield from _expression(diagram, node, node.text or "")


def _timers(diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.all("timeDuration", "timeDate"):
        source = (node.text or "").strip()
        yield from _expression(diagram, node, source)
        try:
            compiled = compile_expression(source)
            if not compiled.names:
                due_time(compiled({}), _SOME_DAY)
            elif any(_LOOKS_LIKE_DURATION.fullmatch(name) for name in compiled.names):
                text = f'Write the duration with quotes: "{source}".'
                yield diagram.finding(node, "timer", text)
        except TimerError as error:
            text = f'{error}. Write durations with quotes, as in "P8D".'
            yield diagram.finding(node, "timer", text)
        except ExpressionError:
            continue


def _messages(diagram: Diagram) -> Iterator[Finding]:
    known = {node.get("id") for node in diagram.all("message") if node.get("name")}
    for node in diagram.all("messageEventDefinition", "receiveTask", "sendTask"):
        if node.get("messageRef") not in known:
            text = "This event needs a message with a name."
            yield diagram.finding(node, "no-message", text)


def _expression(diagram: Diagram, node: etree._Element, source: str) -> Iterator[Finding]:
    try:
        compile_expression(source.strip())
    except ExpressionError as error:
        yield diagram.finding(node, "expression", f"{source.strip()[:80]!r}: {error}")
