"""The topics customers choose from: reading them for forms, and keeping them in order."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import InvalidInputError, NotFoundError
from processes.cases import changes
from processes.cases.models import Case, Category, Priority, Queue, Subcategory
from processes.people.models import LANGUAGES

_LONGEST_NAME = 80
_LONGEST_KEY = 36


@dataclass(frozen=True)
class Branch:
    """A category with its subcategories, as the settings page lists them."""

    category: Category
    subcategories: list[Subcategory]
    cases: int
    """How many cases carry the category."""


def active(session: Session) -> list[Category]:
    """Return the categories that forms offer, in order."""
    return list(
        session.scalars(
            select(Category).where(Category.active).order_by(Category.position, Category.id)
        )
    )


def active_subcategories(session: Session, category_key: str) -> list[Subcategory]:
    """Return the subcategories that forms offer under a category, in order."""
    return list(
        session.scalars(
            select(Subcategory)
            .join(Category)
            .where(Category.key == category_key, Category.active, Subcategory.active)
            .order_by(Subcategory.position, Subcategory.id)
        )
    )


def queues(session: Session) -> list[Queue]:
    """Return every queue, in order."""
    return list(session.scalars(select(Queue).order_by(Queue.position, Queue.id)))


def find(session: Session, category_key: str | None) -> Category | None:
    """Return the category with this key, active or not."""
    if not category_key:
        return None
    return session.scalars(select(Category).where(Category.key == category_key)).one_or_none()


def _find_subcategory(
    session: Session, category: Category | None, key: str | None
) -> Subcategory | None:
    if category is None or not key:
        return None
    return session.scalars(
        select(Subcategory).where(Subcategory.category_id == category.id, Subcategory.key == key)
    ).one_or_none()


def place(
    session: Session, category_key: str | None, key: str | None
) -> tuple[Category | None, Subcategory | None]:
    """Return the category and the subcategory with these keys, active or not."""
    category = find(session, category_key)
    return category, _find_subcategory(session, category, key)


def tree(session: Session) -> list[Branch]:
    """Return every category with its subcategories and number of cases, in order."""
    categories = session.scalars(select(Category).order_by(Category.position, Category.id)).all()
    children = session.scalars(
        select(Subcategory).order_by(Subcategory.position, Subcategory.id)
    ).all()
    counted = session.execute(select(Case.category_id, func.count()).group_by(Case.category_id))
    used = {category_id: int(number) for category_id, number in counted}
    return [
        Branch(
            category,
            [child for child in children if child.category_id == category.id],
            used.get(category.id, 0),
        )
        for category in categories
    ]


def add_category(session: Session, names: dict[str, str], queue_id: int) -> Category:
    """Add a category at the end of the list."""
    good = _checked(names)
    if session.get(Queue, queue_id) is None:
        raise InvalidInputError({"queue": ["invalid_choice"]})
    taken = set(session.scalars(select(Category.key)))
    last = session.scalar(select(func.max(Category.position)))
    category = Category(
        key=_free_key(good["en"], taken),
        names=good,
        position=0 if last is None else last + 1,
        queue_id=queue_id,
    )
    _add(session, category)
    return category


def add_subcategory(
    session: Session, category_id: int, names: dict[str, str], priority: Priority
) -> Subcategory:
    """Add a subcategory at the end of its category."""
    good = _checked(names)
    if session.get(Category, category_id) is None:
        raise NotFoundError
    siblings = session.execute(
        select(Subcategory.key, Subcategory.position).where(Subcategory.category_id == category_id)
    ).all()
    subcategory = Subcategory(
        category_id=category_id,
        key=_free_key(good["en"], {key for key, _ in siblings}),
        names=good,
        position=max((position for _, position in siblings), default=-1) + 1,
        default_priority=priority,
    )
    _add(session, subcategory)
    return subcategory


def rename(session: Session, topic: Category | Subcategory, names: dict[str, str]) -> None:
    """Give a topic other names; its key, and with it every old case, stays."""
    topic.names = _checked(names)
    changes.record(session, "settings")


def set_active(session: Session, topic: Category | Subcategory, *, active: bool) -> None:
    """Offer a topic on forms or not; old cases keep it."""
    topic.active = active
    changes.record(session, "settings")


def set_queue(session: Session, category: Category, queue_id: int) -> None:
    """Send new cases of the category to another queue."""
    if session.get(Queue, queue_id) is None:
        raise InvalidInputError({"queue": ["invalid_choice"]})
    category.queue_id = queue_id
    changes.record(session, "settings")


def move(session: Session, topic: Category | Subcategory, by: int) -> None:
    """Move a topic up (-1) or down (+1) among its siblings."""
    siblings = _siblings(session, topic)
    here = siblings.index(topic)
    there = min(max(here + by, 0), len(siblings) - 1)
    siblings.insert(there, siblings.pop(here))
    for position, sibling in enumerate(siblings):
        sibling.position = position
    changes.record(session, "settings")


def _siblings(session: Session, topic: Category | Subcategory) -> list[Any]:
    if isinstance(topic, Category):
        return list(session.scalars(select(Category).order_by(Category.position, Category.id)))
    query = select(Subcategory).where(Subcategory.category_id == topic.category_id)
    return list(session.scalars(query.order_by(Subcategory.position, Subcategory.id)))


def _add(session: Session, topic: Category | Subcategory) -> None:
    session.add(topic)
    session.flush()
    changes.record(session, "settings")


def _checked(names: dict[str, str]) -> dict[str, str]:
    """Return the names trimmed, if every language has one."""
    good = {language: " ".join(names.get(language, "").split()) for language in LANGUAGES}
    wrong = {
        f"name_{language}": ["required" if not name else "too_long"]
        for language, name in good.items()
        if not 0 < len(name) <= _LONGEST_NAME
    }
    if wrong:
        raise InvalidInputError(wrong)
    return good


def _free_key(name: str, taken: set[str]) -> str:
    """Return a key made from the English name that no sibling has."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:_LONGEST_KEY] or "topic"
    key, number = base, 1
    while key in taken:
        number += 1
        key = f"{base}_{number}"
    return key
