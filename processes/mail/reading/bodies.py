"""Which parts of a mail are its text, and what they say."""

import html as entities
import re
from collections.abc import Iterable
from dataclasses import dataclass

from processes.mail.reading.charsets import Decoder
from processes.mail.reading.encodings import uu_files
from processes.mail.reading.flowed import joined
from processes.mail.reading.html_text import text_of
from processes.mail.reading.invitations import summary
from processes.mail.reading.limits import LONGEST_HTML, LONGEST_TEXT, MOST_MARKS, MOST_PARTS
from processes.mail.reading.message import Part
from processes.mail.reading.parts import SIGNED, Piece
from processes.mail.reading.tnef import Tnef, read_tnef

_META_CHARSET = re.compile(
    rb"<meta[^<>]{1,200}?charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE
)
_BLANK_LINES = re.compile(r"\n{4,}")
_BYTES_A_CHARACTER = 4


@dataclass
class Body:
    """What is read of one place of the mail: as plain text, as HTML, or both ways."""

    plain: str = ""
    html: str = ""
    spare: bool = False
    """Counts only where nothing else says anything."""


class Bodies:
    """Reads the texts of one mail and remembers which parts it took."""

    def __init__(self) -> None:
        self.taken: set[int] = set()
        self.hidden_files: list[Part] = []
        """Files that stood within texts: uuencoded, winmail.dat, what was too long to show."""
        self._decoder = Decoder()
        self._html_left = LONGEST_HTML
        self._marks_left = MOST_MARKS
        self._text_left = LONGEST_TEXT

    def read(self, message: Piece) -> list[Body]:
        """Return the texts in their order."""
        found = [body for body in self._of(message) if _says(body)]
        return (
            [body for body in found if not body.spare]
            or found
            or self._of_named(message)
            or self._of_attached(message)
            or self._of_calendars(message)
        )

    def _of(self, piece: Piece) -> list[Body]:
        if piece.type == "multipart/alternative":
            return self._best(piece.children)
        if piece.type == "multipart/related":
            root = _root(piece)
            return [body for child in piece.children if child is root for body in self._of(child)]
        if piece.type.startswith("multipart/") or piece.type in SIGNED:
            return [body for child in piece.children for body in self._of(child)]
        if _is_text(piece):
            return [self._text(piece)]
        if _is_tnef(piece):
            return self._tnef(piece)
        return []

    def _best(self, children: Iterable[Piece]) -> list[Body]:
        bodies = [body for child in children for body in self._of(child)]
        plain = "\n".join(body.plain for body in bodies if body.plain.strip())
        html = next((body.html for body in reversed(bodies) if body.html), "")
        return [Body(plain, html)]

    def _text(self, piece: Piece) -> Body:
        self.taken.add(id(piece))
        content = piece.content()
        if piece.type == "text/html":
            return Body(html=self._html(content, piece.content_type.get("charset")))
        if b"begin " in content:
            rest, files = uu_files(content)
            if self._unpack(Part(self._decoder.text(name), inside) for name, inside in files):
                content = rest
        return Body(plain=self._plain(content, piece))

    def _plain(self, content: bytes, piece: Piece) -> str:
        text = self._decoder.text(
            content[: self._text_left * _BYTES_A_CHARACTER], piece.content_type.get("charset")
        )[: self._text_left]
        if len(content) > len(text) * _BYTES_A_CHARACTER or len(text) == self._text_left:
            self.hidden_files.append(Part("message.txt", content))
        self._text_left -= len(text)
        if piece.content_type.get("format").lower() == "flowed":
            text = joined(text, delete_space=piece.content_type.get("delsp").lower() == "yes")
        return _tidy(text)

    def _html(self, content: bytes, charset: str) -> str:
        if len(content) > self._html_left:
            self.hidden_files.append(Part("message.html", content))
        if not self._html_left:
            return ""
        meta = None if charset else _META_CHARSET.search(content, 0, 2_000)
        name = meta[1].decode("ascii") if meta else charset
        html = self._decoder.text(content[: LONGEST_HTML * 2], name)
        kept = html if len(html) <= self._html_left else html[: self._html_left] + " "
        self._html_left -= min(len(kept), self._html_left)
        self._marks_left -= kept.count("<") + kept.count("&")
        if self._marks_left < 0:
            self._html_left = 0
        return kept

    def _tnef(self, piece: Piece) -> list[Body]:
        found = read_tnef(piece.content())
        if found is None or not (found.files or found.text or found.html):
            return []
        files = (Part(file.name, file.content, file.content_id) for file in found.files)
        if not self._unpack(files):
            return []
        self.taken.add(id(piece))
        return [self._of_tnef(found)]

    def _unpack(self, files: Iterable[Part]) -> bool:
        """Take over files that stood within a part; False when there are too many."""
        unpacked = [file for file in files if file.content]
        fits = len(self.hidden_files) + len(unpacked) <= MOST_PARTS
        self.hidden_files += unpacked if fits else []
        return fits

    def _of_tnef(self, found: Tnef) -> Body:
        html = found.html[: self._html_left]
        self._html_left -= len(html)
        return Body(_tidy(found.text[: self._text_left]), html, spare=True)

    def _of_named(self, message: Piece) -> list[Body]:
        """Read the first text that is a file too, where there is no other."""
        for piece in message.walk():
            is_text = piece.type in {"text/plain", "text/html"}
            unread = id(piece) not in self.taken
            if is_text and unread and not piece.disposition.word.startswith("attachment"):
                body = self._text(piece)
                if piece.name:
                    self.taken.discard(id(piece))
                if _says(body):
                    return [body]
        return []

    def _of_attached(self, message: Piece) -> list[Body]:
        """Read what an attached message says."""
        for piece in message.walk():
            for inner in piece.children if piece.type == "message/rfc822" else ():
                found = [body for body in self._of(inner) if _says(body)]
                if not found:
                    found = self._of_attached(inner)
                if found:
                    return [Body(plain="\n\n".join(map(text, found)))]
        return []

    def _of_calendars(self, message: Piece) -> list[Body]:
        calendars = [piece for piece in message.walk() if piece.type == "text/calendar"]
        said = [
            summary(self._decoder.text(piece.content(), piece.content_type.get("charset")))
            for piece in calendars[:1]
        ]
        return [Body(plain=words) for words in said if words]


def text(body: Body) -> str:
    """Return what a body says as plain text."""
    return body.plain if body.plain.strip() else _tidy(text_of(body.html))


def html(bodies: list[Body]) -> str:
    """Return the bodies as one HTML, plain ones as paragraphs; empty when all are plain."""
    if not any(body.html for body in bodies):
        return ""
    return "".join(body.html or f"<pre>{entities.escape(body.plain)}</pre>" for body in bodies)


def _says(body: Body) -> bool:
    return bool(body.plain.strip() or body.html.strip())


def _is_text(piece: Piece) -> bool:
    if piece.type not in {"text/plain", "text/html"}:
        return False
    return not piece.name and not piece.disposition.word.startswith("attachment")


def _is_tnef(piece: Piece) -> bool:
    return piece.type in {"application/ms-tnef", "application/vnd.ms-tnef"} or (
        piece.name.lower() == "winmail.dat"
    )


def _root(piece: Piece) -> Piece | None:
    start = piece.content_type.get("start").strip("<> ")
    named = next((child for child in piece.children if start and child.content_id == start), None)
    return named or next(iter(piece.children), None)


def _tidy(words: str) -> str:
    lines = "\n".join(line.rstrip() for line in words.split("\n"))
    return _BLANK_LINES.sub("\n\n\n", lines).strip("\n")
