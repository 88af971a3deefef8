"""What is wrong with an entry, in words."""

from flask_babel import LazyString, gettext, lazy_gettext

from engine.errors import InvalidInputError

_WORDS: dict[str, LazyString] = {
    "required": lazy_gettext("Please fill this in."),
    "too_long": lazy_gettext("This is too long."),
    "invalid_choice": lazy_gettext("Please choose one of the list."),
}


def sentences(error: InvalidInputError, field: str) -> list[str]:
    """Return what to tell a person about one field."""
    return [
        str(_WORDS.get(str(code), "")) or gettext("This cannot be right.")
        for code in error.fields.get(field, ())
    ]
