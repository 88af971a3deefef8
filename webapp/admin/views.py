"""All pages below /admin."""

from webapp.admin import (
    categories,
    health,
    incidents,
    instance,
    instances,
    outbox,
    settings,
    steps,
    texts,
)
from webapp.admin.blueprint import bp

__all__ = [
    "bp",
    "categories",
    "health",
    "incidents",
    "instance",
    "instances",
    "outbox",
    "settings",
    "steps",
    "texts",
]
