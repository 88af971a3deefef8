"""Doing the steps of an instance that belongs to no case: nobody's desk shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import incidents, queries
from engine.errors import (
    AppError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    StepFailedError,
)
from engine.forms import validation
from engine.forms.validation import Bound, Problem
from engine.queries import InstanceRow, OpenTask
from processes.cases.status import by_language
from webapp import elements
from webapp.admin.blueprint import bp
from webapp.auth import may, requires, staff
from webapp.context import app, give_up, tx
from webapp.desk import gone_steps
from webapp.desk import steps as desk
from webapp.forms.view import FormView, form_view, wants_refresh
from webapp.i18n import label, language
from webapp.shortage import is_shortage


@dataclass(frozen=True)
class Draft:
    """What somebody typed into the form of a step and we could not take as it is."""

    task_id: UUID
    sent: Mapping[str, Any]
    judged: bool = True
    problems: Mapping[str, Sequence[Problem | str]] = field(default_factory=dict)
    words: str = ""
    kept: tuple[tuple[str, str], ...] = ()
    """Labels and texts of a form that may not be there any more."""


@dataclass(frozen=True)
class Step:
    """An open step with its form, ready to be filled in."""

    task: OpenTask
    name: str
    help: str
    lane: str
    form: FormView | None
    words: str
    """What is wrong as a whole."""

    @property
    def form_id(self) -> str:
        """Return the id of its form on the page."""
        return _form_id(self.task)


def may_do() -> bool:
    """Return whether the reader may do steps here: who deploys, or who runs instances."""
    return may("processes", "write") or may("instances", "write")


def steps(row: InstanceRow, draft: Draft | None) -> list[Step]:
    """Return the open steps of an instance, oldest first."""
    tasks = [task for task in queries.open_tasks(tx(), row.key) if task.instance_id == row.id]
    return [_step(task, draft if draft and draft.task_id == task.id else None) for task in tasks]


@bp.post("/instances/<uuid:instance_id>/steps/<uuid:task_id>")
@requires("instances", "read")
def complete(instance_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """Complete a step with its form, or say at the fields what is missing."""
    if not may_do():
        raise ForbiddenError
    task = queries.open_task(tx(), task_id)
    if task is not None and (task.instance_id != instance_id or _has_case(task)):
        raise NotFoundError
    asks = wants_refresh(request.form)
    bound = desk.bind(task, request.form, judged=not asks) if task is not None else Bound()
    if task is not None and (asks or not bound.ok):
        draft = Draft(task_id, request.form, judged=not asks, kept=gone_steps.kept())
        give_up()
        return _shown(instance_id, draft), 200 if asks else 422
    try:
        app().engine.complete_user_task(tx(), task_id, bound.values, staff().actor)
    except (ConflictError, InvalidInputError, StepFailedError) as error:
        return _refused(instance_id, task_id, error)
    flash(gettext("The step is completed."), "ok")
    return redirect(url_for("admin.instance", instance_id=instance_id), 303)


def _refused(instance_id: UUID, task_id: UUID, error: AppError) -> ResponseReturnValue:
    """Show the form with everything that was typed and why it was not taken."""
    give_up()
    if is_shortage(error):
        raise error
    sent, kept = request.form, gone_steps.kept()
    if isinstance(error, InvalidInputError):
        draft = Draft(task_id, sent, problems=error.fields, kept=kept)
    elif isinstance(error, StepFailedError):
        with app().db.write() as transaction:
            number = incidents.record(transaction, error)
        words = gettext(
            "This step failed and nothing was changed. Incident %(number)s.", number=number
        )
        draft = Draft(task_id, sent, words=words, kept=kept)
    else:
        draft = Draft(task_id, sent, words=gone_steps.why(error), kept=kept)
    return _shown(instance_id, draft), error.status


def _has_case(task: OpenTask) -> bool:
    return task.key.isdecimal()


def _shown(instance_id: UUID, draft: Draft) -> str:
    from webapp.admin.instance import instance_page  # noqa: PLC0415 - they show each other

    return instance_page(instance_id, draft)


def _step(task: OpenTask, draft: Draft | None) -> Step:
    element = desk.definition_of(task).by_id[(task.process, task.element_id)]
    return Step(
        task=task,
        name=elements.name_of(element),
        help=label({"en": element.documentation, **by_language(element.properties, "help")}),
        lane=task.lane or "",
        form=_form(task, draft),
        words=draft.words if draft else "",
    )


def _form(task: OpenTask, draft: Draft | None) -> FormView | None:
    form = desk.form_of(task)
    if form is None:
        return None
    if draft is not None:
        bound = desk.bind(task, draft.sent, judged=draft.judged)
    else:
        bound = validation.initial(form, {}, app().lookups(tx(), language()))
    problems = draft.problems if draft is not None else None
    return form_view(form, bound, language(), form_id=_form_id(task), problems=problems)


def _form_id(task: OpenTask) -> str:
    return f"step-{str(task.id)[:8]}"
