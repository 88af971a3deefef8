"""HTML read by libxml2 as a stream of tags and words: any depth, any brokenness, linear time."""

import re
from collections.abc import Mapping
from typing import Protocol

from lxml import etree

from processes.mail.reading.limits import MOST_MARKS

HIDDEN = frozenset(
    {"script", "style", "title", "template", "object", "applet", "svg", "math", "select"}
    | {
        "textarea",
        "noembed",
        "noframes",
        "xmp",
        "plaintext",
        "iframe",
        "frameset",
        "audio",
        "video",
    }
)
"""Elements of which nothing is shown, words included."""


_LONGEST_STYLE = 1_000
_NOT_DISPLAYED = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)


class Curtain:
    """Knows while something is read that its reader does not see: code, and what styles hide."""

    def __init__(self, hidden: frozenset[str] = HIDDEN, *, styles: bool = True) -> None:
        self._hidden = hidden
        self._styles = styles
        self._open: list[str] = []

    @property
    def closed(self) -> bool:
        """Say whether nothing is seen now."""
        return bool(self._open)

    def starts(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Take the beginning of an element; say whether it is behind the curtain."""
        if self._open:
            self._open += [tag] * (tag == self._open[-1])
        elif tag in self._hidden or self._by_style(attributes):
            self._open.append(tag)
        return bool(self._open)

    def ends(self, tag: str) -> bool:
        """Take the end of an element; say whether it was behind the curtain."""
        behind = bool(self._open)
        if behind and self._open[-1] == tag:
            self._open.pop()
        return behind

    def _by_style(self, attributes: Mapping[str, str]) -> bool:
        style = attributes.get("style", "") if self._styles else ""
        return bool(_NOT_DISPLAYED.search(style[:_LONGEST_STYLE]))


class Reader(Protocol):
    """Takes what is found, in order; `close` gives the result."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Take the beginning of an element; the name in lower case."""

    def end(self, tag: str) -> None:
        """Take its end."""

    def data(self, words: str) -> None:
        """Take words, entities already replaced."""

    def close(self) -> str:
        """Return the result."""


def is_crowded(html: str) -> bool:
    """Say whether there is more markup than a person or a mail program writes."""
    return html.count("<") > MOST_MARKS or html.count("&") > MOST_MARKS


def feed(html: str, reader: Reader) -> str:
    """Return what the reader makes of the HTML; empty when there is nothing in it to read."""
    parser = etree.HTMLParser(target=reader, encoding="utf-8", huge_tree=True, no_network=True)
    try:
        found = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        return ""
    return str(found or "")
