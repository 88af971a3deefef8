"""Cells of a decision table's input columns, turned into tests.

What a cell may say: nothing or `-` (anything fits), a value or expression (must be equal), several
with commas between them or a list (one of them), `not(...)` (none of them), a comparison such as
`< 5` or `in tags`, and any expression in which `?` stands for the input.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from engine.expressions.errors import ExpressionError
from engine.expressions.evaluator import Compiled, compiled
from engine.expressions.grammar import checked_source
from engine.expressions.language import compile_expression
from engine.expressions.tree import Binary, Name, Node, Not, Sequence

_INPUT: Final = "dmn_input"
"""Name under which a test reads the value of its input."""
_COMPARISON: Final = re.compile(
    r"\s*(?P<sign><=|>=|==|!=|<|>|=|not\s+in\b|in\b)(?P<rest>.*)", re.DOTALL
)
_PIECE: Final = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\?""", re.DOTALL)


class Test:
    """One input cell, ready to be held against values."""

    __test__ = False  # no test of ours, whatever pytest thinks of the name
    __slots__ = ("_compiled", "source")

    def __init__(self, source: str) -> None:
        """Read a cell. Raises ExpressionError."""
        self.source = source.strip()
        self._compiled = None if self.source in {"", "-"} else _compile(self.source)

    def fits(self, value: Any, values: Mapping[str, Any]) -> bool:
        """Tell whether the input's value passes. Raises ExpressionError."""
        if self._compiled is None:
            return True
        return bool(self._compiled({**values, _INPUT: value}))


def _compile(source: str) -> Compiled:
    checked_source(source)  # before any search in it, which takes its time in a long one
    replaced = _PIECE.sub(lambda found: _INPUT if found[0] == "?" else found[0], source)
    if replaced != source:
        return compile_expression(replaced)
    comparison = _COMPARISON.fullmatch(source)
    if comparison is not None:
        sign = "==" if comparison["sign"] == "=" else comparison["sign"]
        return compile_expression(f"{_INPUT} {sign} {comparison['rest']}")
    return compiled(source, _test_of(_tree(source)))


def _tree(source: str) -> Node:
    """Return the tree of a cell; values with commas between them make a list."""
    try:
        return compile_expression(source).tree
    except ExpressionError:
        if "," in source:
            return compile_expression(f"({source})").tree
        raise


def _test_of(tree: Node) -> Node:
    if isinstance(tree, Not):
        return Not(_test_of(tree.operand))
    return Binary("in" if isinstance(tree, Sequence) else "=", Name(_INPUT), tree)
