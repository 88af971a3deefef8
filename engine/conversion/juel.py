"""Reads the expression language of Camunda 7, `${kind == 'x' && !late}`, into our tree.

JUEL is defined by the Unified Expression Language of JSP 2.1; what is read here is its part that
calls no code: operators under both of their names, literals, fields, and the few methods that
only look at a value. It also reads the plain comparisons that drawing tools and scripts hold.
"""

import re
from typing import Final

from engine.expressions.errors import ExpressionError
from engine.expressions.grammar import AND, COMPARE, OR, PRODUCT, SUM, Grammar, checked_source
from engine.expressions.tree import Binary, Call, Choice, Constant, Field, Logic, Name, Node, Not

_SIGNS: Final = {
    "or": (OR, "or"),
    "and": (AND, "and"),
    "==": (COMPARE, "="),
    "eq": (COMPARE, "="),
    "ne": (COMPARE, "!="),
    "lt": (COMPARE, "<"),
    "le": (COMPARE, "<="),
    "gt": (COMPARE, ">"),
    "ge": (COMPARE, ">="),
    **{sign: (COMPARE, sign) for sign in ("!=", "<", "<=", ">", ">=")},
    **{sign: (SUM, sign) for sign in "+-"},
    **{sign: (PRODUCT, sign) for sign in "*/%"},
    "div": (PRODUCT, "/"),
    "mod": (PRODUCT, "%"),
}
_CONSTANTS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}
_THEN: Final = "then"
_WORDS: Final = frozenset({*_SIGNS, "not", "empty", "instanceof", "new", "return", _THEN}) - set(
    "+-*/%<>"
)
_OUTSIDE: Final = re.compile(r"('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")|&&|\|\||!(?!=)|\?|===|!==")
_SPELLED: Final = {
    "&&": " and ",
    "||": " or ",
    "!": " not ",
    "?": f" {_THEN} ",
    "===": "==",
    "!==": "!=",
}
_VARIABLES: Final = (Name("execution"), Name("task"))
"""Objects whose `getVariable('x')` is the value x."""


class _Juel(Grammar):
    signs = _SIGNS
    constants = _CONSTANTS
    reserved = _WORDS

    def joined_parts(self, tightness: int) -> Node:
        """Parts with signs between them; at the loosest place also `test ? yes : no`."""
        node = super().joined_parts(tightness)
        at = self.token.at
        if tightness > 0 or not self.skip(_THEN):
            return node
        yes = self.expression()
        self.expect(":")
        return Choice(node, yes, self.expression(), at=at)

    def opening(self) -> Node:
        """What an expression begins with; `not` and `empty` reach over one part only."""
        at = self.token.at
        if self.skip("not"):
            return Not(self.expression(PRODUCT + 1), at=at)
        if self.skip("empty"):
            operand = self.expression(PRODUCT + 1)
            nothing = (Constant(None), Constant(""))
            return Logic("or", tuple(Binary("=", operand, each) for each in nothing), at=at)
        return super().opening()

    def with_fields(self, node: Node) -> Node:
        """The part with its fields and the methods that only look at it."""
        while True:
            before = self.position
            node = super().with_fields(node)
            if self.at_sign("(") and isinstance(node, Field):
                node = self._method(node)
            if self.position == before:
                return node

    def _method(self, node: Field) -> Node:
        opened = self.take()
        arguments = self.items(")", opened)
        found = _looked(node.base, node.key, arguments)
        if found is None:
            raise self.error("unknown_function", opened, name=node.key[:40], known="none here")
        return found


def _looked(base: Node, method: str, arguments: tuple[Node, ...]) -> Node | None:
    """What a method that only looks at its value is in our language."""
    match method, arguments:
        case "getVariable", (Constant(str() as name),) if base in _VARIABLES:
            return Name(name) if name.isidentifier() else None
        case "equals", (other,):
            return Binary("=", base, other)
        case "contains", (other,):
            return Call("contains", (base, other))
        case (("size" | "length"), ()):
            return Call("len", (base,))
        case "isEmpty", ():
            return Binary("=", Call("len", (base,)), Constant(0))
        case _:
            return None


def read(source: str) -> Node:
    """Return the tree of what stands between `${` and `}`.

    Raises:
        ExpressionError: it calls code, or means something our language has no word for.
    """
    tree = _Juel(_OUTSIDE.sub(_spelled, checked_source(source))).whole()
    if tree in _VARIABLES:
        raise ExpressionError("failed")
    return tree


def _spelled(match: re.Match[str]) -> str:
    return match[1] or _SPELLED[match[0]]
