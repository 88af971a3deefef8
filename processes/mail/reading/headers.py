"""The headers of a message or part, read line by line in one pass."""

import re
from collections.abc import Iterable

from processes.mail.reading.charsets import header_text, one_line
from processes.mail.reading.encoded_words import decode_words
from processes.mail.reading.limits import LARGEST_HEADER_BLOCK, LONGEST_HEADER
from processes.mail.reading.message import UnreadableMailError

_FIELD = re.compile(rb"([!-9;-~]{1,80})[ \t]*:")
_ENVELOPE_LINE = re.compile(rb"\A(?:>?From [^\n]*\n|[ \t]*\r?\n)+")
"""What mailbox files put above a message (RFC 4155), and empty lines."""
_ID = re.compile(r"<([^<>\s]{1,990})>")


class Headers:
    """Fields in their order. Names are found in any spelling of capitals."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._fields: dict[str, list[str]] = {}
        for name, value in fields:
            self._fields.setdefault(name.lower(), []).append(value)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._fields

    def __len__(self) -> int:
        return len(self._fields)

    def all(self, name: str) -> list[str]:
        """Return the values as they stand, unfolded, uppermost first."""
        return self._fields.get(name.lower(), [])

    def first(self, name: str) -> str:
        """Return the uppermost value as it stands; empty when there is none."""
        return next(iter(self.all(name)), "")

    def word(self, name: str) -> str:
        """Return the value's first word in lower case, as keywords are compared."""
        return re.split(r"[\s;(]", self.first(name).strip().lower(), maxsplit=1)[0]

    def text(self, name: str) -> str:
        """Return the value for people: encoded words read (RFC 2047), on one line."""
        return one_line(decode_words(self.first(name)))

    def ids(self, name: str) -> list[str]:
        """Return the message ids the field names, without angle brackets."""
        found = [id_ for value in self.all(name) for id_ in _ID.findall(value)]
        bare = self.first(name).strip().strip("<>")
        return found or ([bare] if "@" in bare and " " not in bare else [])


def above(raw: bytes) -> int:
    """Return where a raw message's first header begins."""
    found = _ENVELOPE_LINE.match(raw, 0, 10_000)
    return found.end() if found else 0


def split(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
    """Return the headers between two places and where the body begins.

    Raises `UnreadableMailError("headers_too_large")`.
    """
    limit = min(end, start + LARGEST_HEADER_BLOCK)
    stop, body = _blank_line(raw, start, limit)
    if stop < 0:
        if limit < end:
            raise UnreadableMailError("headers_too_large")
        stop = body = end
    block = raw[start:stop]
    unmarked = _begins_unmarked(block)
    return Headers(_fields(block[:unmarked])), body if unmarked is None else start + unmarked


def _blank_line(raw: bytes, start: int, limit: int) -> tuple[int, int]:
    for empty in (b"\n", b"\r\n"):
        if raw.startswith(empty, start, limit):
            return start, start + len(empty)
    found = [
        (at, at + len(mark))
        for mark in (b"\n\n", b"\n\r\n")
        if (at := raw.find(mark, start, limit)) >= 0
    ]
    return min(found, default=(-1, -1))


def _begins_unmarked(block: bytes) -> int | None:
    """Return where a body begins that no empty line parts from the headers; None when none does.

    A line that is no field, and after which no field comes, is not of the headers any more.
    """
    place, at = None, 0
    for line in block.split(b"\n"):
        if _FIELD.match(line):
            place = None
        elif place is None and line[:1] not in {b" ", b"\t", b"\r", b""}:
            place = at
        at += len(line) + 1
    return place


def _fields(block: bytes) -> Iterable[tuple[str, str]]:
    name, lines = "", list[bytes]()
    for line in block.split(b"\n"):
        if line[:1] in {b" ", b"\t"}:
            lines.append(line.rstrip(b"\r"))
            continue
        if name:
            yield name, _value(lines)
        found = _FIELD.match(line)
        name = found[1].decode("ascii") if found else ""  # a broken line is left out
        lines = [line[found.end() :].rstrip(b"\r")] if found else []
    if name:
        yield name, _value(lines)


def _value(lines: list[bytes]) -> str:
    return header_text(b"".join(lines)[:LONGEST_HEADER]).strip()
