"""HTML read by libxml2 as a stream of tags and words: any depth, any brokenness, linear time."""

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
