"""Problems of single fields in words."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import LazyString, format_decimal, lazy_gettext

from engine.forms.validation import Problem

_BY_CODE: Final[Mapping[str, LazyString]] = {
    "required": lazy_gettext("Please fill in “%(label)s”."),
    "choose": lazy_gettext("Please choose something under “%(label)s”."),
    "tick": lazy_gettext("Please tick “%(label)s”."),
    "too_short": lazy_gettext("“%(label)s” needs at least %(min)s characters."),
    "too_long": lazy_gettext("“%(label)s” may have at most %(max)s characters."),
    "too_many": lazy_gettext("“%(label)s” may have at most %(max)s ticks."),
    "too_small": lazy_gettext("“%(label)s” must be %(min)s or more."),
    "too_large": lazy_gettext("“%(label)s” must be %(max)s or less."),
    "number": lazy_gettext("“%(label)s” must be a number, such as 12 or 12.50."),
    "whole": lazy_gettext("“%(label)s” must be a whole number."),
    "digits": lazy_gettext("“%(label)s” may have %(digits)s digits after the decimal sign."),
    "date": lazy_gettext("“%(label)s” must be a date, such as 2026-12-31."),
    "email": lazy_gettext("“%(label)s” must be an e-mail address, such as name@example.com."),
    "addresses": lazy_gettext(
        "“%(label)s” must hold e-mail addresses with commas between them, such as name@example.com."
    ),
    "upload_gone": lazy_gettext("A file is no longer here. Please add it again."),
    "too_many_files": lazy_gettext("These are more files than one message may carry."),
    "too_many_addresses": lazy_gettext("“%(label)s” may hold at most 20 addresses."),
    "phone": lazy_gettext("“%(label)s” must be a phone number, such as +31 20 123 45 67."),
    "pattern": lazy_gettext("“%(label)s” does not look as it should."),
    "option": lazy_gettext("Please choose one of the options under “%(label)s”."),
    "characters": lazy_gettext("“%(label)s” holds characters that cannot be stored."),
}
_OTHER_NAMES: Final[Mapping[str, str]] = {
    "invalid_choice": "option",
    "missing": "required",
    "invalid": "other",
}
_OTHER: Final = lazy_gettext("Please check “%(label)s”.")
_WHOLE: Final = lazy_gettext("Please check what you entered.")


def problem_sentence(problem: Problem | str, label: str = "") -> str:
    """What to tell a person about a field.

    Args:
        problem: a problem, or only its code.
        label: words of the field, where the problem does not bring them.
    """
    code = problem.code if isinstance(problem, Problem) else str(problem)
    facts: dict[str, Any] = {"label": label}
    if isinstance(problem, Problem):
        facts |= {name: _shown(value) for name, value in problem.params.items()}
    if not facts["label"]:
        return str(_WHOLE)
    sentence = _BY_CODE.get(_OTHER_NAMES.get(code, code), _OTHER)
    try:
        return str(sentence) % facts
    except KeyError:
        return str(_OTHER) % facts


def _shown(value: Any) -> Any:
    """A figure as the reader writes it."""
    is_figure = isinstance(value, int | float) and not isinstance(value, bool)
    return format_decimal(value) if is_figure else value
