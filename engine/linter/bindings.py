"""Rules on names: forms, operations and their parameters, called processes, closed lists."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from engine.expressions.errors import ExpressionError
from engine.expressions.language import compile_expression
from engine.linter.diagram import Diagram
from engine.linter.findings import Finding
from engine.registry import Operations
from engine.sentences import Sentence
from engine.spiff.elements import Element
from engine.spiff.xml import NAMESPACES


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
    drawn = {name.split("/", 1)[0] for name in files if name.endswith(".bpmn")}
    for node in diagram.nodes.values():
        if node.kind == "userTask":
            yield from _user_task(diagram, node, vocabulary, files)
        if node.kind == "serviceTask":
            yield from _service_task(diagram, node, vocabulary)
        if node.kind == "callActivity":
            yield from _call_activity(diagram, node, drawn)
        yield from _choices(diagram, node, vocabulary)


def known_names(model: type[BaseModel]) -> frozenset[str] | None:
    """Return every name a model of parameters reads; None when it takes any."""
    if model.model_config.get("extra") == "allow":
        return None
    fields = model.model_fields.items()
    return frozenset(alias for name, info in fields for alias in (name, *_aliases(info)))


def missing_names(model: type[BaseModel], given: frozenset[str]) -> list[str]:
    """Return the names a model demands that are not among those given."""
    return [
        name
        for name, info in model.model_fields.items()
        if info.is_required() and not given & {name, *_aliases(info)}
    ]


def _aliases(info: FieldInfo) -> set[str]:
    return {each for each in (info.alias, info.validation_alias) if isinstance(each, str)}


def _user_task(
    diagram: Diagram, node: Element, vocabulary: Vocabulary, files: Mapping[str, bytes]
) -> Iterator[Finding]:
    form = node.form_key
    if not form:
        text = Sentence("A user task needs a form: set its property formKey.")
        yield diagram.finding(node, "no-form", text)
    elif f"{diagram.folder}/forms/{form}.form" not in files:
        text = Sentence("The form forms/{form}.form is missing.", form=form)
        yield diagram.finding(node, "no-form", text)
    operation = node.properties.get("operation")
    if not operation:
        text = Sentence(
            "A user task needs an operation that receives its form: set its property operation."
        )
        yield diagram.finding(node, "no-operation", text)
    elif operation not in vocabulary.operations:
        text = Sentence("There is no operation called {operation}.", operation=operation)
        yield diagram.finding(node, "unknown-operation", text)


def _service_task(diagram: Diagram, node: Element, vocabulary: Vocabulary) -> Iterator[Finding]:
    path = "bpmn:extensionElements/spiff:serviceTaskOperator"
    operator = next(reversed(diagram.xml_of(node).findall(path, NAMESPACES)), None)  # as the engine
    name = operator.get("id", "") if operator is not None else ""
    if operator is None or not name:
        text = Sentence("A service task needs an operation: add a service task operator.")
        yield diagram.finding(node, "no-operation", text)
    elif name not in vocabulary.operations:
        text = Sentence("There is no operation called {operation}.", operation=name)
        yield diagram.finding(node, "unknown-operation", text)
    else:
        yield from _parameters(diagram, node, operator, vocabulary.operations.model(name))


def _parameters(
    diagram: Diagram, node: Element, operator: etree._Element, model: type[BaseModel]
) -> Iterator[Finding]:
    given = {
        item.get("id", ""): item for item in operator.iterfind(".//spiff:parameter", NAMESPACES)
    }
    known = known_names(model)
    for name, item in given.items():
        if {"id", "type", "value"} - set(item.keys()):
            text = Sentence("A parameter has an id, a type (write “any”) and a value.")
            yield diagram.finding(item, "parameter-value", text)
        if known is not None and name not in known:
            text = Sentence("The operation takes no parameter “{name}”.", name=name)
            yield diagram.finding(item, "unknown-parameter", text)
    for name in missing_names(model, frozenset(given)):
        text = Sentence("The operation needs the parameter “{name}”.", name=name)
        yield diagram.finding(node, "missing-parameter", text)
    literals = {name: value for name, item in given.items() for value in _literal(item)}
    for name, reason in _misfits(model, literals):
        text = Sentence(
            "The parameter “{name}” cannot be {value}: {reason}.",
            name=name,
            value=repr(literals[name])[:80],
            reason=reason,
        )
        yield diagram.finding(given[name], "parameter-value", text)


def _literal(item: etree._Element) -> Iterator[Any]:
    """Yield the value of a parameter that is the same whatever the data."""
    try:
        compiled = compile_expression(item.get("value", "").strip())
        if not compiled.names:
            yield compiled({})
    except ExpressionError:
        return  # the rules on expressions say so


def _misfits(model: type[BaseModel], literals: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (parameter, reason) of each value that its type refuses; others are not looked at."""
    try:
        model.model_validate(dict(literals))
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_context=False):
            name = str(fault["loc"][0]) if fault["loc"] else ""
            if name in literals and fault["type"] not in {"missing", "extra_forbidden"}:
                yield name, fault["msg"].rstrip(".")


def _call_activity(diagram: Diagram, node: Element, drawn: Collection[str]) -> Iterator[Finding]:
    target = diagram.xml_of(node).get("calledElement", "")
    if target not in drawn:
        text = Sentence("The called process “{process}” is not deployed.", process=target)
        yield diagram.finding(node, "unknown-process", text)


def _choices(diagram: Diagram, node: Element, vocabulary: Vocabulary) -> Iterator[Finding]:
    for name, allowed in vocabulary.choices.items():
        value = node.properties.get(name)
        if value is not None and value not in allowed:
            text = Sentence(
                "The property {name} is “{value}”; it must be one of {allowed}.",
                name=name,
                value=value,
                allowed=", ".join(sorted(allowed)),
            )
            yield diagram.finding(node, "unknown-value", text)
