"""Cuts the source of an expression into words, signs, numbers and texts."""

import re
from typing import Final, NamedTuple

from engine.expressions.errors import ExpressionError
from engine.expressions.tree import Place
from engine.expressions.values import MAX_NUMBER
from engine.sentences import Sentence

_TOKEN: Final = re.compile(
    r"""
      (?P<space> [ \t\r\n]+ )
    | (?P<comment> \#[^\n]* )
    | (?P<number> [0-9]+ (?: \.[0-9]+ )? (?: [eE][-+]?[0-9]+ )? )
    | (?P<text> "(?: [^"\\] | \\. )*" | '(?: [^'\\] | \\. )*' )
    | (?P<name> [^\W\d]\w* )
    | (?P<sign> == | != | <= | >= | // | \*\* | [-+*/%<>=(){}.,:] | \[ | \] )
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES: Final = {"n": "\n", "t": "\t", "\\": "\\", '"': '"', "'": "'"}
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_UNSTORABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_MAX_DIGITS: Final = 24


class Token(NamedTuple):
    """One word, sign, number or text; `kind` of the last is `end`."""

    kind: str
    text: str
    value: str | int | float | None
    at: Place


def tokens(source: str) -> list[Token]:
    """All tokens of a source, closed by one of kind `end`."""
    found: list[Token] = []
    position, line, line_start = 0, 1, 0
    while position < len(source):
        at = Place(line, position - line_start + 1)
        match = _TOKEN.match(source, position)
        if match is None:
            raise _unreadable(source[position], at)
        text, kind = match[0], match.lastgroup or ""
        if kind not in {"space", "comment"}:
            found.append(_token(kind, text, at, following=source[match.end() : match.end() + 1]))
        position = match.end()
        if "\n" in text:
            line += text.count("\n")
            line_start = match.start() + text.rindex("\n") + 1
    found.append(Token("end", "", None, Place(line, position - line_start + 1)))
    return found


def _token(kind: str, text: str, at: Place, *, following: str) -> Token:
    if kind == "number":
        return Token(kind, text, _number(text, at, following), at)
    if kind == "text":
        return Token(kind, text, _unquoted(text, at), at)
    if kind == "name" and text.startswith("_"):
        raise ExpressionError("name", line=at.line, column=at.column, name=text[:40])
    return Token(kind, text, None, at)


def _number(text: str, at: Place, following: str) -> int | float:
    if len(text) > _MAX_DIGITS or following.isalnum() or following == "_":
        shown = (text + following)[:_MAX_DIGITS]
        raise ExpressionError("number", line=at.line, column=at.column, number=shown)
    value = int(text) if text.isdigit() else float(text)
    if value > MAX_NUMBER:
        raise ExpressionError("too_large", line=at.line, column=at.column)
    return value


def _unquoted(text: str, at: Place) -> str:
    inner = text[1:-1]
    if _UNSTORABLE.search(inner):
        raise ExpressionError(
            "character", line=at.line, column=at.column, character=Sentence("in this text")
        )

    def plain(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPES:
            shown = " ".join("\\" + letter for letter in _ESCAPES)
            raise ExpressionError("escape", line=at.line, column=at.column, escapes=shown)
        return _ESCAPES[match[1]]

    return _ESCAPED.sub(plain, inner)


def _unreadable(character: str, at: Place) -> ExpressionError:
    if character in "\"'":
        return ExpressionError("unclosed_text", line=at.line, column=at.column)
    shown = f"“{character}”" if character.isprintable() else f"U+{ord(character):04X}"
    return ExpressionError("character", line=at.line, column=at.column, character=shown)
