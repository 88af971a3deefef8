"""All pages below /admin."""

from webapp.admin import (
    aliases,
    categories,
    health,
    incidents,
    instance,
    instances,
    mailboxes,
    outbox,
    settings,
    steps,
    texts,
)
from webapp.admin.blueprint import bp

__all__ = [
    "aliases",
    "bp",
    "categories",
    "health",
    "incidents",
    "instance",
    "instances",
    "mailboxes",
    "outbox",
    "settings",
    "steps",
    "texts",
]
