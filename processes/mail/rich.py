"""What a person wrote with bold, lists and links: clean HTML, and the same as plain text."""

import re
from dataclasses import dataclass
from html import escape, unescape
from html.parser import HTMLParser

import nh3

LONGEST_HTML = 100_000
"""Characters an editor may send."""
_DEEPEST = 50
"""Nested elements; what is nested deeper is kept as plain text."""
_MOST_TAGS = 8_000
"""Tags that begin or end elements; what has more of them is kept as plain text."""
_LONGEST_ADDRESS = 2_000
"""Characters of a link's address; a longer one leads nowhere."""
_TAGS = {"p", "br", "b", "strong", "i", "em", "u", "a", "ul", "ol", "li", "blockquote", "div"}
_SCHEMES = {"http", "https", "mailto"}
_BLOCKS = frozenset({"p", "div", "ul", "ol", "li", "blockquote"})
_ACTIVE = {"script", "style", "template", "title"}
"""Elements whose content is not for reading."""
_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<ends>/?)(?P<tag>[a-zA-Z][^\s/<>]{0,30})(?P<more>[^<>]*)>|<[!?/][^<>]*>",
    re.DOTALL,
)
"""A comment, a tag, or what a browser takes for a comment; found in one pass."""
_HREF = re.compile(r"""(?:\s|^)href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""", re.IGNORECASE)
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
    """Return what an editor sent, cleaned; HTML that is too much becomes plain text.

    Too much is too deeply nested, of too many tags, or longer than LONGEST_HTML when clean.
    """
    bounded = html[:LONGEST_HTML].replace("\0", "")
    nested = _Nested.of(bounded)
    if nested is None:
        return from_text(_stripped(bounded))
    clean = nh3.clean(
        nested,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes=_SCHEMES,
        link_rel=None,
        clean_content_tags=_ACTIVE,
    )
    words = _Text.of(clean)
    return Rich(words, clean) if len(clean) <= LONGEST_HTML else from_text(words)


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


def _stripped(html: str) -> str:
    """Return the words of HTML without its tags, a line for each block."""
    return unescape(_TOKEN.sub(_line_end, html))


def _line_end(token: re.Match[str]) -> str:
    return "\n" if (token["tag"] or "").lower() in _BLOCKS | {"br"} else ""


class _Nested:
    """Writes HTML anew with each of our elements closed where it must be, and nothing else.

    What an HTML parser would otherwise repair costs time and length that grow with the square: it
    opens again in each paragraph what was left open in the one before.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._open: list[str] = []
        self._unread = ""
        """The element whose content is left out, while it is open."""
        self._deepest = 0

    @classmethod
    def of(cls, html: str) -> str | None:
        """Return HTML that is well nested; None when it is too deep or has too many tags."""
        writer, end = cls(), 0
        for count, token in enumerate(_TOKEN.finditer(html)):
            if count >= _MOST_TAGS or writer._deepest > _DEEPEST:
                return None
            writer._take_words(html[end : token.start()])
            end = token.end()
            if token["tag"]:
                writer._take_tag(token["tag"].lower(), token["more"], ends=bool(token["ends"]))
        writer._take_words(html[end:])
        writer._close(0)
        return "".join(writer._pieces) if writer._deepest <= _DEEPEST else None

    def _take_words(self, words: str) -> None:
        if not self._unread:
            self._pieces.append(words.replace("<", "&lt;"))

    def _take_tag(self, tag: str, more: str, *, ends: bool) -> None:
        if self._unread:
            self._unread = "" if ends and tag == self._unread else self._unread
        elif tag in _ACTIVE and not ends:
            self._unread = tag
        elif tag == "br":
            self._pieces.append("<br>")
        elif tag in _TAGS and not ends:
            self._begin(tag, more)
        elif tag in self._open:
            self._close(self._last(tag))

    def _begin(self, tag: str, more: str) -> None:
        self._end_before(tag)
        href = _HREF.search(more) if tag == "a" else None
        address = (href[1] or href[2] or href[3] or "").replace('"', "&quot;") if href else ""
        told = f' href="{address}"' if 0 < len(address) <= _LONGEST_ADDRESS else ""
        self._pieces.append(f"<{tag}{told}>")
        self._open.append(tag)
        self._deepest = max(self._deepest, len(self._open))

    def _end_before(self, tag: str) -> None:
        """Close what ends where this begins: paragraphs, a link, the item of a list before."""
        ended = "p" if tag in _BLOCKS else tag
        if ended in {"p", "a"} and ended in self._open:
            self._close(self._last(ended))
        if tag == "li" and self._open[-1:] == ["li"]:
            self._close(len(self._open) - 1)

    def _last(self, tag: str) -> int:
        return len(self._open) - 1 - self._open[::-1].index(tag)

    def _close(self, kept: int) -> None:
        """Close open elements, innermost first, but for some."""
        while len(self._open) > kept:
            self._pieces.append(f"</{self._open.pop()}>")


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
            self._lines[-1] = self._quote_marks()
        self._lines[-1] += words
        self._link_words.append(words)

    def _tell_address(self, address: str) -> None:
        """Write where a link leads, unless its words say so already."""
        said = "".join(self._link_words).strip().lower().rstrip("/")
        plain = address.removeprefix("mailto:").lower().rstrip("/")
        if address and said not in {plain, plain.partition("://")[2]}:
            self._write(f" ({address})")

    def _mark(self) -> str:
        depth = "  " * max(0, min(len(self._lists), _DEEPEST) - 1)
        number = self._lists[-1] if self._lists else 0
        if number:
            self._lists[-1] += 1
        return self._quote_marks() + depth + (f"{number}. " if number else "- ")

    def _quote_marks(self) -> str:
        return "> " * min(self._quotes, _DEEPEST)

    def _break(self) -> None:
        self._lines.append(self._quote_marks())

    def _part(self, apart: bool) -> None:  # noqa: FBT001 - private, and clear where it is called
        """Begin a new line, after an empty one when parts stand apart."""
        if self._lines[-1].strip("> "):
            self._lines.append("")
        if apart and len(self._lines) > 1 and self._lines[-2]:
            self._lines.append("")
