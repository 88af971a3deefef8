"""What a person wrote with bold, lists and links: clean HTML, and the same as plain text."""

import re
from dataclasses import dataclass
from html import escape
from html.parser import HTMLParser

import nh3

LONGEST_HTML = 100_000
"""Characters an editor may send."""
_DEEPEST = 50
"""Nested elements; what is nested deeper is kept as plain text."""
_TAGS = {"p", "br", "b", "strong", "i", "em", "u", "a", "ul", "ol", "li", "blockquote", "div"}
_SCHEMES = {"http", "https", "mailto"}
_BLOCKS = frozenset({"p", "div", "ul", "ol", "li", "blockquote"})
_LINK = re.compile(r"https?://[^\s<>\"]{1,1900}[^\s<>\".,;:!?)]")
_BLANKS = re.compile(r"[ \t\r\f\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Rich:
    """Words in two forms that say the same."""

    text: str
    html: str
    """Harmless: of a few elements, without styles, scripts, pictures or events."""

    def __str__(self) -> str:
        return self.text


def from_html(html: str) -> Rich:
    """Return what an editor sent, cleaned; too deeply nested HTML becomes plain text."""
    bounded = html[:LONGEST_HTML].replace("\0", "")
    if _depth(bounded) > _DEEPEST:
        return from_text(_Text.of(bounded))
    clean = nh3.clean(
        bounded,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes=_SCHEMES,
        link_rel=None,
        clean_content_tags={"script", "style", "template", "title"},
    )
    return Rich(_Text.of(clean), clean)


def from_text(text: str) -> Rich:
    """Return plain text with its paragraphs, line ends and links as HTML."""
    paragraphs = [part for part in re.split(r"\n\s*\n", text.strip()) if part]
    return Rich(text.strip(), "".join(f"<p>{_linked(part)}</p>" for part in paragraphs))


def _linked(text: str) -> str:
    pieces, end = [], 0
    for link in _LINK.finditer(text):
        address = escape(link.group())
        pieces += [escape(text[end : link.start()]), f'<a href="{address}">{address}</a>']
        end = link.end()
    return "".join([*pieces, escape(text[end:])]).replace("\n", "<br>")


def _depth(html: str) -> int:
    """Return a bound of how deep elements are nested: unclosed ones count as open."""
    counter = _Depth()
    counter.feed(html)
    return counter.deepest


class _Depth(HTMLParser):
    """Counts open elements."""

    _VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr"})

    def __init__(self) -> None:
        super().__init__()
        self.deepest = self._now = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - given by the parser
        self._now += tag not in self._VOID
        self.deepest = max(self.deepest, self._now)

    def handle_endtag(self, tag: str) -> None:
        self._now -= tag not in self._VOID and self._now > 0


class _Text(HTMLParser):
    """Writes HTML as plain text: lists with their marks, quotes with `> `, links with addresses."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = [""]
        self._lists: list[int] = []
        """Of each open list the number of its next item; 0 for one without numbers."""
        self._quotes = 0
        self._link: str | None = None
        """Where the link that is open leads."""
        self._link_words: list[str] = []

    @classmethod
    def of(cls, html: str) -> str:
        """Return the text of some HTML."""
        reader = cls()
        reader.feed(html)
        reader.close()
        lines = (line.rstrip() for line in reader._lines)
        return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._break()
        elif tag == "a":
            self._link, self._link_words = dict(attrs).get("href") or "", []
        elif tag in {"ul", "ol"}:
            self._part(not self._lists)
            self._lists.append(int(tag == "ol"))
        elif tag in _BLOCKS:
            self._quotes += tag == "blockquote"
            self._part(tag != "li" and not self._lists)
            if tag == "li":
                self._lines[-1] += self._mark()

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link is not None:
            self._tell_address(self._link)
            self._link = None
        elif tag in _BLOCKS:
            if tag in {"ul", "ol"} and self._lists:
                self._lists.pop()
            self._quotes -= tag == "blockquote" and self._quotes > 0
            self._part(tag != "li" and not self._lists)

    def handle_data(self, data: str) -> None:
        words = _BLANKS.sub(" ", data)
        at_start = not self._lines[-1] or self._lines[-1].endswith(" ")
        self._write(words.lstrip(" ") if at_start else words)

    def _write(self, words: str) -> None:
        if words and not self._lines[-1]:
            self._lines[-1] = "> " * self._quotes
        self._lines[-1] += words
        self._link_words.append(words)

    def _tell_address(self, address: str) -> None:
        """Write where a link leads, unless its words say so already."""
        said = "".join(self._link_words).strip().lower().rstrip("/")
        plain = address.removeprefix("mailto:").lower().rstrip("/")
        if address and said not in {plain, plain.partition("://")[2]}:
            self._write(f" ({address})")

    def _mark(self) -> str:
        depth = "  " * max(0, len(self._lists) - 1)
        number = self._lists[-1] if self._lists else 0
        if number:
            self._lists[-1] += 1
        return "> " * self._quotes + depth + (f"{number}. " if number else "- ")

    def _break(self) -> None:
        self._lines.append("> " * self._quotes if self._quotes else "")

    def _part(self, apart: bool) -> None:  # noqa: FBT001 - private, and clear where it is called
        """Begin a new line, after an empty one when parts stand apart."""
        if self._lines[-1].strip("> "):
            self._lines.append("")
        if apart and len(self._lines) > 1 and self._lines[-2]:
            self._lines.append("")
