"""The text of HTML, with what it quotes marked by `> ` as in plain mail."""

import re
from collections.abc import Mapping

from processes.mail.reading.charsets import clean
from processes.mail.reading.limits import LONGEST_HTML, LONGEST_TEXT
from processes.mail.reading.markup import Curtain, feed, is_crowded

QUOTE_BEGINS = "\ue000"
"""A line of its own where the markup says that a quote begins; never part of a result."""

_BLOCKS = frozenset(
    {"p", "div", "tr", "table", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5"}
    | {"h6", "pre", "blockquote", "section", "article", "header", "footer", "center", "form"}
    | {"fieldset", "address", "hr", "body", "figure"}
)
_SPACED = frozenset({"p", "ul", "ol", "table", "pre", "h1", "h2", "h3", "h4", "blockquote"})
_CODE = frozenset({"script", "style"})
_QUOTES = re.compile(
    r"divRplyFwdMsg|yahoo_quoted|ms-outlook-mobile-reference-message", re.IGNORECASE
)
_TAG = re.compile(r"<[^<>]*>")
_SPACE = re.compile(r"[ \t\r\n\f\xa0]+")
_DEEPEST_QUOTE = 8
_LONGEST_LINK = 300


def text_of(html: str) -> str:
    """Return the words of HTML as plain text: lines, list items, links with their addresses."""
    words = html[:LONGEST_HTML].replace(QUOTE_BEGINS, "")
    if is_crowded(words):
        return _SPACE.sub(" ", clean(_TAG.sub(" ", words))).strip()[:LONGEST_TEXT]
    found = feed(words, _Text(Curtain())).strip("\n")
    return found or feed(words, _Text(Curtain(_CODE, styles=False))).strip("\n")


class _Text:
    def __init__(self, curtain: Curtain) -> None:
        self._curtain = curtain
        self._lines: list[str] = []
        self._line: list[str] = []
        self._pre = self._quote = self._size = 0
        self._link: tuple[str, int] | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._curtain.starts(tag, attributes):
            return
        if tag == "br":
            self._break(always=True)
        elif tag in _BLOCKS:
            self._begin(tag, attributes)
        elif tag in {"td", "th"}:
            self._line.append(" ")
        elif tag == "img" and attributes.get("alt", "").strip():
            self.data(f"[{attributes['alt'].strip()[:100]}]")
        elif tag == "a":
            self._link = attributes.get("href", "").strip()[:_LONGEST_LINK], len(self._line)

    def end(self, tag: str) -> None:
        if self._curtain.ends(tag):
            return
        if tag in _BLOCKS:
            self._break()
            self._space(tag)
        if tag == "blockquote":
            self._quote = max(self._quote - 1, 0)
        elif tag == "pre":
            self._pre = max(self._pre - 1, 0)
        elif tag == "a" and self._link:
            self._end_link(*self._link)

    def data(self, words: str) -> None:
        if self._curtain.closed or self._size >= LONGEST_TEXT:
            return
        if self._pre:
            first, *rest = clean(words).split("\n")
            self._line.append(first)
            for line in rest:
                self._break(always=True)
                self._line.append(line)
        else:
            self._line.append(_SPACE.sub(" ", clean(words)))

    def close(self) -> str:
        self._break()
        return "\n".join(self._lines)

    def _begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._break()
        if _QUOTES.search(f"{attributes.get('id', '')} {attributes.get('class', '')}"[:400]):
            self._lines.append(QUOTE_BEGINS)
        if tag == "blockquote":
            self._quote += 1
        elif tag == "pre":
            self._pre += 1
        elif tag == "li":
            self._line.append("* ")
        self._space(tag)

    def _break(self, *, always: bool = False) -> None:
        words = "".join(self._line)
        line = words.rstrip() if self._pre else " ".join(words.split(" ")).strip()
        if (line or always) and self._size < LONGEST_TEXT:
            self._lines.append(self._marks() + line)
            self._size += len(self._lines[-1]) + 1
        self._line, self._link = [], None

    def _space(self, tag: str) -> None:
        empty = self._marks().rstrip()
        if tag in _SPACED and self._lines and self._lines[-1].strip("> "):
            self._lines.append(empty)

    def _marks(self) -> str:
        return "> " * min(self._quote, _DEEPEST_QUOTE)

    def _end_link(self, address: str, since: int) -> None:
        words = "".join(self._line[since:]).strip()
        web = address.startswith(("http://", "https://"))
        if (
            web
            and words
            and address.rstrip("/") not in {words, f"http://{words}", f"https://{words}"}
        ):
            self._line.append(f" <{clean(address)}>")
        self._link = None
