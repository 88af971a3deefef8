"""Doing the steps of a case: completing, accepting, giving back."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import queries as engine_queries
from engine.errors import (
    AppError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    StepFailedError,
)
from engine.forms.validation import Bound
from engine.queries import OpenTask
from processes.cases import changes
from processes.cases.models import Case
from webapp.auth import requires, staff
from webapp.context import app, by_script, give_up, tx
from webapp.desk import refused_steps, steps
from webapp.desk.answers import done, refreshed, refusal
from webapp.desk.blueprint import bp
from webapp.desk.page import case_page, visible_case
from webapp.desk.steps import Draft
from webapp.forms.view import wants_refresh


@bp.post("/cases/<number>/steps/<uuid:task_id>")
@requires("requests", "write")
def complete(number: str, task_id: UUID) -> ResponseReturnValue:
    """Complete a step with its form, or say at the fields what is missing."""
    _, task = _asked(number, task_id)
    panel, asks = steps.panel_of(task_id), wants_refresh(request.form)
    bound = Bound() if task is None or asks else steps.bind(task, request.form, judged=True)
    if task is not None and (asks or not bound.ok):
        give_up()
        page = case_page(number, Draft(panel, request.form, judged=not asks))
        if not page.gone:  # else somebody did the step since we looked, and is told below
            return refreshed(page) if asks else refusal(page, 422)
    if asks and by_script():
        return "", 204  # the form stays as it was typed in; the live page says who was faster
    try:
        app().engine.complete_user_task(tx(), task_id, bound.values, staff().actor)
    except (ConflictError, InvalidInputError, StepFailedError) as error:
        return _refuse(number, panel, error)
    return done(number, gettext("The step is completed."), used=panel)


@bp.post("/cases/<number>/steps/<uuid:task_id>/accept")
@requires("requests", "write")
def accept(number: str, task_id: UUID) -> ResponseReturnValue:
    """Reserve a step: colleagues see who has it."""
    case, _ = _asked(number, task_id)
    try:
        app().engine.claim(tx(), task_id, staff().actor)
    except ConflictError as error:
        return _refuse(number, steps.panel_of(task_id), error, judged=False)
    changes.record(tx(), "case", case.id)
    return done(number, gettext("You have accepted the step."))


@bp.post("/cases/<number>/steps/<uuid:task_id>/give-back")
@requires("requests", "write")
def give_back(number: str, task_id: UUID) -> ResponseReturnValue:
    """Give an accepted step back, for whoever takes it."""
    case, _ = _asked(number, task_id)
    try:
        app().engine.release(tx(), task_id, staff().actor)
    except ConflictError as error:
        return _refuse(number, steps.panel_of(task_id), error, judged=False)
    changes.record(tx(), "case", case.id)
    return done(number, gettext("The step is given back."))


def _asked(number: str, task_id: UUID) -> tuple[Case, OpenTask | None]:
    """Return the case and its step; no step when it is not open any more."""
    case = visible_case(number)
    if engine_queries.task_key(tx(), task_id) != str(case.id):
        raise NotFoundError
    return case, engine_queries.open_task(tx(), task_id)


def _refuse(
    number: str, panel: str, error: AppError, *, judged: bool = True
) -> ResponseReturnValue:
    """Show the case with everything that was typed and why it was not taken."""
    draft = refused_steps.refused(panel, error, judged=judged)
    return refusal(case_page(number, draft), error.status)
