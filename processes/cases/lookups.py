"""Option lists that forms may name."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from engine.forms.options import Lookups, Option
from processes.cases import categories
from processes.cases.models import CaseStatus, Priority, RequestType
from processes.people.queries import handlers

STATUS_NAMES: dict[CaseStatus, dict[str, str]] = {
    CaseStatus.UNCLASSIFIED: {
        "en": "Unclassified",
        "nl": "Niet geclassificeerd",
        "de": "Nicht klassifiziert",
    },
    CaseStatus.IN_PROGRESS: {"en": "In progress", "nl": "In behandeling", "de": "In Bearbeitung"},
    CaseStatus.WAITING_CUSTOMER: {
        "en": "Waiting for customer",
        "nl": "Wacht op klant",
        "de": "Wartet auf Kunde",
    },
    CaseStatus.CLOSED: {"en": "Closed", "nl": "Afgehandeld", "de": "Erledigt"},
    CaseStatus.CLOSED_BY_ESCALATION: {
        "en": "Closed by escalation",
        "nl": "Afgehandeld door escalatie",
        "de": "Durch Eskalation erledigt",
    },
}
PRIORITY_NAMES: dict[Priority, dict[str, str]] = {
    Priority.URGENT: {"en": "Urgent", "nl": "Urgent", "de": "Dringend"},
    Priority.HIGH: {"en": "High", "nl": "Hoog", "de": "Hoch"},
    Priority.MEDIUM: {"en": "Medium", "nl": "Medium", "de": "Mittel"},
    Priority.LOW: {"en": "Low", "nl": "Laag", "de": "Niedrig"},
}
TYPE_NAMES: dict[RequestType, dict[str, str]] = {
    RequestType.INFORMATION: {"en": "Information", "nl": "Informatie", "de": "Auskunft"},
    RequestType.ACTION: {"en": "Action", "nl": "Actie", "de": "Auftrag"},
    RequestType.COMMENT: {"en": "Comment", "nl": "Opmerking", "de": "Anmerkung"},
}
_FIRST_STATUSES = (CaseStatus.IN_PROGRESS, CaseStatus.WAITING_CUSTOMER)
_LANGUAGES = {"en": "English", "nl": "Nederlands", "de": "Deutsch"}

NAMES = frozenset(
    {
        "categories",
        "first_statuses",
        "handlers",
        "languages",
        "priorities",
        "queues",
        "request_types",
        "subcategories",
    }
)
"""What forms may ask for; the linter checks forms against it."""


def case_lookups(session: Session) -> Lookups:
    """Return the option lists, read from the live tables when a form asks."""
    lists: dict[str, Callable[[dict[str, Any]], list[Option]]] = {
        "categories": lambda _: [Option(c.key, labels=c.names) for c in categories.active(session)],
        "subcategories": lambda values: _subcategories(session, values),
        "queues": lambda _: [Option(q.key, labels=q.names) for q in categories.queues(session)],
        "handlers": lambda _: [Option(str(p.id), p.name) for p in handlers(session)],
        "priorities": lambda _: _options(PRIORITY_NAMES),
        "request_types": lambda _: _options(TYPE_NAMES),
        "first_statuses": lambda _: _options({s: STATUS_NAMES[s] for s in _FIRST_STATUSES}),
        "languages": lambda _: [Option(key, name) for key, name in _LANGUAGES.items()],
    }
    return lists


def _subcategories(session: Session, values: dict[str, Any]) -> list[Option]:
    """Return what belongs to the category chosen in the same form."""
    chosen = values.get("parent") or values.get("category")
    if not isinstance(chosen, str):
        return []
    found = categories.active_subcategories(session, chosen)
    return [Option(child.key, labels=child.names) for child in found]


def _options(names: dict[Any, dict[str, str]]) -> list[Option]:
    return [Option(key.value, labels=labels) for key, labels in names.items()]
