"""What a file is, told from its bytes alone; what its sender or its name claims counts for nothing.

Three questions are answered here: what it is called in a header, whether a browser may ever show
it (four kinds of raster picture), and whether a customer may send it (no programs).
"""

import re
from typing import Final

import puremagic

from processes.files.names import suffix_of

HEAD, TAIL = 64 * 1024, 66 * 1024
"""How many bytes from the beginning and the end are looked at."""
UNKNOWN: Final = "application/octet-stream"
PROGRAM: Final = "application/x-executable"
PDF: Final = "application/pdf"
PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Shown in pages as they are, for no browser finds a script in them."""

_BEGINNINGS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", PDF),
    (b"MZ", PROGRAM),
    (b"\x7fELF", PROGRAM),
    (b"\xfe\xed\xfa\xce", PROGRAM),
    (b"\xfe\xed\xfa\xcf", PROGRAM),
    (b"\xce\xfa\xed\xfe", PROGRAM),
    (b"\xcf\xfa\xed\xfe", PROGRAM),
    (b"\xca\xfe\xba\xbe", PROGRAM),
    (b"\x00asm", PROGRAM),
    (b"#!", PROGRAM),
    (b"L\x00\x00\x00\x01\x14\x02\x00", PROGRAM),  # a shortcut of Windows
)
_WEBP: Final = re.compile(rb"RIFF....WEBP", re.DOTALL)
_MARKUP: Final = re.compile(
    rb"<(!doctype\s+html|html|head|body|script|iframe|svg|object|embed|meta|style|title|a\s|img)",
    re.IGNORECASE,
)
_SVG: Final = re.compile(rb"<(\w+:)?svg[\s>]", re.IGNORECASE)
_HIDDEN: Final = re.compile(
    rb"<(!doctype\s+html|html|script|iframe|svg|\?php)|%PDF-", re.IGNORECASE
)
"""What a picture or PDF does not hold in its first kilobytes, unless it is two files at once."""
_ARCHIVE: Final = b"PK\x03\x04"
_OFFICE: Final = (
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_OPEN_DOCUMENT: Final = re.compile(
    rb"PK\x03\x04.{26}mimetype(application/vnd\.oasis\.opendocument\.[a-z]{4,20})", re.DOTALL
)
_ARCHIVE_END: Final = b"PK\x05\x06"
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HARMLESS: Final = re.compile(
    r"(image|audio|video|font)/[\w.+-]+|text/(plain|csv|calendar)|message/rfc822"
    r"|application/(pdf|zip|gzip|json|rtf|msword|x-7z-compressed|vnd\.[\w.+-]+)"
)
"""Kinds that are named in a header; every other one is UNKNOWN."""
_PROGRAM_NAME: Final = re.compile(
    """
    action|ade|adp|apk|app|appx|appxbundle|bas|bat|bin|cab|chm|cmd|com|command|cpl|deb|dll|dmg|elf
    |exe|fxp|gadget|hlp|hta|inf|ins|iso|img|isp|jar|jnlp|js|jse|ksh|lnk|mde|msc|msh|msi|msix|msp
    |mst|msu|ocx|ops|out|pcd|pif|pkg|prg|ps1|ps2|psc1|psd1|psm1|reg|rpm|run|scf|scr|sct|sh|shb|shs
    |settingcontent-ms|sys|url|vb|vbe|vbs|vhd|vhdx|workflow|ws|wsc|wsf|wsh|xbap|xll|xpi
    """,
    re.VERBOSE,
)
"""Suffixes that Windows, macOS or Linux start when somebody opens the file."""


def media_type(head: bytes, tail: bytes = b"") -> str:
    """Return the media type of a file from its first HEAD and last TAIL bytes.

    A file that is two things at once, such as a picture that is a web page too, is UNKNOWN.
    """
    if not head:
        return "text/plain"
    found = _by_beginning(head)
    if found in PICTURES or found == PDF:
        return UNKNOWN if _is_two_things(found, head, tail) else found
    if found:
        return found
    marked = _markup(head)
    if marked:
        return marked
    if _is_text(head):
        return "application/rtf" if head.startswith(b"{\\rtf") else "text/plain"
    return _archive(head) if head.startswith(_ARCHIVE) else _by_table(head)


def is_picture(kind: str) -> bool:
    """Tell whether a browser may show files of this kind inside a page."""
    return kind in PICTURES


def has_preview(kind: str) -> bool:
    """Tell whether a small picture can be made of files of this kind."""
    return kind in PICTURES or kind == PDF


def header_type(kind: str) -> str:
    """Return what a header may call a file of this kind: pages and drawings are only bytes."""
    if kind == "text/plain":
        return "text/plain; charset=utf-8"
    is_harmless = _HARMLESS.fullmatch(kind) and not kind.startswith("image/svg")
    return kind if is_harmless else UNKNOWN


def is_program(kind: str, name: str) -> bool:
    """Tell whether a file is a program by its bytes or would be started for one by its name."""
    return kind == PROGRAM or _PROGRAM_NAME.fullmatch(suffix_of(name)) is not None


def _by_beginning(head: bytes) -> str:
    if _WEBP.match(head):
        return "image/webp"
    return next((kind for first, kind in _BEGINNINGS if head.startswith(first)), "")


def _is_two_things(kind: str, head: bytes, tail: bytes) -> bool:
    """Tell whether a picture or PDF can be read as a page, a PDF or an archive as well."""
    start = head[8:4096]
    if kind == PDF:  # its text may say "<html", but not at its beginning
        return bool(_MARKUP.search(head[:256])) or _ARCHIVE_END in tail
    return bool(_HIDDEN.search(start)) or _ARCHIVE_END in tail


def _markup(head: bytes) -> str:
    """Return what browsers would take for a page or drawing: those are never named or shown."""
    start = _plain(head)[:4096].lstrip()
    if _SVG.search(start):
        return "image/svg+xml" if start[:1] == b"<" else UNKNOWN
    if start[:1] == b"<" and (_MARKUP.match(start) or b"<script" in start.lower()):
        return "text/html"
    return "application/xml" if start.startswith(b"<?xml") else ""


def _plain(head: bytes) -> bytes:
    """Return text without its byte order mark, of UTF-16 the Latin letters only."""
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return head[2:].replace(b"\x00", b"")
    return head.removeprefix(b"\xef\xbb\xbf")


def _archive(head: bytes) -> str:
    """Return what an archive holds, by the names of its first entries."""
    written = _OPEN_DOCUMENT.match(head)
    if written:
        return written[1].decode()
    return next((kind for name, kind in _OFFICE if name in head), "application/zip")


def _by_table(head: bytes) -> str:
    """Return what the library's table of signatures knows, if that may stand in a header."""
    try:
        found = puremagic.from_string(head, mime=True)
    except (puremagic.PureError, ValueError, IndexError, UnicodeError):
        return UNKNOWN
    return found if _HARMLESS.fullmatch(found) and found not in PICTURES else UNKNOWN


def _is_text(head: bytes) -> bool:
    if _CONTROLS.search(head):
        return False
    try:
        head[:-3].decode() if len(head) == HEAD else head.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True
