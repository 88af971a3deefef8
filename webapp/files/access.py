"""Letting nobody but those who may to a file; whoever may not reads what a stranger reads."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask.typing import ResponseReturnValue

from engine.errors import NotFoundError
from processes.cases import attachments
from processes.cases.attachments import Place
from processes.people.models import SessionKind
from webapp import auth
from webapp.auth import requires_staff, requires_visitor
from webapp.context import tx
from webapp.files.blueprint import side

View = Callable[..., ResponseReturnValue]

_KEY = re.compile(r"[0-9a-f]{32}")


def requires_person(view: View) -> View:
    """Let only those reach the view who are signed in on this side; others sign in first."""

    @wraps(view)
    def guarded(side: str, **more: Any) -> ResponseReturnValue:
        guard = requires_visitor if side == SessionKind.PORTAL else requires_staff
        return guard(view)(**more)

    guarded.guard = ("files", "person")  # type: ignore[attr-defined]  # read by the route test
    return guarded


def requires_reader(view: View) -> View:
    """Give the view its attachment with where it stands. Raises NotFoundError to all others."""

    @wraps(view)
    @requires_person
    def guarded(key: str, **more: Any) -> ResponseReturnValue:
        place = readable(key)
        if place is None:
            raise NotFoundError
        return view(place, **more)

    guarded.guard = ("files", "reader")  # type: ignore[attr-defined]  # read by the route test
    return guarded


def readable(key: str) -> Place | None:
    """Return an attachment the person who asks may read now."""
    if not _KEY.fullmatch(key):
        return None
    guest = auth.visitor() if side() is SessionKind.PORTAL else None
    if guest is not None:
        return attachments.for_visitor(tx(), key, guest, guest.contact)
    member = auth.current_staff()
    return attachments.for_staff(tx(), key, member) if member is not None else None


def actor() -> str:
    """Return how history names the person who asks. Raises NotFoundError for nobody."""
    person = auth.visitor() if side() is SessionKind.PORTAL else auth.current_staff()
    if person is None:
        raise NotFoundError
    return person.actor
