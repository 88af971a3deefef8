"""A raw message cut into its parts by searching for boundaries, without copying (RFC 2046)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from processes.mail.reading.encodings import decode
from processes.mail.reading.headers import Headers, split
from processes.mail.reading.limits import DEEPEST, MOST_PARTS
from processes.mail.reading.message import UnreadableMailError
from processes.mail.reading.parameters import Value, read_value
from processes.mail.reading.signed import signed_content

_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}")
_LONGEST_BOUNDARY = 200
SIGNED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
"""S/MIME in one piece (RFC 8551): signed ones can be looked into, encrypted ones cannot."""


@dataclass
class Piece:
    """A part of a message, or the message itself: headers, and where its body lies."""

    headers: Headers
    raw: bytes
    start: int
    end: int
    content_type: Value
    children: list["Piece"] = field(default_factory=list)

    @property
    def type(self) -> str:
        """Say `text/plain` and the like, in lower case."""
        return self.content_type.word

    @cached_property
    def disposition(self) -> Value:
        """Say how it wants to be shown (RFC 2183)."""
        return read_value(self.headers.first("Content-Disposition"))

    @cached_property
    def name(self) -> str:
        """Return the file name it came with; empty when it has none."""
        return self.disposition.get("filename") or self.content_type.get("name")

    @cached_property
    def content_id(self) -> str:
        """Return its Content-ID without the angle brackets."""
        return self.headers.first("Content-ID").strip().strip("<>").strip()[:250]

    def content(self) -> bytes:
        """Return its bytes without the transfer encoding."""
        return decode(
            self.raw[self.start : self.end], self.headers.first("Content-Transfer-Encoding")
        )

    def walk(self) -> Iterator["Piece"]:
        """Give it and all within it, but not what attached messages hold."""
        yield self
        if self.type != "message/rfc822":
            for child in self.children:
                yield from child.walk()


class Cutter:
    """Cuts one message; counts its parts."""

    def __init__(self) -> None:
        self._parts = 0

    def cut(self, raw: bytes, start: int, end: int, default: str = "text/plain") -> Piece:
        """Return the message between two places with its parts.

        Raises `UnreadableMailError`: `too_deep`, `too_many_parts`, `headers_too_large`.
        """
        return self._piece(raw, (start, end), default, 0)

    def _piece(self, raw: bytes, place: tuple[int, int], default: str, depth: int) -> Piece:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise UnreadableMailError("too_many_parts")
        if depth > DEEPEST:
            raise UnreadableMailError("too_deep")
        headers, body = split(raw, *place)
        value = read_value(headers.first("Content-Type"))
        if not _TYPE.fullmatch(value.word):
            word = value.word if value.word == "text" else default
            value = Value("text/plain" if word == "text" else word, value.parameters)
        piece = Piece(headers, raw, body, place[1], value)
        if value.word.startswith("multipart/"):
            self._open(piece, depth)
        elif value.word in {"message/rfc822", "message/global"}:
            self._open_message(piece, depth)
        elif value.word in SIGNED:
            self._open_signed(piece, depth)
        return piece

    def _open(self, piece: Piece, depth: int) -> None:
        default = "message/rfc822" if piece.type == "multipart/digest" else "text/plain"
        boundary = piece.content_type.get("boundary").strip()
        if not boundary or len(boundary) > _LONGEST_BOUNDARY:
            boundary = _guess(piece)
        places = list(_between(piece, boundary)) if boundary else []
        if not places:
            piece.content_type = Value("text/plain", piece.content_type.parameters)
        for place in places:
            piece.children.append(self._piece(piece.raw, place, default, depth + 1))

    def _open_signed(self, piece: Piece, depth: int) -> None:
        inside = signed_content(piece.content())
        if inside:
            place = 0, len(inside)
            piece.children.append(self._piece(inside, place, "text/plain", depth + 1))

    def _open_message(self, piece: Piece, depth: int) -> None:
        raw, place = piece.raw, (piece.start, piece.end)
        if piece.headers.word("Content-Transfer-Encoding") not in {"", "7bit", "8bit", "binary"}:
            raw = piece.content()
            place = 0, len(raw)
        try:
            piece.children.append(self._piece(raw, place, "text/plain", depth + 1))
        except UnreadableMailError as error:
            if error.code != "headers_too_large":
                raise  # its own headers are its own affair: it stays a file


def _guess(piece: Piece) -> str:
    """Return the boundary a body itself begins with, where the header forgot it."""
    found = re.compile(rb"\s*--([!-~]{1,70})\r?\n").match(piece.raw, piece.start, piece.end)
    return found[1].decode("ascii") if found else ""


def _between(piece: Piece, boundary: str) -> Iterator[tuple[int, int]]:
    """Give where the parts begin and end; the last one may lack its end."""
    mark = re.escape(b"--" + boundary.encode("utf-8", "replace"))
    line = re.compile(rb"\n" + mark + rb"(--)?[ \t]*\r?(?=\n|\Z)")
    at_once = re.compile(mark + rb"(--)?[ \t]*\r?(?=\n|\Z)")
    first = at_once.match(piece.raw, piece.start, piece.end)
    begin = first.end() + 1 if first and not first[1] else -1
    for count, found in enumerate(line.finditer(piece.raw, piece.start, piece.end)):
        if count > MOST_PARTS:
            raise UnreadableMailError("too_many_parts")
        if begin >= 0:
            stop = found.start()
            yield begin, max(stop - 1 if piece.raw[stop - 1 : stop] == b"\r" else stop, begin)
        begin = -1 if found[1] else found.end() + 1
        if found[1]:
            return
    if 0 <= begin < piece.end:
        yield begin, piece.end
