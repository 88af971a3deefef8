"""What is wrong with an entry, in words."""

from flask_babel import LazyString, gettext, lazy_gettext

from engine.errors import InvalidInputError
from engine.sentences import Sentence
from webapp.sentences import said

_WORDS: dict[str, LazyString] = {
    "required": lazy_gettext("Please fill this in."),
    "taken": lazy_gettext("Somebody has just taken this."),
    "too_long": lazy_gettext("This is too long."),
    "invalid_choice": lazy_gettext("Please choose one of the list."),
}


def by_field(error: InvalidInputError) -> dict[str, list[str]]:
    """Return what is wrong, in words, by field."""
    return {field: sentences(error, field) for field in error.fields}


def sentences(error: InvalidInputError, field: str) -> list[str]:
    """Return what to tell a person about one field."""
    return [_words(problem) for problem in error.fields.get(field, ())]


def _words(problem: object) -> str:
    if isinstance(problem, Sentence):
        return str(said(problem))
    return str(_WORDS.get(str(problem), "")) or gettext("This cannot be right.")
