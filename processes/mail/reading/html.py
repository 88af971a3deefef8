"""HTML of mails made harmless: cleaned when it is read, put into a page of its own when shown.

libxml2 reads it, we write only what is allowed, well-formed and not deep, and nh3 (an HTML5 parser
with an allow-list) has the last word: alone it takes seconds and gigabytes for some 60 kB of
hostile markup (unclosed formatting tags within many paragraphs), which never reaches it this way.
"""

import html as entities
import re
from collections.abc import Mapping
from urllib.parse import unquote

import nh3

from processes.mail.reading.charsets import clean as clean_text
from processes.mail.reading.limits import DEEPEST_HTML, LONGEST_HTML
from processes.mail.reading.markup import Curtain, feed, is_crowded

_TAGS = frozenset(
    {"a", "abbr", "b", "blockquote", "br", "caption", "center", "code", "col", "colgroup", "dd"}
    | {"del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins"}
    | {"li", "ol", "p", "pre", "q", "s", "small", "span", "strike", "strong", "sub", "sup"}
    | {"table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul"}
)
_EMPTY = frozenset({"br", "hr", "img", "col"})
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "data-remote", "alt", "title", "width", "height"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign"},
    "table": {"width", "align"},
    "ol": {"start", "type"},
    "p": {"align"},
    "div": {"align"},
}
_SIZE = re.compile(r"\d{1,4}%?")
_LINK = re.compile(r"(https?://|mailto:|tel:)[^\s<>\"]{1,1900}", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?:)?//[^\s<>\"]{1,1900}", re.IGNORECASE)
_SMALL_PICTURE = re.compile(r"data:image/(?:png|gif|jpe?g|webp);base64,[A-Za-z0-9+/=\s]{1,40000}")
_MOST_TAGS = 60_000
_PIXEL = 2
_PICTURE = re.compile(r'<img((?: [a-z-]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_STYLE = (
    ":root{color-scheme:light dark}"
    "html{font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere;"
    "color:light-dark(#1c1b19,#eceae6);background:light-dark(#fff,#1a1b1e)}"
    "a{color:light-dark(#0c6b5f,#4cc0ae)}body{margin:12px}"
    "img{max-width:100%;height:auto}table{max-width:100%}"
    "pre{white-space:pre-wrap}td,th{vertical-align:top;text-align:start}"
    "blockquote{margin:8px 0;padding-inline-start:12px;"
    "border-inline-start:3px solid light-dark(#d6d2ca,#3c3f46)}"
)


def clean(html: str) -> str:
    """Return the HTML with nothing in it that acts, asks or reaches out.

    No scripts, styles, forms, names or ids; links open a new page and tell it nothing. Pictures
    of the mail stay `src="cid:…"`, those of other servers wait as `data-remote="https://…"`.
    Empty, so that the text is shown, when it is deeper than 200 or longer than 1 MB.
    """
    if not html or len(html) > LONGEST_HTML or is_crowded(html):
        return ""
    tidy = _Tidy()
    written = feed(html, tidy)
    if tidy.refused or not written:
        return ""
    return nh3.clean(
        written,
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        attribute_filter=_last_look,
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
        strip_comments=True,
    )


def policy(*, remote: bool) -> str:
    """Return the Content-Security-Policy under which a cleaned mail is shown."""
    pictures = "'self' data: https:" if remote else "'self' data:"
    return (
        f"default-src 'none'; img-src {pictures}; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )


def shown(html: str, *, pictures: Mapping[str, str], remote: bool) -> str:
    """Return a whole page for the sandboxed frame, from what `clean` gave.

    It wants an address of its own, with `policy` as its header: a frame's `srcdoc` inherits the
    policy of the page around it, which forbids its style and pictures of other servers. Without
    `allow-same-origin` a frame asks without cookies, so `pictures` then hold `data:` addresses.

    `pictures` holds the addresses of the mail's own pictures by Content-ID; those of other
    servers are fetched, by https only, when `remote` says that the reader asked for it.
    """
    body = _PICTURE.sub(lambda found: _picture(found[1], pictures, remote=remote), html)
    return (
        '<!doctype html><html><head><meta charset="utf-8"><title>Mail</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(remote=remote)}">'
        '<meta name="referrer" content="no-referrer">'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def has_remote_pictures(html: str) -> bool:
    """Say whether a cleaned mail has pictures on other servers, which wait to be asked for."""
    return any('data-remote="' in found[1] for found in _PICTURE.finditer(html))


def picture_ids(html: str) -> frozenset[str]:
    """Return the Content-IDs a cleaned mail shows pictures by."""
    sources = (
        dict(_ATTRIBUTE.findall(found[1])).get("src", "") for found in _PICTURE.finditer(html)
    )
    return frozenset(
        entities.unescape(source.removeprefix("cid:"))
        for source in sources
        if source.startswith("cid:")
    )


def _picture(attributes: str, pictures: Mapping[str, str], *, remote: bool) -> str:
    found = {name: entities.unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}
    source, elsewhere = found.pop("src", ""), found.pop("data-remote", "")
    if source.startswith("cid:"):
        source = pictures.get(source.removeprefix("cid:"), "")
    if not source and remote:
        source = elsewhere
    if not source:
        return entities.escape(f"[{found['alt']}]") if found.get("alt") else ""
    return _tag("img", {"src": source, **found})


def _last_look(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return value if _LINK.match(value) else None
    if name == "src":
        return value if value.startswith("cid:") or _SMALL_PICTURE.fullmatch(value) else None
    if name == "data-remote":
        return value if tag == "img" and value.startswith("https://") else None
    return value


class _Tidy:
    """Writes what is allowed, each tag closed where it must be."""

    def __init__(self) -> None:
        self.refused = False
        self._out: list[str] = []
        self._open: list[str] = []
        self._curtain = Curtain()
        self._depth = self._tags = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self._tags += 1
        self.refused = self.refused or self._depth > DEEPEST_HTML or self._tags > _MOST_TAGS
        if self._curtain.starts(tag, attributes):
            return
        if tag in _TAGS and not self.refused:
            kept = _attributes(tag, attributes)
            if tag != "img" or "src" in kept or "data-remote" in kept:
                self._out.append(_tag(tag, kept))
            if tag not in _EMPTY:
                self._open.append(tag)

    def end(self, tag: str) -> None:
        self._depth -= 1
        if self._curtain.ends(tag):
            return
        if self._open and self._open[-1] == tag:
            self._open.pop()
            self._out.append(f"</{tag}>")

    def data(self, words: str) -> None:
        if not self._curtain.closed and not self.refused:
            self._out.append(entities.escape(clean_text(words), quote=False))

    def close(self) -> str:
        return "".join([*self._out, *(f"</{tag}>" for tag in reversed(self._open))])


def _attributes(tag: str, given: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: clean_text(value)[:2_000]
        for name, value in given.items()
        if name in _ATTRIBUTES.get(tag, ()) and name not in {"src", "data-remote"}
    }
    for name in ("width", "height", "colspan", "rowspan", "start"):
        if name in kept and not _SIZE.fullmatch(kept[name]):
            del kept[name]
    if tag == "a" and not _LINK.fullmatch(kept.get("href", "").strip()):
        kept.pop("href", None)
    return kept | _source(given, kept) if tag == "img" else kept


def _source(given: Mapping[str, str], kept: Mapping[str, str]) -> dict[str, str]:
    source = clean_text(given.get("src", "")).strip()
    if source[:4].lower() == "cid:":
        return {"src": f"cid:{unquote(source[4:])[:250]}"}  # RFC 2392: it may be escaped
    if _SMALL_PICTURE.fullmatch(source):
        return {"src": "".join(source.split())}
    if not _REMOTE.fullmatch(source) or _tells_on_us(kept):
        return {}
    return {"data-remote": f"https://{source.partition('//')[2]}"}


def _tells_on_us(kept: Mapping[str, str]) -> bool:
    """Say whether a picture is too small to be seen: it only reports who reads."""
    sizes = [kept[name] for name in ("width", "height") if name in kept]
    return any(size.isdigit() and int(size) <= _PIXEL for size in sizes)


def _tag(tag: str, attributes: Mapping[str, str]) -> str:
    written = "".join(f' {name}="{entities.escape(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>"
