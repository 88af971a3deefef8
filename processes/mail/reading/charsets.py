"""Bytes to text, whatever charset they are in or say they are in; it never fails."""

import codecs
import re

from charset_normalizer import from_bytes

from processes.mail.reading.limits import MOST_GUESSES

_SAMPLE = 4_000
"""Bytes by which a charset is guessed."""
_FOREIGN = 0.3
"""Share of bytes above 127 from which a text is hardly in a western language."""
_WESTERN = frozenset({"ascii", "iso8859-1", "iso8859-15", "cp1252"})
_BETTER = {
    # what mail programs mean by the name (WHATWG encoding standard, labels)
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
    "iso2022_jp": "iso2022_jp_2",
}
_ALIASES = {
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "ks_c_5601-1987": "cp949",
    "x-sjis": "cp932",
    "x-euc-jp": "euc_jp",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "windows-874": "cp874",
    "koi8": "koi8-r",
}
_TEXT_CODECS = re.compile(
    r"utf-(7|8|16|16-be|16-le|32|32-be|32-le)|utf-8-sig|ascii|iso8859-\d+|cp\d+|koi8-[rtu]"
    r"|mac-[a-z]+|big5|big5hkscs|gb2312|gbk|gb18030|hz|euc_(jp|jis_2004|jisx0213|kr)|johab"
    r"|shift_jis|shift_jis_2004|shift_jisx0213|iso2022_(jp(_[123]|_2004|_ext)?|kr)|tis-620"
    r"|ptcp154|kz1048|hp-roman8"
)
"""Python's names of codecs that turn bytes into text; others (zip, idna, …) are refused."""
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")
_TURNED = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that make words run the other way, with which names are forged."""


class Decoder:
    """Decodes the texts of one mail; guesses a charset only a few times."""

    def __init__(self) -> None:
        self._guesses = MOST_GUESSES

    def text(self, content: bytes, charset: str = "") -> str:
        """Return the text, with line feeds between lines and nothing invisible that is not a space.

        A content cut off within a character gives all before it.
        """
        known = codec_of(charset)
        return clean(self._decoded(content, known).replace("\r\n", "\n").replace("\r", "\n"))

    def _decoded(self, content: bytes, known: str) -> str:
        if content[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            known = "utf-16"
        if content.isascii() and known in {"", "utf-8", *_WESTERN}:
            return content.decode("ascii")
        if known not in {"", *_WESTERN}:
            found = _strict(content, known)
            if found is not None:
                return found
        found = _strict(content, "utf-8")  # what says Latin and is sound UTF-8, is UTF-8
        if found is not None:
            return found
        return content.decode(known if known in _WESTERN else self._guess(content), "replace")

    def _guess(self, content: bytes) -> str:
        sample = content[:_SAMPLE]
        foreign = len(sample.translate(None, bytes(range(128)))) / max(len(sample), 1)
        if foreign < _FOREIGN or not self._guesses:
            return "cp1252"
        self._guesses -= 1
        best = from_bytes(sample).best()
        return codec_of(best.encoding) or "cp1252" if best else "cp1252"


def codec_of(charset: str) -> str:
    """Return Python's name of a charset as mails mean it; empty when it is none."""
    label = charset.strip().strip("'\"").lower()[:40]
    try:
        name = codecs.lookup(_ALIASES.get(label, label)).name
    except (LookupError, ValueError, UnicodeError):
        return ""
    return _BETTER.get(name, name) if _TEXT_CODECS.fullmatch(name) else ""


def clean(text: str) -> str:
    """Return the text without NUL, control characters and halves of characters."""
    return _UNWANTED.sub("", text)


def one_line(text: str) -> str:
    """Return a name or subject: one line, single spaces, nothing that turns its direction."""
    return " ".join(_TURNED.sub("", clean(text)).split())


def header_text(content: bytes) -> str:
    """Return a raw header as text: UTF-8 where it is (RFC 6532), else Western."""
    found = _strict(content, "utf-8")
    return clean(content.decode("cp1252", "replace") if found is None else found)


def _strict(content: bytes, codec: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(codec)("strict").decode(content)
    except (UnicodeError, ValueError):
        return None
