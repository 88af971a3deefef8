"""The spelling of diagrams: `kind == 'x' and (vip or amount > 100) and case["status"] in ["open"]`.

What there is: texts, numbers, `True False None`, names, `a.b` and `a["b"]` on plain records, lists
and records in brackets, `== != < <= > >= in`, `not in`, `is`, `+ - * / // %`, `and or not`,
`x if test else y`, and the functions of `engine.expressions.functions`. What there is not: calls on
values, loops, functions of one's own, formatted texts, powers.
"""

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from engine.expressions.errors import ExpressionError
from engine.expressions.evaluator import Compiled, compiled
from engine.expressions.grammar import (
    AND,
    COMPARE,
    NOT,
    OR,
    PRODUCT,
    SUM,
    Grammar,
    checked_source,
)
from engine.expressions.tokens import Token
from engine.expressions.tree import Choice, Node, Not, Record, check_size
from engine.expressions.values import bounded
from engine.sentences import Sentence

__all__ = [
    "Assignments",
    "Compiled",
    "ExpressionError",
    "compile_assignments",
    "compile_expression",
    "excess",
]
MAX_WEIGHT: Final = 150_000
"""Words and signs of all expressions of a file: more would take seconds to read."""

MAX_SCRIPT: Final = 5_000
MAX_LINES: Final = 50
_CACHED: Final = 1_024
_PART: Final = re.compile(r"\w+|[^\w\s]")
_SIGNS: Final = {
    "or": (OR, "or"),
    "and": (AND, "and"),
    **{sign: (COMPARE, sign) for sign in ("<", "<=", ">", ">=", "!=", "in")},
    "==": (COMPARE, "="),
    "is": (COMPARE, "="),
    **{sign: (SUM, sign) for sign in "+-"},
    **{sign: (PRODUCT, sign) for sign in ("*", "/", "//", "%")},
}
_CONSTANTS: Final[dict[str, bool | None]] = {
    "True": True,
    "False": False,
    "None": None,
    "true": True,
    "false": False,
    "null": None,
}
_WORDS: Final = frozenset(keyword.kwlist)


class _Language(Grammar):
    signs = _SIGNS
    constants = _CONSTANTS
    reserved = _WORDS

    def joined_parts(self, tightness: int) -> Node:
        """Parts with signs between them, or one of two by a test."""
        node = super().joined_parts(tightness)
        at = self.token.at
        if tightness > 0 or not self.skip("if"):
            return node
        test = self.expression(OR)
        self.expect("else")
        return Choice(test, node, self.expression(), at=at)

    def sign(self) -> tuple[int, str] | None:
        """The next sign; `not in` counts as one."""
        if self.at_sign("not") and self.tokens[self.position + 1].text == "in":
            return COMPARE, "not in"
        if self.at_sign("="):
            raise self.error("assign_place")
        return super().sign()

    def joined(self, left: Node, tightness: int, operator: str) -> Node:
        """The part so far, the sign that comes next, and the part after it."""
        at = self.token.at
        if operator == "not in":
            self.take()
            return Not(super().joined(left, COMPARE, "in"), at=at)
        if self.at_sign("is") and self.tokens[self.position + 1].text == "not":
            self.take()
            operator = "!="
        return super().joined(left, tightness, operator)

    def opening(self) -> Node:
        """What an expression begins with; `not` reaches over comparisons."""
        at = self.token.at
        if self.skip("not"):
            return Not(self.expression(NOT), at=at)
        return super().opening()

    def atom(self) -> Node:
        """One part without a sign, records included."""
        token = self.token
        return self.record(token) if self.skip("{") else super().atom()

    def record(self, opened: Token) -> Node:
        """A record in braces."""
        keys: list[str] = []
        values: list[Node] = []
        while not self.skip("}"):
            key = self.take()
            if key.kind != "text" or not isinstance(key.value, str):
                raise self.error("key", key)
            self.expect(":")
            keys.append(key.value)
            values.append(self.expression())
            if not self.skip(","):
                self.expect("}", opened)
                break
        return Record(tuple(keys), tuple(values), at=opened.at)

    def lines(self) -> list[tuple[str, Node]]:
        """All lines `name = expression`."""
        found: list[tuple[str, Node]] = []
        while self.token.kind != "end":
            found.append(self.assignment())
            if len(found) > MAX_LINES:
                raise self.error("too_many_lines", limit=MAX_LINES)
        return found

    def assignment(self) -> tuple[str, Node]:
        """One line `name = expression`; the next one must begin on a line of its own."""
        target = self.take()
        named = target.kind == "name" and target.text not in self.reserved | _CONSTANTS.keys()
        if not named or not self.skip("="):
            raise self.error("assign_name", target)
        tree = self.expression()
        check_size(tree)
        last = self.tokens[self.position - 1]
        if self.token.kind != "end" and self.token.at.line == last.at.line:
            raise self.unexpected()
        return target.text, tree


class Assignments:
    """Lines of `name = expression`, ready to run.

    Attributes:
        source: the text they were read from.
        names: values they need from outside.
        targets: values they set.
    """

    __slots__ = ("_steps", "names", "source", "targets")

    def __init__(self, source: str, steps: tuple[tuple[str, Compiled], ...]) -> None:
        self.source = source
        self._steps = steps
        self.targets = frozenset(target for target, _ in steps)
        needed: set[str] = set()
        known: set[str] = set()
        for target, step in steps:
            needed |= step.names - known
            known.add(target)
        self.names = frozenset(needed)

    def __iter__(self) -> Iterator[tuple[str, Compiled]]:
        """Each line: the name it sets and the expression."""
        return iter(self._steps)

    def __call__(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values the lines set; a later line sees what an earlier one set."""
        known = dict(values)
        changed: dict[str, Any] = {}
        for target, step in self._steps:
            known[target] = changed[target] = step(known)
        return bounded(changed)


def excess(sources: Iterable[str]) -> Sentence | None:
    """What to say of a file whose expressions would take seconds to read; None of any other.

    What is too long to be read at all counts nothing.
    """
    short = {source for source in sources if len(source) <= MAX_SCRIPT}
    if sum(len(_PART.findall(source)) for source in short) <= MAX_WEIGHT:
        return None
    return Sentence(
        "The expressions of this file have more than {most} words and signs.", most=MAX_WEIGHT
    )


def compile_expression(source: str) -> Compiled:
    """The expression, ready to be worked out with `compiled(values)`.

    Raises:
        ExpressionError: it cannot be read, or is larger than the limits.
    """
    return _expression(checked_source(source))


def compile_assignments(source: str) -> Assignments:
    """Lines of `name = expression`, ready to run; empty lines and `# remarks` are fine.

    Raises:
        ExpressionError: a line is something else, or cannot be read.
    """
    return _assignments(checked_source(source, MAX_SCRIPT))


@lru_cache(maxsize=_CACHED)
def _expression(source: str) -> Compiled:
    return compiled(source, _Language(source).whole())


@lru_cache(maxsize=_CACHED // 8)
def _assignments(source: str) -> Assignments:
    steps = tuple((target, compiled(source, tree)) for target, tree in _Language(source).lines())
    return Assignments(source, steps)
