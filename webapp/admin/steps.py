"""Doing the steps of an instance that belongs to no case: nobody's desk shows them."""

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import queries
from engine.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    StepFailedError,
)
from engine.forms import validation
from engine.forms.validation import Bound
from engine.queries import InstanceRow, OpenTask
from processes.cases.status import by_language
from webapp import elements
from webapp.admin.blueprint import bp
from webapp.auth import may, requires, staff
from webapp.context import app, give_up, tx
from webapp.desk import steps as desk
from webapp.desk.refused_steps import kept, refused
from webapp.desk.steps import Draft, panel_of
from webapp.forms.view import FormView, form_view, wants_refresh
from webapp.i18n import label, language


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
    tone: str

    @property
    def form_id(self) -> str:
        """Return the id of its form on the page."""
        return panel_of(self.task.id)


def may_do() -> bool:
    """Return whether the reader may do steps here: who deploys, or who runs instances."""
    return may("processes", "write") or may("instances", "write")


def steps(row: InstanceRow, draft: Draft | None) -> list[Step]:
    """Return the open steps of an instance, oldest first."""
    tasks = [task for task in queries.open_tasks(tx(), row.key) if task.instance_id == row.id]
    panel = draft.panel if draft is not None else ""
    return [_step(task, draft if panel == panel_of(task.id) else None) for task in tasks]


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
    bound = Bound() if task is None or asks else desk.bind(task, request.form, judged=True)
    if task is not None and (asks or not bound.ok):
        draft = Draft(panel_of(task_id), request.form, judged=not asks, kept=kept())
        give_up()
        return _shown(instance_id, draft), 200 if asks else 422
    try:
        app().engine.complete_user_task(tx(), task_id, bound.values, staff().actor)
    except (ConflictError, InvalidInputError, StepFailedError) as error:
        return _shown(instance_id, refused(panel_of(task_id), error)), error.status
    flash(gettext("The step is completed."), "ok")
    return redirect(url_for("admin.instance", instance_id=instance_id), 303)


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
        tone=draft.tone if draft else "",
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
    return form_view(form, bound, language(), form_id=panel_of(task.id), problems=problems)
