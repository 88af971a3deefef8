"""Who may do what: one matrix of roles, areas and actions."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from processes.people.models import Role

AREAS = (
    "requests",
    "tasks",
    "customers",
    "resources",
    "faqs",
    "news",
    "approvals",
    "processes",
    "instances",
    "settings",
)
ACTIONS = ("read", "write")

_READ = frozenset({"read"})
_ALL = frozenset(ACTIONS)
_NONE: frozenset[str] = frozenset()

_SERVICE = {
    "requests": _ALL,
    "tasks": _ALL,
    "customers": _ALL,
    "resources": _ALL,
    "faqs": _READ,
    "news": _READ,
}

MATRIX: Mapping[Role, Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        Role.AGENT: _SERVICE,
        Role.SUPERUSER: {**_SERVICE, "approvals": _ALL},
        Role.FAQ_NEWS: {"faqs": _ALL, "news": _ALL},
        Role.DESIGNER: {"processes": _ALL, "instances": _READ},
        Role.ADMIN: {"instances": _ALL, "processes": _READ, "settings": _ALL},
    }
)
"""Whatever is not listed is refused."""


class HasRole(Protocol):
    """Anybody whose rights can be asked about."""

    @property
    def role(self) -> Role:
        """What the person is here for."""

    @property
    def active(self) -> bool:
        """Whether the person still works here."""


def allows(staff: HasRole, area: str, action: str) -> bool:
    """Return whether this member of staff may do `action` in `area`."""
    return staff.active and action in MATRIX[staff.role].get(area, _NONE)
