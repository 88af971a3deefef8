"""Steps that code did: operations of that name, expressions we can say, or a person."""

import re
from typing import Final

from lxml import etree

from engine.conversion import decisions, hands, mappings
from engine.conversion.dialects import CAMUNDA, ZEEBE
from engine.conversion.expressions import InexpressibleError, condition, plain
from engine.conversion.markup import (
    bpmn,
    child,
    drop,
    explain,
    extension,
    operate,
    rename,
    safe,
    set_property,
)
from engine.conversion.work import Work
from engine.expressions.errors import ExpressionError
from engine.expressions.tree import Node
from engine.expressions.writer import written

_SET_VARIABLE: Final = re.compile(
    r"execution\.setVariable\(\s*(['\"])(?P<name>\w+)\1\s*,(?P<source>.+)\)", re.DOTALL
)
_ASSIGNMENT: Final = re.compile(
    r"(?:(?:var|let|const|def)\s+)?(?P<name>[A-Za-z]\w*)\s*=(?!=)(?P<source>.+)", re.DOTALL
)
_COMMENT: Final = re.compile(r"^\s*(//|/\*.*\*/\s*$|#).*$", re.MULTILINE)


def convert(work: Work) -> None:
    """Convert every step that code did."""
    for node in work.flow_nodes("scriptTask"):
        _script(work, node)
    for node in work.flow_nodes("businessRuleTask"):
        if not decisions.convert(work, node):
            _service(work, node)
    for node in work.flow_nodes("serviceTask"):
        _service(work, node)
    for node in work.flow_nodes("sendTask"):
        code = hands.take_code(node)
        if code is not None:
            _by_code(work, node, code)
        elif node.get("messageRef") is None:
            work.notes.add(node, "service.unsaid")
            hands.by_hand(work, node)


def _service(work: Work, node: etree._Element) -> None:
    code = hands.take_code(node)
    if code is None:
        work.notes.add(node, "service.unsaid")
        hands.by_hand(work, node)
        return
    if code.expression and _evaluated(work, node, code.expression):
        return
    _by_code(work, node, code)


def _by_code(work: Work, node: etree._Element, code: hands.Code) -> None:
    if code.name in work.upload.operations:
        _operation(work, node, code.name)
        return
    work.notes.add(node, "service.by_hand", what=code.shown)
    explain(node, f"Until now this was done by code: {code.shown}")
    hands.by_hand(work, node)


def _operation(work: Work, node: etree._Element, name: str) -> None:
    """Call the operation that has the name of the topic."""
    rename(node, "serviceTask")
    given, taken = mappings.take(work, node)
    parameters = {}
    for parameter, source in given:
        try:
            parameters[parameter] = work.read_value(node, source)
        except InexpressibleError as error:
            work.notes.add(node, "mapping.lost", name=parameter, reason=error)
    operate(node, name, parameters)
    waits = node.attrib.pop(f"{{{CAMUNDA}}}asyncBefore", "") == "true"
    if waits or work.dialect.tool == "camunda8":
        set_property(node, "async", "true")
    work.calls_code = True
    mappings.set_after(work, node, taken)
    work.notes.add(node, "service.operation", name=name)


def _evaluated(work: Work, node: etree._Element, source: str) -> bool:
    """Return whether a called expression only works out a value; the step then does that."""
    result = hands.take_result(node)
    try:
        tree = condition(source, work.dialect.language)
        if not result or safe(result) != result:
            return False
        line = f"{result} = {work.uses_tree(node, tree)}"
    except InexpressibleError:
        if result:
            node.set(f"{{{CAMUNDA}}}resultVariable", result)
        return False
    _becomes_script(work, node, [(result, tree)])
    work.notes.add(node, "expression.converted", source=source, script=line)
    return True


def _becomes_script(work: Work, node: etree._Element, lines: list[tuple[str, Node]]) -> None:
    rename(node, "scriptTask")
    node.attrib.pop("scriptFormat", None)
    script = child(node, "script")
    if script is None:
        script = etree.SubElement(node, bpmn("script"))
    script.text = "\n".join(f"{name} = {written(tree)}" for name, tree in lines)
    work.sets.update(name for name, _ in lines)
    given, taken = mappings.take(work, node)
    mappings.set_before(work, node, given)
    mappings.set_after(work, node, taken)


def _script(work: Work, node: etree._Element) -> None:
    """Keep a script that only works out values; else a person does the step."""
    if next(extension(node, ZEEBE, "taskDefinition"), None) is not None:
        _service(work, node)  # a job of that type, as any service
        return
    source, result = _source(node)
    try:
        lines = _lines(source, result, feel=source.lstrip().startswith("="))
        for _, tree in lines:
            work.uses_tree(node, tree)
    except (InexpressibleError, ExpressionError) as error:
        work.notes.add(node, "script.by_hand", reason=error, script=source)
        explain(node, f"Until now this was done by a script: {source.strip()[:500]}")
        for script in node.findall(bpmn("script")):
            drop(script)
        node.attrib.pop("scriptFormat", None)
        if result:
            node.set(f"{{{CAMUNDA}}}resultVariable", result)
        hands.by_hand(work, node)
        return
    _becomes_script(work, node, lines)
    shown = "; ".join(f"{name} = {written(tree)}" for name, tree in lines)
    work.notes.add(node, "script.converted", script=shown)


def _source(node: etree._Element) -> tuple[str, str]:
    """Return the text of a script and the value its result goes to; takes them out."""
    for entry in list(extension(node, ZEEBE, "script")):
        drop(entry)
        return entry.get("expression", ""), entry.get("resultVariable", "")
    resource = node.attrib.pop(f"{{{CAMUNDA}}}resource", "")
    script = child(node, "script")
    text = (script.text or "") if script is not None else ""
    return text or resource, hands.take_result(node)


def _lines(source: str, result: str, *, feel: bool) -> list[tuple[str, Node]]:
    """Return what a script sets, line by line. Raises InexpressibleError."""
    if feel:
        if not result or safe(result) != result:
            raise InexpressibleError("its result has no name")
        return [(result, condition(source, "feel"))]
    statements = [text.strip().rstrip(";").strip() for text in _statements(source)]
    found: list[tuple[str, Node]] = []
    for place, text in enumerate(statements):
        match = _SET_VARIABLE.fullmatch(text) or _ASSIGNMENT.fullmatch(text)
        if match is not None:
            found.append((match["name"], plain(match["source"])))
        elif place == len(statements) - 1 and result and safe(result) == result:
            found.append((result, plain(text.removeprefix("return "))))
        else:
            raise InexpressibleError("it does more than work out values")
    if not found:
        raise InexpressibleError("it is empty")
    if result and result not in {name for name, _ in found}:
        found.append((result, plain(found[-1][0])))
    return found


def _statements(source: str) -> list[str]:
    whole = _COMMENT.sub("", source)
    return [text for text in re.split(r";|\n", whole) if text.strip(" \t\r;")]
