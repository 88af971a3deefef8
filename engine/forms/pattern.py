r"""Patterns for texts, matched in time that grows with the text and never explodes.

The known part of the usual notation: letters, `.`, `[a-z]`, `[^a-z]`, `\d \w \s \D \W \S`,
groups, `|`, `? * + {2,5}`, and `^ $` at the two ends. A pattern may match anywhere in the text
unless `^` and `$` hold it. What cannot be matched safely (references, looking ahead) is refused.
The pattern becomes a set of positions and which position may follow which; the text is read once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from engine.forms.notation import Either, Letters, Part, PatternError, Row, Times, read
from engine.sentences import Sentence

__all__ = ["MAX_TEXT", "Pattern", "PatternError", "compile_pattern"]

MAX_TEXT: Final = 1_000
_MAX_POSITIONS: Final = 300
_MAX_STEPS: Final = 1_000


@dataclass(frozen=True, slots=True)
class _Piece:
    """Part of the net: whether it may be empty, and its first and last positions as bits."""

    empty: bool
    first: int
    last: int


_NOTHING: Final = _Piece(empty=True, first=0, last=0)


class _Net:
    """Which position may follow which."""

    def __init__(self) -> None:
        self.letters: list[Letters] = []
        self.follow: list[int] = []
        self.steps = 0

    def build(self, part: Part) -> _Piece:
        self.steps += 1
        if self.steps > _MAX_STEPS:
            raise PatternError(Sentence("it is too large"))
        match part:
            case Letters():
                return self.position(part)
            case Row(parts):
                piece = _NOTHING
                for each in parts:
                    piece = self.joined(piece, self.build(each))
                return piece
            case Either(parts):
                pieces = [self.build(each) for each in parts]
                return _Piece(
                    any(piece.empty for piece in pieces),
                    _union(piece.first for piece in pieces),
                    _union(piece.last for piece in pieces),
                )
            case Times():
                return self.times(part)

    def position(self, letters: Letters) -> _Piece:
        if len(self.letters) >= _MAX_POSITIONS:
            raise PatternError(Sentence("it is too large"))
        bit = 1 << len(self.letters)
        self.letters.append(letters)
        self.follow.append(0)
        return _Piece(empty=False, first=bit, last=bit)

    def joined(self, one: _Piece, other: _Piece) -> _Piece:
        self.link(one.last, other.first)
        return _Piece(
            one.empty and other.empty,
            one.first | (other.first if one.empty else 0),
            other.last | (one.last if other.empty else 0),
        )

    def times(self, part: Times) -> _Piece:
        piece = _NOTHING
        for _ in range(part.least):
            piece = self.joined(piece, self.build(part.part))
        if part.most is None:
            more = self.build(part.part)
            self.link(more.last, more.first)
            return self.joined(piece, _Piece(empty=True, first=more.first, last=more.last))
        for _ in range(part.most - part.least):
            more = self.build(part.part)
            piece = self.joined(piece, _Piece(empty=True, first=more.first, last=more.last))
        return piece

    def link(self, before: int, after: int) -> None:
        for place in _bits(before):
            self.follow[place] |= after


def _union(masks: Iterable[int]) -> int:
    whole = 0
    for mask in masks:
        whole |= mask
    return whole


def _bits(mask: int) -> list[int]:
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found


class Pattern:
    """A pattern, ready to be held against texts.

    Attributes:
        source: the notation it was read from.
    """

    __slots__ = ("_from_start", "_net", "_to_end", "_whole", "source")

    def __init__(self, source: str) -> None:
        reading = read(source)
        self.source = source
        self._net = _Net()
        self._whole = self._net.build(reading.part)
        self._from_start = reading.from_start
        self._to_end = reading.to_end

    def matches(self, text: str) -> bool:
        """Whether the text, or a part of it, is as the pattern asks; never for an overlong one."""
        if len(text) > MAX_TEXT:
            return False
        if self._whole.empty and not (self._from_start and self._to_end and text):
            return True
        return self._read(text)

    def _read(self, text: str) -> bool:
        follow, first, last = self._net.follow, self._whole.first, self._whole.last
        reach_of: dict[int, int] = {}
        places_of: dict[str, int] = {}
        active, anywhere = 0, 0 if self._from_start else first
        reach = first
        for letter in text:
            if not reach:
                return False
            if letter not in places_of:
                places_of[letter] = self._places(letter)
            active = reach & places_of[letter]
            if active & last and not self._to_end:
                return True
            if active not in reach_of:
                reach_of[active] = _union(follow[place] for place in _bits(active)) | anywhere
            reach = reach_of[active]
        return bool(active & last)

    def _places(self, letter: str) -> int:
        code = ord(letter)
        return _union(
            1 << place for place, letters in enumerate(self._net.letters) if letters.has(code)
        )


@lru_cache(maxsize=256)
def compile_pattern(source: str) -> Pattern:
    """The pattern, ready to be held against texts.

    Raises:
        PatternError: it uses what is not known or not safe.
    """
    return Pattern(source)
