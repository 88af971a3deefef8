"""Letters: one text file per template and language; the HTML is made from the same text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

_ROOT = Path(__file__).resolve().parent.parent
_SUBJECT = "Subject: "
_LONGEST_SUBJECT = 200
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True)
class Letter:
    """A rendered mail."""

    subject: str
    text: str
    html: str


def render(template: str, language: str, context: Mapping[str, Any]) -> Letter:
    """Render `package/name` in a language.

    The file `processes/<package>/mails/<name>/<language>.txt` starts with `Subject: …`, then an
    empty line, then the text.
    """
    package, _, name = template.partition("/")
    source = _plain().get_template(f"{package}/mails/{name}/{language}.txt")
    head, _, body = source.render(**context).partition("\n")
    text = re.sub(r"\n{3,}", "\n\n", body).strip() + "\n"
    subject = one_line(head.removeprefix(_SUBJECT))[:_LONGEST_SUBJECT]
    paragraphs = [_paragraph(part) for part in text.strip().split("\n\n")]
    html = (
        _html()
        .get_template("mail/layout.html")
        .render(subject=subject, language=language, paragraphs=paragraphs)
    )
    return Letter(subject, text, html)


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


def _paragraph(text: str) -> Markup:
    """Return the text escaped, its links live and its line ends kept."""
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
def _html() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(_ROOT), undefined=StrictUndefined, autoescape=True
    )
