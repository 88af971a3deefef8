"""Outlook's winmail.dat: text and files out of TNEF ([MS-OXTNEF]), each read within its bounds.

Written here because the library at hand loops and allocates as often as a number in the file says,
up to four thousand million times.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from processes.mail.reading.charsets import Decoder

_SIGNATURE = struct.pack("<I", 0x223E9F78)
_BODY, _RENDER, _TITLE, _DATA = 0x800C, 0x9002, 0x8010, 0x800F
_PROPERTIES, _ATTACHMENT, _CODEPAGE = 0x9003, 0x9005, 0x9007
_TEXT, _HTML, _LONG_NAME, _OBJECT, _CONTENT_ID = 0x1000, 0x1013, 0x3707, 0x3701, 0x3712
_MOST_STEPS = 20_000
"""Attributes, properties and values read, all together."""
_FIXED = {0x0002: 4, 0x0003: 4, 0x0004: 4, 0x000A: 4, 0x000B: 4, 0x0000: 4, 0x0001: 4}
_SHORT = frozenset({0x0002, 0x000B})
"""Two bytes each where there are many, filled up to four behind the last."""
_FIXED |= {0x0005: 8, 0x0006: 8, 0x0007: 8, 0x0014: 8, 0x0040: 8, 0x0048: 16}
_STRING8, _STRING, _BINARY, _EMBEDDED = 0x001E, 0x001F, 0x0102, 0x000D
_OF_ANY_LENGTH = frozenset({_STRING8, _STRING, _BINARY, _EMBEDDED})
_MANY, _NAMED = 0x1000, 0x8000
_ID_OF_INTERFACE = 16
Properties = Iterator[tuple[int, int, bytes]]
"""Type, id and value of each."""


@dataclass
class TnefFile:
    """A file within it."""

    name: str = ""
    content: bytes = b""
    content_id: str = ""


@dataclass
class Tnef:
    """What was in it."""

    text: str = ""
    html: str = ""
    files: list[TnefFile] = field(default_factory=list)


def read_tnef(content: bytes) -> Tnef | None:
    """Return what is in a winmail.dat; None when it is none. Broken off, what came before."""
    if not content.startswith(_SIGNATURE):
        return None
    found, charset, decoder, steps = Tnef(), "cp1252", Decoder(), iter(range(_MOST_STEPS))
    for kind, data in _attributes(content, steps):
        if kind == _CODEPAGE and len(data) >= 4:  # noqa: PLR2004 - a 32 bit number
            charset = f"cp{struct.unpack_from('<I', data)[0]}"
        elif kind == _BODY:
            found.text = found.text or _words(decoder, data, charset)
        elif kind == _PROPERTIES:
            _take_body(found, _properties(data, steps), charset, decoder)
        elif kind == _RENDER:
            found.files.append(TnefFile())
        elif found.files:
            _take_file(found.files[-1], kind, data, charset, steps)
    found.files = [file for file in found.files if file.content]
    return found


def _attributes(content: bytes, steps: Iterator[int]) -> Iterator[tuple[int, bytes]]:
    at = 6
    for _ in steps:
        if at + 9 > len(content):
            return
        kind, _type, size = struct.unpack_from("<HHI", content, at + 1)
        yield kind, content[at + 9 : at + 9 + size]
        at += 9 + size + 2


def _take_body(found: Tnef, properties: Properties, charset: str, decoder: Decoder) -> None:
    for kind, name, value in properties:
        codec = "utf-16-le" if kind == _STRING else charset
        if name == _TEXT:
            found.text = found.text or _words(decoder, value, codec)
        elif name == _HTML:
            found.html = _words(decoder, value, codec if kind != _BINARY else "")


def _take_file(file: TnefFile, kind: int, data: bytes, charset: str, steps: Iterator[int]) -> None:
    decoder = Decoder()
    if kind == _TITLE:
        file.name = file.name or _words(decoder, data, charset)
    elif kind == _DATA:
        file.content = data
    elif kind == _ATTACHMENT:
        for value_kind, name, value in _properties(data, steps):
            codec = "utf-16-le" if value_kind == _STRING else charset
            if name == _LONG_NAME:
                file.name = _words(decoder, value, codec) or file.name
            elif name == _CONTENT_ID:
                file.content_id = _words(decoder, value, codec)
            elif name == _OBJECT and not file.content:
                file.content = value[_ID_OF_INTERFACE:] if value_kind == _EMBEDDED else value


def _words(decoder: Decoder, value: bytes, charset: str) -> str:
    return decoder.text(value, charset).strip("\x00")


def _properties(data: bytes, steps: Iterator[int]) -> Properties:
    """Give type, id and first value of each property, until something does not add up."""
    at = 4
    for _ in range(min(_number(data, 0), _MOST_STEPS)):
        if at + 4 > len(data):
            return
        kind, name = struct.unpack_from("<HH", data, at)
        value, at = _value(data, _after_name(data, at + 4, name), kind, steps)
        yield kind & ~_MANY, name, value


def _value(data: bytes, at: int, kind: int, steps: Iterator[int]) -> tuple[bytes, int]:
    """Return the first value of a property, and where the next property begins."""
    many, kind = bool(kind & _MANY), kind & ~_MANY
    count, first = 1, b""
    if many or kind in _OF_ANY_LENGTH:
        count, at = _number(data, at), at + 4
    if many and kind in _SHORT:
        return first, at + 2 * count + -2 * count % 4
    for number in range(min(count, _MOST_STEPS)):
        size = _FIXED.get(kind)
        if size is None:
            size, at = _number(data, at), at + 4
        if at >= len(data) or next(steps, None) is None:
            return first, len(data)
        first = data[at : at + size] if number == 0 else first
        at += size + -size % 4
    return first, at


def _number(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _after_name(data: bytes, at: int, name: int) -> int:
    if name < _NAMED:
        return at
    at += 16
    kind, length = _number(data, at), _number(data, at + 4)
    if kind == 0:
        return at + 8
    return at + 8 + length + -length % 4
