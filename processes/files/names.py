"""Names of files, as they can be shown and saved on any machine."""

import re
import unicodedata
from typing import Final

LONGEST: Final = 180
"""Bytes of UTF-8: 255 is what file systems take, and programs put more behind a name."""
_NO_NAME: Final = "file"
_UNSEEN: Final = frozenset("C")
"""First letter of the Unicode categories of what is not drawn: controls, formats such as U+200B and
U+202E, halves of characters, code points nobody assigned."""
_DRAWN_AS_NOTHING: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_SPECIAL: Final = re.compile(r'[<>:"|?*]')
"""What Windows does not take in a name; a colon would begin a hidden stream."""
_DEVICES: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)")
_LONGEST_SUFFIX: Final = 16


def safe_name(name: str) -> str:
    """Return a name that hides nothing: no folders, no invisible characters, no device of Windows.

    Dots and spaces at both ends go, U+202E cannot turn `fdp.exe` into `exe.pdf`, a long name keeps
    its suffix. What is left of nothing is `file`.
    """
    last = re.split(r"[/\\]", name[:4000].rstrip("/\\ "))[-1]
    seen = "".join(" " if letter in "\t\n\r" else letter for letter in last if _is_seen(letter))
    plain = _SPECIAL.sub("_", unicodedata.normalize("NFC", _DRAWN_AS_NOTHING.sub("", seen)))
    trimmed = " ".join(plain.split()).strip(". ")
    cut = _cut(_DEVICES.sub(r"_\1", trimmed, count=1) if _DEVICES.match(trimmed) else trimmed)
    return cut or _NO_NAME


def suffix_of(name: str) -> str:
    """Return what stands behind the last dot, as any system would read it: `exe` for `A.EXE`."""
    _, dot, suffix = safe_name(name).rpartition(".")
    return unicodedata.normalize("NFKC", suffix).casefold().strip() if dot else ""


def _is_seen(letter: str) -> bool:
    return letter in "\t\n\r" or unicodedata.category(letter)[0] not in _UNSEEN


def _cut(name: str) -> str:
    """Return a name of at most LONGEST bytes, shortened before its suffix."""
    if len(name.encode()) <= LONGEST:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix.encode()) > _LONGEST_SUFFIX:
        stem, dot, suffix = name, "", ""
    room = LONGEST - len(f"{dot}{suffix}".encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + dot + suffix
