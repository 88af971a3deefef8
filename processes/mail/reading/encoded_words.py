"""Encoded words of headers: `=?utf-8?B?…?=` (RFC 2047), split and broken as they come."""

import binascii
import re

from processes.mail.reading.charsets import codec_of

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")


def decode_words(value: str) -> str:
    """Return the header's text; what is not a sound encoded word stays as it is."""
    if "=?" not in value:
        return value
    out: list[str] = []
    run: list[bytes] = []
    codec, done = "", 0
    for word in _WORD.finditer(value):
        gap = value[done : word.start()]
        joined = bool(run) and not gap.strip()
        name = codec_of(word[1].partition("*")[0])  # RFC 2231 5: a language may follow
        if run and not (joined and name == codec):
            out.append(_text(run, codec))
            run = []
        if not joined:
            out.append(gap)
        run.append(_bytes(word[2], word[3]))
        codec, done = name, word.end()
    if run:
        out.append(_text(run, codec))
    return "".join([*out, value[done:]])


def base64_bytes(text: str) -> bytes:
    """Return what base64 letters stand for, whatever is wrong between or at the end of them."""
    letters = _NOT_BASE64.sub("", text)
    whole = letters[:-1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(whole + "=" * (-len(whole) % 4))


def _bytes(encoding: str, content: str) -> bytes:
    if encoding in "bB":
        return base64_bytes(content)
    return binascii.a2b_qp(content.encode("utf-8", "replace"), header=True)


def _text(run: list[bytes], codec: str) -> str:
    # a character may be cut between two words, so they are joined first
    content = b"".join(run)
    try:
        return content.decode(codec or "utf-8")
    except (UnicodeError, ValueError):
        return content.decode("utf-8" if _is_utf8(content) else codec or "cp1252", "replace")


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
