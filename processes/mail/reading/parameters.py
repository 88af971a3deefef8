"""Values with parameters: `text/plain; charset=utf-8; name*0*=…` (RFC 2045, RFC 2231)."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes

from processes.mail.reading.charsets import Decoder, codec_of, one_line
from processes.mail.reading.encoded_words import decode_words

_PARAMETER = re.compile(r';\s*([^\s=;"*]{1,60})(\*\d{1,3})?(\*)?\s*=\s*("(?:[^"\\]|\\.)*|[^;"]*)')
_ESCAPED = re.compile(r"\\(.)")
_LONGEST = 2_000


@dataclass(frozen=True)
class Value:
    """The first word in lower case, and the parameters by their names in lower case."""

    word: str
    parameters: dict[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """Return a parameter; empty when it is not there."""
        return self.parameters.get(name, "")


def read_value(header: str) -> Value:
    """Return a header such as Content-Type taken apart."""
    word, _, _ = header.partition(";")
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, number, encoded, raw in _PARAMETER.findall(header):
        place = int(number[1:]) if number else -1
        pieces.setdefault(name.lower(), []).append((place, bool(encoded), _plain(raw)))
    return Value(
        word.strip().lower(), {name: _joined(found)[:_LONGEST] for name, found in pieces.items()}
    )


def _plain(raw: str) -> str:
    quoted = raw.startswith('"')
    return _ESCAPED.sub(r"\1", raw[1:]) if quoted else raw.strip()


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    plain = next((text for place, coded, text in pieces if place < 0 and not coded), None)
    coded = [piece for piece in pieces if piece[0] >= 0 or piece[1]]
    if not coded:
        return one_line(decode_words(plain or ""))
    coded.sort(key=lambda piece: piece[0])
    charset = "utf-8"
    if coded[0][1] and coded[0][2].count("'") >= 2:  # noqa: PLR2004 - charset'language'text
        charset, _, rest = coded[0][2].split("'", 2)
        coded[0] = (coded[0][0], True, rest)
    content = b"".join(
        unquote_to_bytes(text) if is_coded else text.encode("utf-8", "replace")
        for _, is_coded, text in coded
    )
    return one_line(Decoder().text(content, codec_of(charset)))
