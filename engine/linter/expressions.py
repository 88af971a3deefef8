"""Rules on everything that is worked out: conditions, scripts, parameters, timers."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from lxml import etree

from engine.expressions.errors import ExpressionError
from engine.expressions.language import compile_assignments, compile_expression
from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.sentences import Sentence
from engine.spiff.cycles import parse_cycle
from engine.spiff.elements import Element
from engine.spiff.timers import TimerError, due_time
from engine.spiff.xml import NAMESPACES, local_name

_LOOKS_LIKE_TIME = re.compile(r"-?PT?\d+[YMWDHS]\w*|\d{4}-\d\d?-\d\d?(T\S*)?")
_SOME_DAY = datetime(2026, 1, 5, tzinfo=UTC)
_OURS = ("messagePayload", "payloadExpression", "condition")
"""Elements of the namespace spiffworkflow that hold an expression."""
_STANDARD = ("conditionExpression", "loopCondition", "completionCondition", "messagePath")
"""BPMN elements that hold an expression."""
_TIMES = ("timeDuration", "timeDate", "timeCycle")


def check(diagram: Diagram) -> Iterator[Finding]:
    """Yield every finding on expressions and scripts."""
    yield from _scripts(diagram)
    yield from _mixed(diagram)
    for node in diagram.all(*_STANDARD):
        yield from _expression(diagram, node, node.text or "")
    for tag in _OURS:
        for node in diagram.root.iterfind(f".//spiff:{tag}", NAMESPACES):
            yield from _expression(diagram, node, node.text or "")
    for node in diagram.root.iterfind(".//spiff:parameter", NAMESPACES):
        yield from _expression(diagram, node, node.get("value", ""))
    for step in diagram.nodes.values():
        if "correlation_key" in step.properties:
            yield from _expression(diagram, step, step.properties["correlation_key"])
    yield from _timers(diagram)
    yield from _repetitions(diagram)


def sources(diagram: Diagram) -> Iterator[str]:
    """Yield every text that is read as an expression or script."""
    for node in _worded(diagram):
        yield node.text or ""
    for node in diagram.root.iterfind(".//spiff:parameter", NAMESPACES):
        yield node.get("value", "")
    for step in diagram.nodes.values():
        yield step.properties.get("correlation_key", "")


def _worded(diagram: Diagram) -> Iterator[etree._Element]:
    yield from diagram.all(*_STANDARD, *_TIMES, "script")
    for tag in (*_OURS, "preScript", "postScript"):
        yield from diagram.root.iterfind(f".//spiff:{tag}", NAMESPACES)


def _scripts(diagram: Diagram) -> Iterator[Finding]:
    nodes = [*diagram.all("script")]
    for tag in ("preScript", "postScript"):
        nodes += diagram.root.iterfind(f".//spiff:{tag}", NAMESPACES)
    for node in nodes:
        try:
            compile_assignments(node.text or "")
        except ExpressionError as error:
            text = Sentence(
                "Scripts may only hold lines of name = expression: {fault}", fault=error.located
            )
            yield diagram.finding(node, "no-script", text)


def _mixed(diagram: Diagram) -> Iterator[Finding]:
    """Refuse elements among the words: everything behind them would go unread."""
    for node in _worded(diagram):
        if len(node):
            text = Sentence("Only words may stand here, and no elements among them.")
            yield diagram.finding(node, "expression", text)
    for task in diagram.all("scriptTask"):
        if sum(1 for _ in task.iterfind(".//bpmn:script", NAMESPACES)) > 1:
            text = Sentence("A script task has one script; put its lines together.")
            yield diagram.finding(task, "no-script", text)


def _timers(diagram: Diagram) -> Iterator[Finding]:
    for event in diagram.all("timerEventDefinition"):
        if sum(1 for child in event.iterchildren() if local_name(child) in _TIMES) > 1:
            text = Sentence("A timer has one time: a duration, a date or a repetition.")
            yield diagram.finding(event, "timer", text)
    for node in diagram.all("timeDuration", "timeDate"):
        source = (node.text or "").strip()
        if _LOOKS_LIKE_TIME.fullmatch(source):
            yield diagram.finding(node, "timer", _unquoted(source))
            continue
        yield from _expression(diagram, node, source)
        try:
            compiled = compile_expression(source)
            if not compiled.names:
                due_time(compiled({}), _SOME_DAY)
        except TimerError as error:
            text = Sentence(
                '{fault}. Write durations with quotes, as in "P8D".', fault=error.args[0]
            )
            yield diagram.finding(node, "timer", text)
        except ExpressionError:
            continue


def _unquoted(source: str) -> Sentence:
    """Return what is wrong with a duration or date that stands there without quotes."""
    try:
        due_time(source, _SOME_DAY)
    except TimerError as error:
        return Sentence('{fault}. Write durations with quotes, as in "P8D".', fault=error.args[0])
    return Sentence("Write the duration or date with quotes: “{source}”.", source=f'"{source}"')


def _repetitions(diagram: Diagram) -> Iterator[Finding]:
    for node in diagram.all("timeCycle"):
        source = (node.text or "").strip()
        try:
            compiled = compile_expression(source)
            if not compiled.names:
                parse_cycle(compiled({}), _SOME_DAY)
        except TimerError as error:
            text = Sentence(
                '{fault}. Write repetitions with quotes, as in "R3/PT24H".', fault=error.args[0]
            )
            yield diagram.finding(node, "timer", text)
        except ExpressionError as error:
            text = Sentence(
                '{source}: {fault} Write repetitions with quotes, as in "R3/PT24H".',
                source=repr(source[:80]),
                fault=error.located,
            )
            yield diagram.finding(node, "timer", text)


def _expression(diagram: Diagram, node: Element | etree._Element, source: str) -> Iterator[Finding]:
    try:
        compile_expression(source.strip())
    except ExpressionError as error:
        shown = repr(source.strip()[:80])
        text = Sentence("{source}: {fault}", source=shown, fault=error.located)
        yield diagram.finding(node, "expression", text)
