"""Writes a tree down again, in the spelling of diagrams."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.expressions.errors import ExpressionError
from engine.expressions.language import compile_expression
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
    check_size,
)

_CHOICE, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _ATOM = range(8)
"""How tight a part binds; what binds looser than its place stands in parentheses."""
_SIGNS: Final = {"=": "==", "+": "+", "-": "-", "*": "*", "/": "/", "//": "//", "%": "%"}
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\t": "\\t"})


def written(tree: Node) -> str:
    """Return the text of an expression as diagrams spell it: `kind == 'x' and amount > 3`.

    The text means exactly the tree: it is read again and compared before it is returned.

    Raises:
        ExpressionError: the tree is larger than an expression may be, or the language has no
            spelling for it.
    """
    check_size(tree)
    text = _part(tree, _CHOICE)
    if compile_expression(text).tree != tree:
        raise ExpressionError("failed")
    return text


def _part(node: Node, place: int) -> str:
    tightness, write = _WRITERS[node.__class__]
    text = write(node)
    if isinstance(node, Logic):
        tightness = _OR if node.operator == "or" else _AND
    if isinstance(node, Binary):
        tightness = _tightness(node.operator)
    return f"({text})" if tightness < place else text


def _tightness(operator: str) -> int:
    return {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "//": _PRODUCT, "%": _PRODUCT}.get(
        operator, _COMPARE
    )


def _constant(node: Constant) -> str:
    value = node.value
    if isinstance(value, str):
        return f"'{value.translate(_ESCAPES)}'"
    return repr(value)


def _logic(node: Logic) -> str:
    tighter = _AND if node.operator == "or" else _NOT
    return f" {node.operator} ".join(_part(part, tighter) for part in node.parts)


def _binary(node: Binary) -> str:
    tightness = _tightness(node.operator)
    left = _part(node.left, tightness + (tightness == _COMPARE))
    return f"{left} {_SIGNS.get(node.operator, node.operator)} {_part(node.right, tightness + 1)}"


def _choice(node: Choice) -> str:
    yes, test, no = _part(node.yes, _OR), _part(node.test, _OR), _part(node.no, _CHOICE)
    return f"{yes} if {test} else {no}"


def _items(items: tuple[Node, ...]) -> str:
    return ", ".join(_part(item, _CHOICE) for item in items)


def _record(node: Record) -> str:
    pairs = zip(node.keys, node.values, strict=True)
    inner = ", ".join(
        f"{_constant(Constant(key))}: {_part(value, _CHOICE)}" for key, value in pairs
    )
    return f"{{{inner}}}"


_WRITERS: Final[Mapping[type[Node], tuple[int, Callable[[Any], str]]]] = {
    Constant: (_ATOM, _constant),
    Name: (_ATOM, lambda node: node.name),
    Field: (_ATOM, lambda node: f"{_part(node.base, _ATOM)}.{node.key}"),
    Item: (_ATOM, lambda node: f"{_part(node.base, _ATOM)}[{_part(node.index, _CHOICE)}]"),
    Sequence: (_ATOM, lambda node: f"[{_items(node.items)}]"),
    Record: (_ATOM, _record),
    Call: (_ATOM, lambda node: f"{node.function}({_items(node.arguments)})"),
    Not: (_NOT, lambda node: f"not {_part(node.operand, _NOT)}"),
    Negative: (_ATOM, lambda node: f"-{_part(node.operand, _ATOM)}"),
    Logic: (_OR, _logic),
    Binary: (_COMPARE, _binary),
    Choice: (_CHOICE, _choice),
}
