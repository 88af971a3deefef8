"""Conditions and values of other tools, as trees of our own language."""

import re
from collections.abc import Callable
from typing import Final, Literal

from engine.conversion import juel
from engine.expressions.errors import ExpressionError
from engine.expressions.feel import compile_feel
from engine.expressions.tree import Binary, Constant, Logic, Node, Not, walk

Language = Literal["juel", "feel", "drawn"]
"""`drawn`: a drawing tool without an engine; nobody says which language its texts are in."""

_JUEL: Final = re.compile(r"[$#]\{(?P<inner>[^{}]*)\}")
_FEEL_CAST: Final = re.compile(r'(?:duration|date and time|date)\(\s*(?P<text>"[^"]*")\s*\)')
_MIXED: Final = re.compile(r"[$#]\{")


class InexpressibleError(ValueError):
    """What stands there cannot be said in our language; the text says why."""


def condition(text: str, language: Language) -> Node:
    """Return the tree of a condition. Raises InexpressibleError."""
    text = text.strip()
    whole = _JUEL.fullmatch(text)
    if whole is not None:
        return _checked(lambda: juel.read(whole["inner"]))
    if text.startswith("="):
        return _checked(lambda: _feel(text))
    if language != "drawn":
        raise InexpressibleError("it is no expression")
    return _drawn(text)


def value(text: str, language: Language) -> Node:
    """Return the tree of a parameter: an expression, or the words as they stand.

    Raises InexpressibleError: text and expressions are mixed, or the expression calls code.
    """
    text = text.strip()
    if _JUEL.fullmatch(text) or text.startswith("="):
        return condition(text, language)
    if _MIXED.search(text):
        raise InexpressibleError("it mixes words and expressions")
    return Constant(text)


def plain(text: str) -> Node:
    """Return the tree of an expression in a script. Raises InexpressibleError."""
    return _checked(lambda: juel.read(text.strip().removesuffix(";")))


def orders(tree: Node) -> bool:
    """Return whether the tree compares by size: there a missing value matters."""
    return any(
        isinstance(node, Binary) and node.operator in {"<", "<=", ">", ">="}
        for node, _ in walk(tree)
    )


def kind_of(value: Node, uses: list[tuple[Node, bool]]) -> tuple[str, list[str]]:
    """Return what a value is used as: `checkbox`, `number`, `text` or `radio` with its choices.

    `value` is a name, or a field of one. `radio`: it is only ever compared with these texts.
    `uses` are expressions, each with whether it is a condition: there a value alone is a yes or no.
    """
    texts: list[str] = []
    kinds: set[str] = set()
    for tree, is_condition in uses:
        for node, _ in walk(tree):
            if isinstance(node, Binary) and value in node.children():
                kinds.add(_compared(node, value, texts))
            elif value in node.children():
                kinds.add("checkbox" if isinstance(node, Logic | Not) else "text")
        if tree == value:
            kinds.add("checkbox" if is_condition else "text")
    if kinds == {"radio"}:
        return "radio", list(dict.fromkeys(texts))
    return (kinds.pop(), []) if len(kinds) == 1 else ("text", [])


def _compared(node: Binary, value: Node, texts: list[str]) -> str:
    other = node.right if node.left == value else node.left
    if not isinstance(other, Constant) or other.value is None:
        return "text" if node.operator in {"=", "!=", "in"} else "number"
    if isinstance(other.value, bool):
        return "checkbox"
    if not isinstance(other.value, str):
        return "number"
    texts.append(other.value)
    return "radio" if node.operator in {"=", "!="} and other.value.strip() else "text"


def _feel(text: str) -> Node:
    return compile_feel(_FEEL_CAST.sub(lambda match: match["text"], text)).tree


def _drawn(text: str) -> Node:
    """What somebody wrote on a flow is taken as a condition only if it compares or combines."""
    for reading in (juel.read, _feel):
        try:
            tree = reading(text)
        except ExpressionError:
            continue
        if isinstance(tree, Binary | Logic | Not):
            return tree
    raise InexpressibleError("it is no comparison")


def _checked(reading: Callable[[], Node]) -> Node:
    try:
        return reading()
    except ExpressionError as error:
        raise InexpressibleError(error.sentence) from None
