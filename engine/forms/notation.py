"""The notation of patterns, read into parts."""

import re
from dataclasses import dataclass
from typing import Final

from engine.sentences import Sentence

MAX_SOURCE: Final = 300
_MAX_DEPTH: Final = 20
_LAST: Final = 0x10FFFF
_CLASSES: Final[dict[str, tuple[tuple[int, int], ...]]] = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "s": ((9, 13), (32, 32), (160, 160), (0x2000, 0x200A), (0x2028, 0x2029), (0x3000, 0x3000)),
}
_CONTROLS: Final = {"t": 9, "n": 10, "r": 13, "f": 12, "v": 11}
_HEX: Final = {"x": re.compile(r"[0-9a-fA-F]{2}"), "u": re.compile(r"[0-9a-fA-F]{4}")}
_COUNTS: Final = re.compile(r"\{([0-9]{1,3})(?:(,)([0-9]{1,3})?)?\}")


class PatternError(ValueError):
    """A pattern that is refused; `reason` says why."""

    def __init__(self, reason: Sentence) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Letters:
    """One letter out of these ranges."""

    ranges: tuple[tuple[int, int], ...]

    def has(self, letter: int) -> bool:
        """Whether this letter is one of them."""
        return any(first <= letter <= last for first, last in self.ranges)


@dataclass(frozen=True, slots=True)
class Row:
    """Parts one after the other."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of several parts."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Times:
    """A part several times; without an upper end where `most` is None."""

    part: "Part"
    least: int
    most: int | None


Part = Letters | Row | Either | Times


def _others(ranges: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
    found, start = [], 0
    for first, last in sorted(ranges):
        if first > start:
            found.append((start, first - 1))
        start = max(start, last + 1)
    if start <= _LAST:
        found.append((start, _LAST))
    return tuple(found)


def _is_one(ranges: tuple[tuple[int, int], ...]) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]


class _Reader:
    """Reads the notation into parts."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.depth = 0

    def next_is(self, text: str) -> bool:
        if not self.source.startswith(text, self.position):
            return False
        self.position += len(text)
        return True

    def ahead(self) -> str:
        return self.source[self.position : self.position + 1]

    def take(self) -> str:
        letter = self.ahead()
        if not letter:
            raise PatternError(Sentence("the pattern ends too early"))
        self.position += 1
        return letter

    def either(self) -> Part:
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise PatternError(Sentence("it is nested too deep"))
        rows = [self.row()]
        while self.next_is("|"):
            rows.append(self.row())
        self.depth -= 1
        return rows[0] if len(rows) == 1 else Either(tuple(rows))

    def row(self) -> Part:
        parts: list[Part] = []
        while self.ahead() not in {"", "|", ")"}:
            parts.append(self.repeated(self.part()))
        return Row(tuple(parts))

    def part(self) -> Part:
        letter = self.take()
        match letter:
            case "(":
                return self.group()
            case "[":
                return self.letters()
            case ".":
                return Letters(_others(((10, 10), (13, 13))))
            case "\\":
                return Letters(self.escaped())
            case "^" | "$":
                raise PatternError(Sentence("^ may only stand at the start and $ at the end"))
            case "*" | "+" | "?" | "{":
                raise PatternError(
                    Sentence("there is nothing before {sign} that it could repeat", sign=letter)
                )
            case _:
                return Letters(((ord(letter), ord(letter)),))

    def group(self) -> Part:
        if self.next_is("?") and not self.next_is(":"):
            raise PatternError(Sentence("of groups with (? only (?: is known"))
        inner = self.either()
        if not self.next_is(")"):
            raise PatternError(Sentence("a group is never closed"))
        return inner

    def letters(self) -> Part:
        turned = self.next_is("^")
        ranges: list[tuple[int, int]] = []
        while not self.next_is("]"):
            low = self.one_or_class()
            if self.ahead() == "-" and self.source[self.position + 1 : self.position + 2] != "]":
                self.take()
                high = self.one_or_class()
                if not (_is_one(low) and _is_one(high) and low[0][0] <= high[0][0]):
                    raise PatternError(Sentence("a range in [ ] needs a first and a last letter"))
                low = ((low[0][0], high[0][0]),)
            ranges.extend(low)
        return Letters(_others(tuple(ranges)) if turned else tuple(ranges))

    def one_or_class(self) -> tuple[tuple[int, int], ...]:
        letter = self.take()
        return self.escaped() if letter == "\\" else ((ord(letter), ord(letter)),)

    def escaped(self) -> tuple[tuple[int, int], ...]:
        letter = self.take()
        if letter.lower() in _CLASSES:
            known = _CLASSES[letter.lower()]
            return known if letter.islower() else _others(known)
        if letter in _CONTROLS:
            return ((_CONTROLS[letter], _CONTROLS[letter]),)
        if letter in _HEX:
            match = _HEX[letter].match(self.source, self.position)
            if match is None:
                raise PatternError(Sentence("\\{letter} needs its digits", letter=letter))
            self.position = match.end()
            return ((int(match[0], 16), int(match[0], 16)),)
        if letter.isalnum():
            raise PatternError(Sentence("\\{letter} is not known", letter=letter))
        return ((ord(letter), ord(letter)),)

    def repeated(self, part: Part) -> Part:
        least: int
        most: int | None
        counted = _COUNTS.match(self.source, self.position)
        if counted is not None:
            self.position = counted.end()
            least = int(counted[1])
            most = int(counted[3]) if counted[3] else (None if counted[2] else least)
        elif self.ahead() in {"*", "+", "?"}:
            least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[self.take()]
        else:
            return part
        if most is not None and most < least:
            raise PatternError(Sentence("a count in { } runs backwards"))
        self.next_is("?")  # matching as little as possible finds the same texts
        if self.ahead() in {"*", "+", "?"}:
            raise PatternError(Sentence("a repetition cannot be repeated: put it in parentheses"))
        return Times(part, least, most)


@dataclass(frozen=True, slots=True)
class Reading:
    """A pattern read: its parts, and whether they hold the start and the end of the text."""

    part: Part
    from_start: bool
    to_end: bool


def read(source: str) -> Reading:
    """The parts of a pattern.

    Raises:
        PatternError: it uses what is not known or not safe.
    """
    if len(source) > MAX_SOURCE:
        raise PatternError(Sentence("it is longer than {limit} letters", limit=MAX_SOURCE))
    from_start = source.startswith("^")
    inner = source[from_start:]
    to_end = inner.endswith("$") and (len(inner) - len(inner[:-1].rstrip("\\"))) % 2 == 1
    reader = _Reader(inner[:-1] if to_end else inner)
    part = reader.either()
    if reader.ahead():
        raise PatternError(Sentence("a ) has no ( before it"))
    if isinstance(part, Either) and (from_start or to_end):
        raise PatternError(Sentence("put the alternatives in parentheses, as in ^(a|b)$"))
    return Reading(part, from_start, to_end)
