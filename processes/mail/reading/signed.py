"""What stands within a signed S/MIME message of one piece (CMS, RFC 5652); nothing is verified."""

from collections.abc import Iterator

_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_DATA = bytes.fromhex("06092a864886f70d010701")
_FIRST, _OCTETS, _OCTETS_IN_PARTS = 0xA0, 0x04, 0x24
_END = b"\x00\x00"
_MOST = 100_000
"""Elements looked at; 40 MB in the usual pieces have 40 000."""
_LONG, _WIDEST = 0x80, 4


def signed_content(message: bytes) -> bytes:
    """Return the message that was signed; empty when there is none, or it is not sound."""
    start = message.find(_SIGNED_DATA, 0, 40)
    if start < 0:
        return b""
    at = message.find(_DATA, start, start + 4_000)
    if at < 0:
        return b""
    at += len(_DATA)
    tag, begin, end = _element(message, at)
    if tag != _FIRST:
        return b""
    tag, inner, inner_end = _element(message, begin)
    if tag == _OCTETS:
        return message[inner:inner_end]
    if tag != _OCTETS_IN_PARTS:
        return b""
    return b"".join(_pieces(message, inner, inner_end or end or len(message)))


def _pieces(message: bytes, at: int, end: int) -> Iterator[bytes]:
    for _ in range(_MOST):
        if at >= end or message.startswith(_END, at):
            return
        tag, begin, stop = _element(message, at)
        if tag != _OCTETS or not stop:
            return
        yield message[begin:stop]
        at = stop


def _element(message: bytes, at: int) -> tuple[int, int, int]:
    """Return tag, begin and end of the element at a place (X.690); the end 0 where unsaid."""
    head = message[at : at + 2]
    if len(head) < 2:  # noqa: PLR2004 - tag and length
        return 0, at, 0
    tag, length = head
    begin = at + 2
    if length == _LONG:
        return tag, begin, 0
    if length > _LONG:
        width = length - _LONG
        if width > _WIDEST:
            return 0, begin, 0
        length = int.from_bytes(message[begin : begin + width], "big")
        begin += width
    return tag, begin, min(begin + length, len(message))
