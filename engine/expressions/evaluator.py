"""Turns a tree into closures, once; a condition then costs about a microsecond."""

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.expressions.errors import ExpressionError
from engine.expressions.functions import FUNCTIONS, contains
from engine.expressions.tree import (
    Binary,
    Call,
    Choice,
    Constant,
    Field,
    Item,
    Logic,
    Name,
    Negative,
    Node,
    Not,
    Record,
    Sequence,
    names,
)
from engine.expressions.values import MAX_ITEMS, MAX_NUMBER, MAX_TEXT, NUMBERS, bounded

Run = Callable[[Mapping[str, Any]], Any]
"""A part of an expression, ready to be worked out."""

_FAULTS: Final = (ArithmeticError, LookupError, TypeError, ValueError, RecursionError)
_CONTAINERS: Final[frozenset[Any]] = frozenset({list, dict})
_INDEXED: Final[frozenset[Any]] = frozenset({list, str})
_ORDER: Final = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_CALCULATION: Final = {
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


class Compiled:
    """An expression, ready to be worked out.

    Attributes:
        source: the text it was read from.
        names: the values it reads.
        tree: what the text means; equal for both spellings of one meaning.
    """

    __slots__ = ("_run", "names", "source", "tree")

    def __init__(self, source: str, tree: Node, run: Run) -> None:
        self.source = source
        self.tree = tree
        self.names = names(tree)
        self._run = run

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """The value of the expression with these values.

        Raises:
            ExpressionError: it has none.
        """
        try:
            value = self._run(values)
            return bounded(value) if value.__class__ in _CONTAINERS else value
        except ExpressionError:
            raise
        except _FAULTS:
            raise ExpressionError("failed") from None


def compiled(source: str, tree: Node, *, null_safe: bool = False) -> Compiled:
    """The expression of this tree.

    Args:
        source: the text it was read from.
        tree: what the text means.
        null_safe: give null, not an error, where values are missing or do not fit.
    """
    return Compiled(source, tree, build(tree, null_safe=null_safe))


def build(node: Node, *, null_safe: bool) -> Run:
    """The closure of one part and all it is made of."""
    if null_safe and isinstance(node, Name):
        return _name_or_null(node)
    parts = tuple(build(child, null_safe=null_safe) for child in node.children())
    run = _BUILDERS[node.__class__](node, *parts)
    if null_safe and isinstance(node, Binary | Call | Field | Item | Negative):
        return _quiet(run, FUNCTIONS[node.function].empty if isinstance(node, Call) else None)
    return run


def _quiet(run: Run, empty: Any) -> Run:
    def quiet(values: Mapping[str, Any]) -> Any:
        try:
            return run(values)
        except _FAULTS:  # ExpressionError is one of them
            return empty

    return quiet


def _fault(node: Node, code: str, **params: object) -> ExpressionError:
    return ExpressionError(code, line=node.at.line, column=node.at.column, **params)


def _constant(node: Constant) -> Run:
    value = node.value
    return lambda _values: value


def _name(node: Name) -> Run:
    name = node.name

    def run(values: Mapping[str, Any]) -> Any:
        try:
            return values[name]
        except KeyError:
            raise _fault(node, "unknown_name", name=name) from None

    return run


def _name_or_null(node: Name) -> Run:
    name = node.name
    return lambda values: values.get(name)


def _field(node: Field, base: Run) -> Run:
    key = node.key

    def run(values: Mapping[str, Any]) -> Any:
        record = base(values)
        if record.__class__ is dict and key in record:
            return record[key]
        raise _fault(node, "field", name=key)

    return run


def _item(node: Item, base: Run, index: Run) -> Run:
    def run(values: Mapping[str, Any]) -> Any:
        container, place = base(values), index(values)
        if container.__class__ is dict and place.__class__ is str:
            if place in container:
                return container[place]
            raise _fault(node, "field", name=place[:40])
        if container.__class__ in _INDEXED and place.__class__ is int:
            if -len(container) <= place < len(container):
                return container[place]
            raise _fault(node, "index")
        raise _fault(node, "indexable")

    return run


def _sequence(node: Sequence, *items: Run) -> Run:
    if all(isinstance(item, Constant) for item in node.items):
        fixed = [item.value for item in node.items if isinstance(item, Constant)]
        return lambda _values: fixed[:]
    return lambda values: [item(values) for item in items]


def _record(node: Record, *parts: Run) -> Run:
    pairs = tuple(zip(node.keys, parts, strict=True))
    return lambda values: {key: part(values) for key, part in pairs}


def _not(_node: Not, operand: Run) -> Run:
    return lambda values: not operand(values)


def _negative(node: Negative, operand: Run) -> Run:
    def run(values: Mapping[str, Any]) -> Any:
        value = operand(values)
        if value.__class__ in NUMBERS:
            return -value
        raise _fault(node, "numbers", operator="-")

    return run


def _logic(node: Logic, *parts: Run) -> Run:
    first, rest = parts[0], parts[1:]
    if node.operator == "and":

        def run_all(values: Mapping[str, Any]) -> Any:
            value = first(values)
            for part in rest:
                if not value:
                    return value
                value = part(values)
            return value

        return run_all

    def run_any(values: Mapping[str, Any]) -> Any:
        value = first(values)
        for part in rest:
            if value:
                return value
            value = part(values)
        return value

    return run_any


def _choice(_node: Choice, test: Run, yes: Run, no: Run) -> Run:
    return lambda values: yes(values) if test(values) else no(values)


def _binary(node: Binary, left: Run, right: Run) -> Run:
    if node.operator == "=":
        return lambda values: left(values) == right(values)
    if node.operator == "!=":
        return lambda values: left(values) != right(values)
    if node.operator == "in":
        return _within(node, left, right)
    if node.operator in _ORDER:
        return _ordered(node, left, right)
    return _sum(node, left, right) if node.operator == "+" else _calculated(node, left, right)


def _within(node: Binary, left: Run, right: Run) -> Run:
    def run(values: Mapping[str, Any]) -> bool:
        try:
            return contains(right(values), left(values))
        except TypeError:
            raise _fault(node, "container") from None

    return run


def _ordered(node: Binary, left: Run, right: Run) -> Run:
    compare = _ORDER[node.operator]

    def run(values: Mapping[str, Any]) -> Any:
        one, other = left(values), right(values)
        kind, other_kind = one.__class__, other.__class__
        if (kind in NUMBERS and other_kind in NUMBERS) or kind is other_kind is str:
            return compare(one, other)
        raise _fault(node, "order", operator=node.operator)

    return run


def _sum(node: Binary, left: Run, right: Run) -> Run:
    def run(values: Mapping[str, Any]) -> Any:
        one, other = left(values), right(values)
        kind, other_kind = one.__class__, other.__class__
        if kind in NUMBERS and other_kind in NUMBERS:
            return _finite(node, one + other)
        if kind is not other_kind or kind not in _INDEXED:
            raise _fault(node, "sum")
        if len(one) + len(other) > (MAX_TEXT if kind is str else MAX_ITEMS):
            raise _fault(node, "too_large")
        return one + other

    return run


def _calculated(node: Binary, left: Run, right: Run) -> Run:
    calculate = _CALCULATION[node.operator]

    def run(values: Mapping[str, Any]) -> Any:
        one, other = left(values), right(values)
        if one.__class__ not in NUMBERS or other.__class__ not in NUMBERS:
            raise _fault(node, "numbers", operator=node.operator)
        try:
            return _finite(node, calculate(one, other))
        except ZeroDivisionError:
            raise _fault(node, "zero") from None

    return run


def _finite(node: Node, value: Any) -> Any:
    if -MAX_NUMBER <= value <= MAX_NUMBER:
        return value
    raise _fault(node, "too_large")


def _call(node: Call, *arguments: Run) -> Run:
    function = FUNCTIONS[node.function]
    run_function = function.run

    def run(values: Mapping[str, Any]) -> Any:
        try:
            value = run_function(*[argument(values) for argument in arguments])
        except TypeError:
            needs = function.needs
            raise _fault(node, "argument", function=function.name, needs=needs) from None
        if value.__class__ in NUMBERS:
            return _finite(node, value)
        return value

    return run


_BUILDERS: Final[Mapping[type[Node], Callable[..., Run]]] = {
    Constant: _constant,
    Name: _name,
    Field: _field,
    Item: _item,
    Sequence: _sequence,
    Record: _record,
    Not: _not,
    Negative: _negative,
    Logic: _logic,
    Choice: _choice,
    Binary: _binary,
    Call: _call,
}
