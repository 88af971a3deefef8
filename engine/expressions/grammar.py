"""The grammar both spellings share: what binds tighter, and how parts are put together."""

from collections.abc import Mapping
from typing import ClassVar, Final

from engine.expressions.errors import ExpressionError
from engine.expressions.functions import function_named
from engine.expressions.tokens import Token, tokens
from engine.expressions.tree import (
    MAX_DEPTH,
    Binary,
    Call,
    Constant,
    Field,
    Item,
    Logic,
    Name,
    Negative,
    Node,
    Sequence,
    check_size,
)

MAX_SOURCE: Final = 2_000
OR, AND, NOT, COMPARE, SUM, PRODUCT = range(1, 7)
"""How tight each kind of sign binds; a higher number binds tighter."""


def checked_source(source: object, limit: int = MAX_SOURCE) -> str:
    """The source, if it is a text short enough to be read."""
    if not isinstance(source, str):
        raise ExpressionError("not_text")
    if len(source) > limit:
        raise ExpressionError("too_long", limit=limit)
    return source


class Grammar:
    """Reads the tokens of one source; a spelling says which words and signs it knows."""

    signs: ClassVar[Mapping[str, tuple[int, str]]]
    """Sign or word between two parts: how tight it binds, and its name in the tree."""
    constants: ClassVar[Mapping[str, bool | None]]
    reserved: ClassVar[frozenset[str]] = frozenset()
    """Words of a larger language that mean nothing here and may not be names."""

    def __init__(self, source: str) -> None:
        self.tokens = tokens(source)
        self.position = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        """The token to be read next."""
        return self.tokens[self.position]

    def take(self) -> Token:
        """The next token; moves on."""
        token = self.token
        self.position += token.kind != "end"
        return token

    def at_sign(self, *texts: str) -> bool:
        """Whether the next token is one of these signs or words."""
        return self.token.kind in {"sign", "name"} and self.token.text in texts

    def skip(self, text: str) -> bool:
        """Moves over this sign or word, if it is next."""
        if not self.at_sign(text):
            return False
        self.position += 1
        return True

    def expect(self, text: str, opened: Token | None = None) -> None:
        """Moves over this sign or word, or says what is wrong."""
        if self.skip(text):
            return
        if opened is not None and self.token.kind == "end":
            raise self.error("unclosed", opened, sign=opened.text)
        raise self.unexpected()

    def error(self, code: str, token: Token | None = None, **params: object) -> ExpressionError:
        """An error at this token, else at the next one."""
        place = (token or self.token).at
        return ExpressionError(code, line=place.line, column=place.column, **params)

    def unexpected(self) -> ExpressionError:
        """The next token cannot stand where it stands."""
        if self.token.kind != "end":
            return self.error("unexpected", found=self.token.text[:40])
        if self.position == 0:
            return self.error("empty")
        return self.error("missing", after=self.tokens[self.position - 1].text[:40])

    def whole(self) -> Node:
        """The tree of the whole source."""
        tree = self.expression()
        if self.token.kind != "end":
            raise self.unexpected()
        check_size(tree)
        return tree

    def expression(self, tightness: int = 0) -> Node:
        """The next expression whose signs bind at least so tight."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error("depth", limit=MAX_DEPTH)
        node = self.joined_parts(tightness)
        self.depth -= 1
        return node

    def joined_parts(self, tightness: int) -> Node:
        """Parts with signs between them."""
        left, compared = self.opening(), False
        while (sign := self.sign()) is not None and sign[0] >= tightness:
            if compared and sign[0] == COMPARE:
                raise self.error("chain")
            compared = sign[0] == COMPARE
            left = self.joined(left, *sign)
        return left

    def sign(self) -> tuple[int, str] | None:
        """How tight the next sign binds and its name, if a sign comes next."""
        return self.signs.get(self.token.text) if self.token.kind in {"sign", "name"} else None

    def joined(self, left: Node, tightness: int, operator: str) -> Node:
        """The part so far, the sign that comes next, and the part after it."""
        at = self.take().at
        if tightness not in {OR, AND}:
            return Binary(operator, left, self.expression(tightness + 1), at=at)
        parts = [left, self.expression(tightness + 1)]
        while self.skip(operator):
            parts.append(self.expression(tightness + 1))
        return Logic(operator, tuple(parts), at=at)

    def opening(self) -> Node:
        """What an expression begins with: a sign before a number, or a part."""
        at = self.token.at
        if not self.skip("-"):
            return self.with_fields(self.atom())
        inner = self.expression(PRODUCT + 1)
        if isinstance(inner, Constant) and isinstance(inner.value, int | float):
            return Constant(-inner.value, at=at)
        return Negative(inner, at=at)

    def with_fields(self, node: Node) -> Node:
        """The part with the fields and places read from it."""
        while self.at_sign(".", "["):
            opened = self.take()
            if isinstance(node, Constant):
                raise self.error("unexpected", opened, found=opened.text)
            if opened.text == ".":
                node = Field(node, self.plain_name(), at=opened.at)
            else:
                node = Item(node, self.expression(), at=opened.at)
                self.expect("]", opened)
        return node

    def plain_name(self) -> str:
        """The next word, which must be a name."""
        token = self.token
        if token.kind != "name":
            raise self.unexpected()
        return self.take().text

    def atom(self) -> Node:
        """One part without a sign: literal, name, call, list, or something in parentheses."""
        token = self.token
        if token.kind in {"number", "text"}:
            return Constant(self.take().value, at=token.at)
        if token.kind == "name":
            return self.word()
        if self.skip("("):
            return self.parenthesised(token)
        if self.skip("["):
            return Sequence(self.items("]", token), at=token.at)
        raise self.unexpected()

    def word(self) -> Node:
        """A constant, a call or a name."""
        token = self.take()
        if self.at_sign("("):
            return self.call(token.text, token)
        if token.text in self.constants:
            return Constant(self.constants[token.text], at=token.at)
        if token.text in self.reserved:
            raise self.error("word", token, word=token.text)
        return Name(token.text, at=token.at)

    def call(self, name: str, token: Token) -> Node:
        """A call of this function; its arguments come next."""
        opened = self.take()
        arguments = self.items(")", opened)
        try:
            function = function_named(name, len(arguments))
        except ExpressionError as error:
            raise self.error(error.code, token, **error.params) from None
        return Call(function.name, arguments, at=token.at)

    def parenthesised(self, opened: Token) -> Node:
        """What stands in parentheses; several parts make a list."""
        first = self.expression()
        if self.skip(","):
            return Sequence((first, *self.items(")", opened)), at=opened.at)
        self.expect(")", opened)
        return first

    def items(self, closing: str, opened: Token) -> tuple[Node, ...]:
        """Expressions with commas between them, up to the closing sign."""
        found: list[Node] = []
        while not self.skip(closing):
            found.append(self.expression())
            if not self.skip(","):
                self.expect(closing, opened)
                break
        return tuple(found)
