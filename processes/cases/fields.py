"""Kinds of values that forms bring, and the way from a call to its case."""

import re
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict
from sqlalchemy.orm import Session

from engine.registry import Call
from processes.cases.models import Case
from processes.cases.timeline import SYSTEM, Author
from processes.people.queries import actor_name

_ID: Final = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
"""An id as it is written in a key, and in no other way: Python also reads `+4` and `0_4`."""


def _text(value: Any) -> Any:
    """An empty field may arrive as None."""
    return "" if value is None else value


def _none(value: Any) -> Any:
    """An empty choice may arrive as an empty text."""
    return value or None


Words = Annotated[str, BeforeValidator(_text)]
"""A text; empty when nothing was entered."""
Choice = Annotated[str | None, BeforeValidator(_none)]
"""A key from a list; None when nothing was chosen."""


class FormValues(BaseModel):
    """What a form brings: known fields only."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)


class Nothing(BaseModel):
    """For operations that need no parameters."""


def case_of(call: Call) -> Case:
    """Return the case an operation works on: the one whose id is the business key.

    Raises LookupError for any other key, as of a process that has no case.
    """
    case = call.session.get(Case, int(call.key)) if _ID.fullmatch(call.key) else None
    if case is None:
        message = f"{call.key!r} is the key of no case; this operation needs one"
        raise LookupError(message)
    return case


def author_of(session: Session, actor: str) -> Author:
    """Return who acts, with the name to show; the system has none."""
    return Author(actor, "" if actor == SYSTEM else actor_name(session, actor))
