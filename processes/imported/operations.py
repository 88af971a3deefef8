"""The one operation of processes that were imported: it keeps what a form says."""

import json
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from engine.errors import InvalidInputError
from engine.forms.validation import Problem
from engine.registry import Call, Facts
from processes.operations import operations

MOST_BYTES: Final = 4_096
"""What the answers of one step may take together, as UTF-8 JSON: process data is for routing."""
MOST_ITEMS: Final = 50
"""How many things may be ticked in one list."""
_SCALARS: Final = (str, int, float, bool, type(None))


class Answers(BaseModel):
    """The values of any form."""

    model_config = ConfigDict(extra="allow")


@operations.operation("imported.keep_answers")
def keep_answers(call: Call, form: Answers) -> Facts:
    """Keep the validated answers of a form as process data, under the keys of the form.

    An imported process has no domain of its own: its answers decide which way it goes, and that
    is all they are kept for. Texts, numbers, ticks and short lists of them are taken, together
    at most `MOST_BYTES`. Raises InvalidInputError that names the field to shorten.
    """
    del call
    given: dict[str, Any] = dict(form.model_extra or {})
    for key, value in given.items():
        if isinstance(value, list):
            _check_list(key, value)
        elif not isinstance(value, _SCALARS):
            raise InvalidInputError({key: [Problem("other")]})
    excess = _bytes(given) - MOST_BYTES
    if excess > 0:
        longest = max(given, key=lambda key: _bytes(given[key]))
        room = max(0, _bytes(given[longest]) - excess)
        raise InvalidInputError(
            {longest: [Problem("too_long", {"max": _letters(given[longest], room)})]}
        )
    return given


def _check_list(key: str, value: list[Any]) -> None:
    if len(value) > MOST_ITEMS or not all(isinstance(each, _SCALARS) for each in value):
        raise InvalidInputError({key: [Problem("too_many", {"max": MOST_ITEMS})]})


def _bytes(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def _letters(value: Any, room: int) -> int:
    """Return how many letters of a text take at most so many bytes as JSON."""
    if not isinstance(value, str):
        return room
    low, high = 0, len(value)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _bytes(value[:middle]) <= room else (low, middle - 1)
    return low
