"""The blueprint of files: each address twice, since each side of the counter has its cookie."""

from collections.abc import Callable
from typing import Any, cast

from flask import Blueprint, session

from processes.people.models import SessionKind
from webapp.sessions import BrowserSession

bp = Blueprint("files", __name__)

_PREFIXES = {SessionKind.DESK: "/files", SessionKind.PORTAL: "/portal/files"}
_View = Callable[..., Any]


def side() -> SessionKind:
    """Return which side of the counter this request comes from."""
    return cast("BrowserSession", session).kind


def on_both_sides(rest: str, method: str = "GET") -> Callable[[_View], _View]:
    """Serve a view below `/files` for the desk and below `/portal/files` for customers.

    `url_for("files.…")` leads to the side the page is on.
    """

    def add(view: _View) -> _View:
        for kind, prefix in _PREFIXES.items():
            bp.add_url_rule(
                prefix + rest,
                view.__name__,
                view,
                methods=[method],
                defaults={"side": str(kind)},
            )
        return view

    return add


@bp.app_url_defaults
def _same_side(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint.startswith(f"{bp.name}."):
        values.setdefault("side", str(side()))
