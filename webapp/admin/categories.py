"""The topics customers choose from, kept in order by admins."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine.errors import InvalidInputError, NotFoundError
from processes.cases import categories as topics
from processes.cases.models import Category, Priority, Subcategory
from processes.people.models import LANGUAGES
from webapp.admin.blueprint import bp
from webapp.admin.problems import by_field
from webapp.auth import requires
from webapp.context import tx
from webapp.numbers import whole_number

Problems = Mapping[str, Sequence[str]]
Topic = TypeVar("Topic", Category, Subcategory)

_NEW = "new"
"""Prefix of the fields of the form that adds a topic."""


@bp.get("/categories")
@requires("settings", "read")
def categories() -> ResponseReturnValue:
    """Show the main categories in order."""
    return _list({})


@bp.post("/categories")
@requires("settings", "write")
def add_category() -> ResponseReturnValue:
    """Add a main category at the end."""
    try:
        topics.add_category(tx(), _names(), _number("queue"))
    except InvalidInputError as error:
        return _list(by_field(error)), 422
    flash(gettext("The category is added."), "ok")
    return redirect(url_for("admin.categories"), 303)


@bp.get("/categories/<int:category_id>")
@requires("settings", "read")
def category(category_id: int) -> ResponseReturnValue:
    """Show a main category with its subcategories."""
    return _detail(_category(category_id), {}, "")


@bp.post("/categories/<int:category_id>")
@requires("settings", "write")
def save_category(category_id: int) -> ResponseReturnValue:
    """Change names and queue of a main category; old cases keep it."""
    found = _category(category_id)
    try:
        topics.rename(tx(), found, _names())
        topics.set_queue(tx(), found, _number("queue"))
    except InvalidInputError as error:
        return _detail(found, by_field(error), "category"), 422
    return _saved(found.id)


@bp.post("/categories/<int:category_id>/active")
@requires("settings", "write")
def switch_category(category_id: int) -> ResponseReturnValue:
    """Offer a main category on forms, or no longer."""
    found = _category(category_id)
    topics.set_active(tx(), found, active=_is_on())
    return redirect(url_for("admin.categories"), 303)


@bp.post("/categories/<int:category_id>/move")
@requires("settings", "write")
def move_category(category_id: int) -> ResponseReturnValue:
    """Move a main category up or down."""
    topics.move(tx(), _category(category_id), _way())
    return redirect(url_for("admin.categories"), 303)


@bp.post("/categories/<int:category_id>/subcategories")
@requires("settings", "write")
def add_subcategory(category_id: int) -> ResponseReturnValue:
    """Add a subcategory at the end of its category."""
    found = _category(category_id)
    try:
        topics.add_subcategory(tx(), found.id, _names(), _priority())
    except InvalidInputError as error:
        return _detail(found, by_field(error), _NEW), 422
    return _saved(found.id)


@bp.post("/subcategories/<int:subcategory_id>")
@requires("settings", "write")
def save_subcategory(subcategory_id: int) -> ResponseReturnValue:
    """Change names and usual priority of a subcategory; old cases keep it."""
    found = _subcategory(subcategory_id)
    try:
        found.default_priority = _priority()
        topics.rename(tx(), found, _names())
    except InvalidInputError as error:
        tx().refresh(found)
        return _detail(_category(found.category_id), by_field(error), str(found.id)), 422
    return _saved(found.category_id)


@bp.post("/subcategories/<int:subcategory_id>/active")
@requires("settings", "write")
def switch_subcategory(subcategory_id: int) -> ResponseReturnValue:
    """Offer a subcategory on forms, or no longer."""
    found = _subcategory(subcategory_id)
    topics.set_active(tx(), found, active=_is_on())
    return _saved(found.category_id)


@bp.post("/subcategories/<int:subcategory_id>/move")
@requires("settings", "write")
def move_subcategory(subcategory_id: int) -> ResponseReturnValue:
    """Move a subcategory up or down among its siblings."""
    found = _subcategory(subcategory_id)
    topics.move(tx(), found, _way())
    return redirect(url_for("admin.category", category_id=found.category_id), 303)


def _list(problems: Problems) -> str:
    return render_template(
        "admin/categories.html",
        branches=topics.tree(tx()),
        queues={queue.id: queue for queue in topics.queues(tx())},
        problems=problems,
        sent=request.form,
    )


def _detail(found: Category, problems: Problems, wrong: str) -> str:
    """Show one category; `wrong` names the form that `problems` belong to."""
    branch = next(item for item in topics.tree(tx()) if item.category.id == found.id)
    return render_template(
        "admin/category.html",
        branch=branch,
        queues=topics.queues(tx()),
        priorities=list(Priority),
        problems=problems,
        wrong=wrong,
        sent=request.form,
    )


def _saved(category_id: int) -> ResponseReturnValue:
    flash(gettext("The category is saved."), "ok")
    return redirect(url_for("admin.category", category_id=category_id), 303)


def _category(category_id: int) -> Category:
    return _one(Category, category_id)


def _subcategory(subcategory_id: int) -> Subcategory:
    return _one(Subcategory, subcategory_id)


def _one(kind: type[Topic], identifier: int) -> Topic:
    found = tx().get(kind, identifier)
    if found is None:
        raise NotFoundError
    return found


def _names() -> dict[str, str]:
    return {code: request.form.get(f"name_{code}", "").replace("\0", "") for code in LANGUAGES}


def _number(field: str) -> int:
    return whole_number(request.form.get(field, "")) or 0


def _priority() -> Priority:
    given = request.form.get("priority", "")
    if given not in set(Priority):
        raise InvalidInputError({"priority": ["invalid_choice"]})
    return Priority(given)


def _is_on() -> bool:
    given = request.form.get("active", "")
    if given not in {"yes", "no"}:
        raise InvalidInputError
    return given == "yes"


def _way() -> int:
    way = {"up": -1, "down": 1}.get(request.form.get("way", ""))
    if way is None:
        raise InvalidInputError
    return way
