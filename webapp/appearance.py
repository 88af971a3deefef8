"""How names, places and urgencies look, without a word of inline style."""

import zlib
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, request

from webapp import auth
from webapp.i18n import now

THEMES = ("system", "light", "dark")
THEME_COOKIE = "theme"

_HUES = 12
_AMBER = 0.25
_RED = 0.10
_SOON = timedelta(hours=4)
_VERY_SOON = timedelta(hours=1)


def init(web: Flask, brand: str, *, demo: bool) -> None:
    """Give templates their looks."""
    web.jinja_env.filters.update(hue=hue, initials=initials, urgency=urgency, overdue=overdue)
    web.jinja_env.globals.update(theme=theme, now=now, brand=brand, demo=demo)


def theme() -> str:
    """Return system, light or dark: the person's setting, else what this browser chose."""
    person = auth.current_staff()
    chosen: Any = person.theme if person is not None else request.cookies.get(THEME_COOKIE)
    return chosen if chosen in THEMES else "system"


def hue(name: str) -> int:
    """Return the number of the colour of a name, the same every time."""
    return zlib.crc32(name.casefold().encode()) % _HUES


def initials(name: str) -> str:
    """Return the first letters of the first and the last word of a name."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return "?"
    chosen = words[:1] if len(words) == 1 else [words[0], words[-1]]
    return "".join(word[0] for word in chosen).upper()


def urgency(due: datetime | None, since: datetime | None = None) -> str:
    """Return warn under a quarter of the time left, bad under a tenth; else nothing.

    Without `since` it is warn within four hours and bad within one.
    """
    if due is None:
        return ""
    left = due - now()
    whole = due - since if since is not None and due > since else None
    red = whole * _RED if whole else _VERY_SOON
    amber = whole * _AMBER if whole else _SOON
    if left <= red:
        return "bad"
    return "warn" if left <= amber else ""


def overdue(due: datetime | None) -> bool:
    """Return whether a moment has passed."""
    return due is not None and due <= now()
