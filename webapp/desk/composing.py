"""A mail as an agent composed it: from the form, and back into the form when it is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import request
from werkzeug.datastructures import MultiDict

from engine.errors import InvalidInputError
from processes.cases.outgoing_mail import Sending
from processes.cases.taking_back import TakenBack
from processes.mail import addresses
from processes.mail.addresses import Pair
from processes.mail.models import LONGEST_SUBJECT
from processes.mail.rich import LONGEST_HTML, Rich, from_html, from_text
from processes.mail.templates import one_line
from processes.people.models import LANGUAGES
from webapp.context import app
from webapp.files.uploads import KEYS

_LONGEST_TEXT = 20_000


@dataclass(frozen=True)
class Composed:
    """What is to be sent, and how."""

    words: Rich
    sending: Sending


def composed(keys: Sequence[str]) -> Composed:
    """Return the mail in this request's form, with the files of these uploads.

    Raises InvalidInputError with everything that is wrong at once.
    """
    problems: dict[str, list[str]] = {}
    words = _words(problems)
    cc, bcc = _copies("cc", problems), _copies("bcc", problems)
    subject = one_line(request.form.get("subject", ""))
    if len(subject) > LONGEST_SUBJECT:
        problems["subject"] = ["too_long"]
    if problems:
        raise InvalidInputError(problems)
    language = request.form.get("language", "")
    return Composed(
        words,
        Sending(
            language=language if language in LANGUAGES else "",
            subject="" if subject == request.form.get("usual") else subject,
            cc=cc,
            bcc=tuple(pair for pair in bcc if pair[1] not in {address for _, address in cc}),
            keys=tuple(keys),
            wait=timedelta(seconds=app().settings.undo_seconds),
        ),
    )


def typed_again(taken: TakenBack, begun: MultiDict[str, str]) -> Mapping[str, str]:
    """Return a mail that was taken back as its form would bring it, above what was begun since."""
    older, newer = Rich(taken.text, taken.html), _begun(begun)
    is_rich = older.html or newer.html
    cc = [addresses.written(taken.cc), begun.get("cc", "").strip()]
    bcc = [addresses.written(taken.bcc), begun.get("bcc", "").strip()]
    return MultiDict(
        [
            ("text", "\n\n".join(filter(None, [older.text, newer.text]))),
            ("html", _html(older) + _html(newer) if is_rich else ""),
            ("subject", taken.subject),
            ("language", taken.language),
            ("cc", ", ".join(filter(None, cc))),
            ("bcc", ", ".join(filter(None, bcc))),
            *((KEYS, key) for key in (*taken.keys, *begun.getlist(KEYS))),
        ]
    )


def has_begun(form: Mapping[str, str]) -> bool:
    """Return whether a form for a reply holds a text."""
    return bool(form.get("text", "").strip())


def _begun(form: MultiDict[str, str]) -> Rich:
    return Rich(form["text"].strip(), form.get("html", "")) if has_begun(form) else Rich("", "")


def _html(words: Rich) -> str:
    return words.html or (from_text(words.text).html if words.text else "")


def _words(problems: dict[str, list[str]]) -> Rich:
    """Return what the editor sent, or the plain text of a page without one."""
    html = request.form.get("html", "")
    words = from_html(html) if html.strip() else from_text(request.form.get("text", ""))
    if not words.text.replace("\0", "").strip():
        problems["text"] = ["required"]
    elif len(words.text) > _LONGEST_TEXT or len(html) > LONGEST_HTML:
        problems["text"] = ["too_long"]
    return words


def _copies(field: str, problems: dict[str, list[str]]) -> tuple[Pair, ...]:
    try:
        return addresses.parse(request.form.get(field, ""), field)
    except InvalidInputError as error:
        problems |= {name: list(found) for name, found in error.fields.items()}
        return ()
