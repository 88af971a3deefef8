"""Mails: one text file per template and language; the HTML is made from the same text."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from processes.mail.quoting import Beneath
from processes.mail.rich import Rich

_ROOT = Path(__file__).resolve().parent.parent
_SUBJECT = "Subject: "
_LONGEST_SUBJECT = 200
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class MailText:
    """A rendered mail."""

    subject: str
    body: str
    """What the mail itself says, without the line above and the conversation beneath."""
    text: str
    html: str


def render(
    template: str,
    language: str,
    context: Mapping[str, Any],
    *,
    marker: str = "",
    beneath: Beneath | None = None,
) -> MailText:
    """Render `package/name` in a language.

    The file `processes/<package>/mails/<name>/<language>.txt` starts with `Subject: …`, then an
    empty line, then the text. A value of the context that is `Rich` keeps its form in the HTML.
    `marker` is the line above which answers are written, `beneath` what was said before.
    """
    rich = {name: value for name, value in context.items() if isinstance(value, Rich)}
    places = {name: f"rich{secrets.token_hex(16)}" for name in rich}
    head, _, source = _source(template, language).render(**dict(context) | places).partition("\n")
    source = re.sub(r"\n{3,}", "\n\n", source).strip()
    said = {places[name]: rich[name] for name in rich}
    body = source
    for place, value in said.items():
        head, body = head.replace(place, value.text), body.replace(place, value.text)
    subject = one_line(head.removeprefix(_SUBJECT))[:_LONGEST_SUBJECT]
    under = beneath or Beneath()
    html = (
        _html()
        .get_template("mail/layout.html")
        .render(
            subject=subject,
            language=language,
            marker=marker,
            paragraphs=[_paragraph(part, said) for part in source.split("\n\n")],
            beneath=Markup(under.html),  # noqa: S704 - every word of it is escaped
        )
    )
    text = "\n\n".join(part for part in (marker, body, under.text) if part)
    return MailText(subject, body + "\n", text + "\n", html)


def subject_of(template: str, language: str, context: Mapping[str, Any]) -> str:
    """Return only the subject of a mail; the context needs what that mentions."""
    head = _head(_file(template, language)).render(**context)
    return one_line(head.removeprefix(_SUBJECT))[:_LONGEST_SUBJECT]


def one_line(text: str) -> str:
    """Return text that is safe in a mail header: no line ends, no control characters."""
    return _CONTROL.sub(" ", text).strip()


def languages_of(template: str) -> set[str]:
    """Return the languages a template exists in."""
    package, _, name = template.partition("/")
    return {path.stem for path in (_ROOT / package / "mails" / name).glob("*.txt")}


def templates() -> list[str]:
    """Return the name of every template there is."""
    folders = sorted(path for path in _ROOT.glob("*/mails/*") if path.is_dir())
    return [f"{path.parent.parent.name}/{path.name}" for path in folders]


def _source(template: str, language: str) -> Template:
    return _plain().get_template(_file(template, language))


def _file(template: str, language: str) -> str:
    package, _, name = template.partition("/")
    return f"{package}/mails/{name}/{language}.txt"


def _paragraph(text: str, rich: Mapping[str, Rich]) -> Markup:
    """Return the text escaped, its links live, its line ends kept, rich words in their form."""
    if not rich:
        return _escaped(text)
    pieces = re.split("(" + "|".join(rich) + ")", text)
    return Markup("").join(
        Markup(rich[piece].html) if piece in rich else _escaped(piece)  # noqa: S704 - it is clean
        for piece in pieces
    )


def _escaped(text: str) -> Markup:
    pieces: list[str] = []
    end = 0
    for link in _LINK.finditer(text):
        address = escape(link.group())
        pieces.append(str(escape(text[end : link.start()])))
        pieces.append(f'<a href="{address}">{address}</a>')
        end = link.end()
    pieces.append(str(escape(text[end:])))
    return Markup("".join(pieces).replace("\n", "<br>\n"))  # noqa: S704 - every piece is escaped


@cache
def _plain() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(  # plain text: nothing to escape
        loader=FileSystemLoader(_ROOT),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )


@cache
def _head(file: str) -> Template:
    first = (_ROOT / file).read_text(encoding="utf-8").partition("\n")[0]
    return _plain().from_string(first)


@cache
def _html() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(_ROOT), undefined=StrictUndefined, autoescape=True
    )
