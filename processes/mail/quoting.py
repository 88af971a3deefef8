"""The conversation beneath an answer, as mail programs fold it away."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

MOST = 5
"""Entries quoted beneath one answer, the newest first."""
_LONGEST_ENTRY = 2_000
_LONGEST = 8_000
"""Characters of all that is quoted."""
_WROTE = {
    "en": "On {when}, {who} wrote:",
    "nl": "Op {when} schreef {who}:",
    "de": "Am {when} schrieb {who}:",
}
_MORE = "[…]"


@dataclass(frozen=True)
class Quote:
    """Something that was said before."""

    who: str
    when: str
    """As one reads it."""
    text: str


@dataclass(frozen=True)
class Beneath:
    """What stands under a mail, in both of its forms; both empty when nothing does."""

    text: str = ""
    html: str = ""


def beneath(quotes: Sequence[Quote], language: str) -> Beneath:
    """Return quotes as mail programs know them: attributed, `> ` in text, blockquote in HTML."""
    texts, html, left = [], [], _LONGEST
    for quote in quotes[:MOST]:
        said = _bounded(quote.text.strip(), min(left, _LONGEST_ENTRY))
        if not said:
            continue
        left -= len(said)
        wrote = _WROTE[language].format(when=quote.when, who=quote.who)
        texts.append("\n".join([wrote, *(f"> {line}".rstrip() for line in said.split("\n"))]))
        lines = escape(said).replace("\n", "<br>\n")
        html.append(f'<p>{escape(wrote)}</p>\n<blockquote type="cite">{lines}</blockquote>')
    return Beneath("\n\n".join(texts), "\n".join(html))


def _bounded(text: str, most: int) -> str:
    """Return the beginning of a long text, with a sign that there was more."""
    if len(text) <= most:
        return text
    return f"{text[:most].rstrip()} {_MORE}" if most > 0 else ""
