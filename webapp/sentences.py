"""The product's error codes in words."""

from flask_babel import LazyString, gettext, lazy_gettext

from engine.errors import AppError
from engine.sentences import Sentence
from webapp.i18n import localtime

_BY_CODE: dict[str, LazyString] = {
    "not_found": lazy_gettext("There is nothing here, or it is not yours to see."),
    "forbidden": lazy_gettext("Your role does not allow this."),
    "invalid_input": lazy_gettext("Some fields need your attention."),
    "conflict": lazy_gettext("Somebody else changed this in the meantime."),
    "already_done": lazy_gettext("This step was completed by %(by)s at %(at)s."),
    "claimed_by_other": lazy_gettext("%(by)s is working on this step."),
    "mail_handled": lazy_gettext("%(by)s dealt with this mail at %(at)s."),
    "not_waiting": lazy_gettext("The process is no longer waiting for this."),
    "too_late": lazy_gettext("The reply is on its way already; it cannot be taken back."),
    "not_stranded": lazy_gettext("The mail is on its way or has arrived."),
    "unavailable": lazy_gettext("The service is busy. Please try again in a moment."),
    "diagram_refused": lazy_gettext("The diagram cannot be deployed."),
    "rate_limited": lazy_gettext("That was too often. Please wait a few minutes and try again."),
    "no_room": lazy_gettext("There is no room left to keep this file. Nothing was changed."),
    "files_away": lazy_gettext(
        "Files cannot be reached at the moment. Please try again in a few minutes."
    ),
    "file_missing": lazy_gettext(
        "This file cannot be found any more. Please ask whoever sent it to send it again."
    ),
    "file_too_large": lazy_gettext("%(name)s is larger than %(most)s. Please send a smaller file."),
    "too_many_files": lazy_gettext("A message can take %(most)s files. Please send two messages."),
    "file_refused": lazy_gettext(
        "%(name)s is a program, and programs are not taken. Please send it as another kind of file."
    ),
    "upload_gone": lazy_gettext("A file was no longer here. Please add it again."),
}
_BY_STATUS: dict[int, LazyString] = {
    400: lazy_gettext("We could not read this request."),
    401: lazy_gettext("Please sign in first."),
    403: lazy_gettext("Your role does not allow this."),
    404: lazy_gettext("There is nothing here, or it is not yours to see."),
    405: lazy_gettext("This address does not take that kind of request."),
    409: lazy_gettext("Somebody else changed this in the meantime."),
    413: lazy_gettext("What you sent is too large."),
    415: lazy_gettext("We cannot read this kind of content."),
    422: lazy_gettext("Some fields need your attention."),
    429: lazy_gettext("That was too often. Please wait a few minutes and try again."),
}
_TITLES: dict[int, LazyString] = {
    400: lazy_gettext("That did not work"),
    403: lazy_gettext("Not allowed"),
    404: lazy_gettext("Page not found"),
    409: lazy_gettext("Somebody was faster"),
    410: lazy_gettext("File not found"),
    413: lazy_gettext("Too large"),
    422: lazy_gettext("Please check what you entered"),
    429: lazy_gettext("Please wait a little"),
    503: lazy_gettext("Please try again in a moment"),
    507: lazy_gettext("No room left"),
}
_TITLE = lazy_gettext("That did not work")
_FAULT = lazy_gettext("Something went wrong")
_FIRST_FAULT = 500


def sentence(error: AppError) -> str:
    """Return what to tell a person about an error of the product."""
    found = _BY_CODE.get(error.code)
    if found is None:
        return of_status(error.status)
    facts = {
        name: localtime(value) if hasattr(value, "tzinfo") else value
        for name, value in error.params.items()
    }
    try:
        return str(found) % facts if "%(" in str(found) else str(found)
    except (KeyError, ValueError):
        return of_status(error.status)


def said(text: object) -> object:
    """Return a sentence of the engine in the reader's language; a plain text as it is."""
    if not isinstance(text, Sentence) or not text.template:
        return text
    facts = {name: said(value) for name, value in text.params.items()}
    try:
        template = gettext(text.template)
        return template.format_map(facts) if facts else template
    except (KeyError, IndexError, ValueError):  # a translation with a place nobody fills
        return str(text)


def of_status(status: int) -> str:
    """Return what to tell a person about an HTTP status."""
    return str(_BY_STATUS.get(status, title(status)))


def title(status: int) -> str:
    """Return the heading of the page about a status."""
    return str(_TITLES.get(status, _FAULT if status >= _FIRST_FAULT else _TITLE))
