"""The spelling of forms: a part of FEEL, `kind = "x" and not(contains(topic, "news"))`.

What there is: texts, numbers, `true false null`, paths, lists, `= != < <= > >=`, `in`, `+ - * /`,
`and or not()`, `if … then … else …`, and the functions of `engine.expressions.functions` under
their FEEL names too (`count`, `list contains`, `lower case` …). Null-safe: a name that is not
there, or values that do not fit together, give null, and null counts as no.
"""

from functools import lru_cache
from typing import Final

from engine.expressions.evaluator import Compiled, compiled
from engine.expressions.grammar import (
    AND,
    COMPARE,
    OR,
    PRODUCT,
    SUM,
    Grammar,
    checked_source,
)
from engine.expressions.tree import Binary, Choice, Node, Not, Sequence

_TWO_WORDS: Final = {
    "list": "contains",
    "string": "length",
    "lower": "case",
    "upper": "case",
}
_CACHED: Final = 1_024
_SIGNS: Final = {
    "or": (OR, "or"),
    "and": (AND, "and"),
    **{sign: (COMPARE, sign) for sign in ("=", "<", "<=", ">", ">=", "!=", "in")},
    **{sign: (SUM, sign) for sign in "+-"},
    **{sign: (PRODUCT, sign) for sign in "*/"},
}
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_WORDS: Final = frozenset(
    {
        "and",
        "between",
        "else",
        "every",
        "external",
        "for",
        "function",
        "if",
        "in",
        "instance",
        "not",
        "of",
        "or",
        "return",
        "satisfies",
        "some",
        "then",
    }
)


class _Feel(Grammar):
    signs = _SIGNS
    constants = _CONSTANTS
    reserved = _WORDS

    def sign(self) -> tuple[int, str] | None:
        """The next sign."""
        if self.at_sign("=="):
            raise self.error("double_equals")
        return super().sign()

    def joined(self, left: Node, tightness: int, operator: str) -> Node:
        """The part so far, the sign, and the part after it; `in ("a")` is a list of one."""
        after = self.tokens[min(self.position + 1, len(self.tokens) - 1)]
        node = super().joined(left, tightness, operator)
        if operator == "in" and isinstance(node, Binary) and after.text == "(":
            right = node.right
            if not isinstance(right, Sequence):
                return Binary("in", left, Sequence((right,), at=right.at), at=node.at)
        return node

    def atom(self) -> Node:
        """One part without a sign, or one of two by a test."""
        token = self.token
        if not self.skip("if"):
            return super().atom()
        test = self.expression()
        self.expect("then")
        yes = self.expression()
        self.expect("else")
        return Choice(test, yes, self.expression(), at=token.at)

    def word(self) -> Node:
        """A constant, a call or a name; `not(…)` and functions of two words included."""
        token = self.token
        if self.skip("not"):
            opened = self.token
            self.expect("(")
            operand = self.expression()
            self.expect(")", opened)
            return Not(operand, at=token.at)
        second = self.tokens[self.position + 1].text
        if second and _TWO_WORDS.get(token.text) == second:
            self.take()
            self.take()
            if not self.at_sign("("):
                raise self.unexpected()
            return self.call(f"{token.text} {second}", token)
        return super().word()


def compile_feel(source: str) -> Compiled:
    """The condition, ready to be worked out with `compiled(values)`; a leading `=` is skipped.

    Raises:
        ExpressionError: it cannot be read, or is larger than the limits.
    """
    return _feel(checked_source(source))


@lru_cache(maxsize=_CACHED)
def _feel(source: str) -> Compiled:
    text = source.lstrip()
    skipped = len(source) - len(text)
    shown = " " * (skipped + 1) + text[1:] if text.startswith("=") else source
    return compiled(source, _Feel(shown).whole(), null_safe=True)
