"""Transfer encodings undone: base64, quoted-printable, uuencode; broken ones as far as it goes."""

import binascii
import re

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))
_SENTENCE = re.compile(rb"[A-Za-z]{2,}[ ,.][ ]?[A-Za-z]{1,12} [A-Za-z]{2,}")
_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n", re.MULTILINE)
_MOST_LINES = 700_000
"""Of uuencoded lines: 40 MB have no more."""
_MOST_FILES = 50


def decode(content: bytes, encoding: str) -> bytes:
    """Return a body without its transfer encoding; an unknown encoding leaves it as it is."""
    word = encoding.strip().strip("\"'").lower()
    if word == "base64":
        return _base64(content)
    if word == "quoted-printable":
        return binascii.a2b_qp(content)
    if word in {"uuencode", "x-uuencode", "uue", "x-uue"}:
        _, files = uu_files(content)
        return files[0][1] if files else content
    return content


def uu_files(content: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return a body without the uuencoded files that stand in it, and those: name and content."""
    rest, files, done = [], list[tuple[bytes, bytes]](), 0
    for begin in _BEGIN.finditer(content):
        if begin.start() < done:
            continue
        if len(files) == _MOST_FILES:
            break
        stop = content.find(b"\nend", begin.end() - 1)
        if stop < 0:
            break
        body = _uu(content[begin.end() : stop])
        if body is None:
            continue
        rest.append(content[done : begin.start()])
        files.append((begin[1].strip(), body))
        done = stop + len(b"\nend")
    return b"".join([*rest, content[done:]]), files


def _base64(content: bytes) -> bytes:
    if _SENTENCE.search(content, 0, 2_000):
        return content  # says base64 and is plain words
    letters = content.translate(None, _NOT_BASE64)
    stop = letters.find(b"=")
    letters = letters if stop < 0 else letters[:stop]
    whole = letters[:-1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))


def _uu(content: bytes) -> bytes | None:
    if content.count(b"\n") > _MOST_LINES:
        return None
    try:
        return b"".join(binascii.a2b_uu(line) for line in content.splitlines() if line.strip())
    except binascii.Error:
        return None
