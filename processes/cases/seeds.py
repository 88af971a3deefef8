"""What a fresh installation starts with: queues and the three topics customers know."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from processes.cases.models import Category, Priority, Queue, Subcategory

TRIAGE, SUPPORT, SALES = "triage", "support", "sales"

_QUEUES: dict[str, dict[str, str]] = {
    TRIAGE: {"en": "Triage", "nl": "Triage", "de": "Sichtung"},
    SUPPORT: {"en": "Support", "nl": "Ondersteuning", "de": "Support"},
    SALES: {"en": "Sales", "nl": "Verkoop", "de": "Vertrieb"},
}

_CATEGORIES: list[tuple[str, str, dict[str, str], list[tuple[str, Priority, dict[str, str]]]]] = [
    (
        "user_help",
        SUPPORT,
        {"en": "User help", "nl": "Gebruikershulp", "de": "Hilfe bei der Nutzung"},
        [
            (
                "signing_in",
                Priority.HIGH,
                {"en": "Signing in", "nl": "Inloggen", "de": "Anmelden"},
            ),
            (
                "something_broken",
                Priority.HIGH,
                {
                    "en": "Something does not work",
                    "nl": "Iets werkt niet",
                    "de": "Etwas funktioniert nicht",
                },
            ),
            (
                "how_to",
                Priority.MEDIUM,
                {"en": "How do I …?", "nl": "Hoe doe ik …?", "de": "Wie mache ich …?"},
            ),
            (
                "wish",
                Priority.LOW,
                {"en": "A wish or an idea", "nl": "Een wens of idee", "de": "Wunsch oder Idee"},
            ),
        ],
    ),
    (
        "commercial",
        SALES,
        {"en": "Commercial questions", "nl": "Commerciële vragen", "de": "Kaufmännische Fragen"},
        [
            (
                "quotation",
                Priority.MEDIUM,
                {
                    "en": "Prices and quotations",
                    "nl": "Prijzen en offertes",
                    "de": "Preise und Angebote",
                },
            ),
            (
                "invoice",
                Priority.MEDIUM,
                {"en": "An invoice", "nl": "Een factuur", "de": "Eine Rechnung"},
            ),
            (
                "contract",
                Priority.MEDIUM,
                {
                    "en": "Contract or subscription",
                    "nl": "Contract of abonnement",
                    "de": "Vertrag oder Abonnement",
                },
            ),
        ],
    ),
    (
        "unknown",
        TRIAGE,
        {"en": "I don't know", "nl": "Weet het niet", "de": "Weiß ich nicht"},
        [
            (
                "other",
                Priority.MEDIUM,
                {"en": "Something else", "nl": "Iets anders", "de": "Etwas anderes"},
            ),
        ],
    ),
]


def plant(session: Session) -> bool:
    """Write queues and categories into an installation without any; returns whether it did."""
    if session.scalar(select(func.count(Queue.id))):
        return False
    queues = {
        key: Queue(key=key, names=names, position=position)
        for position, (key, names) in enumerate(_QUEUES.items())
    }
    session.add_all(queues.values())
    session.flush()
    for position, (key, queue, names, children) in enumerate(_CATEGORIES):
        category = Category(key=key, names=names, position=position, queue_id=queues[queue].id)
        session.add(category)
        session.flush()
        session.add_all(_subcategories(category.id, children))
    session.flush()
    return True


def _subcategories(
    category_id: int, children: list[tuple[str, Priority, Any]]
) -> list[Subcategory]:
    return [
        Subcategory(
            category_id=category_id,
            key=key,
            names=names,
            position=position,
            default_priority=priority,
        )
        for position, (key, priority, names) in enumerate(children)
    ]
