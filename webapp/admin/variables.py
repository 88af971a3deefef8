"""Process data as people read it."""

from dataclasses import dataclass
from typing import Any

import orjson
from flask_babel import gettext

from engine.inspection import Variable

_LONGEST = 2_000


@dataclass(frozen=True)
class Shown:
    """One variable: its value as text and what kind of value that is."""

    name: str
    text: str
    kind: str
    element_id: str


def shown(variable: Variable) -> Shown:
    """Return a variable in words; long values are cut."""
    text = _text(variable.value)
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]} …"
    return Shown(variable.name, text, _kind(variable.value), variable.element_id)


def _text(value: Any) -> str:
    return orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2).decode()


def _kind(value: Any) -> str:
    match value:
        case None:
            return gettext("empty")
        case bool():
            return gettext("yes or no")
        case int() | float():
            return gettext("number")
        case str():
            return gettext("text")
        case list():
            return gettext("list")
        case _:
            return gettext("group")
