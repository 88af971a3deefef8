"""Doing the steps of a case: completing, accepting, giving back."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import incidents
from engine import queries as engine_queries
from engine.errors import (
    AlreadyDoneError,
    AppError,
    ClaimedByOtherError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    StepFailedError,
)
from engine.forms.definition import FormDefinition
from engine.forms.validation import Bound
from engine.queries import OpenTask
from processes.cases import changes
from processes.cases.models import Case
from processes.people.queries import actor_name
from webapp.auth import requires, staff
from webapp.context import app, by_script, give_up, tx
from webapp.desk import steps
from webapp.desk.answers import done, refreshed, refused
from webapp.desk.blueprint import bp
from webapp.desk.page import visible_case
from webapp.desk.steps import Draft
from webapp.forms.view import wants_refresh
from webapp.i18n import localtime
from webapp.numbers import whole_number
from webapp.shortage import is_shortage

FORM = "_form"
"""Hidden field: which form was on the page, for when its step is gone."""


@bp.post("/cases/<number>/steps/<uuid:task_id>")
@requires("requests", "write")
def complete(number: str, task_id: UUID) -> ResponseReturnValue:
    """Complete a step with its form, or say at the fields what is missing."""
    _, task = _asked(number, task_id)
    panel = steps.panel_of(task_id)
    if wants_refresh(request.form) and task is not None:
        return refreshed(number, Draft(panel, request.form, judged=False))
    if wants_refresh(request.form) and by_script():
        return "", 204  # the form stays as it was typed in; the live page says who was faster
    bound = steps.bind(task, request.form, judged=True) if task is not None else Bound()
    if not bound.ok:
        return refused(number, Draft(panel, request.form), 422)
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
        return _refuse(number, steps.panel_of(task_id), error)
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
        return _refuse(number, steps.panel_of(task_id), error)
    changes.record(tx(), "case", case.id)
    return done(number, gettext("The step is given back."))


def _asked(number: str, task_id: UUID) -> tuple[Case, OpenTask | None]:
    """Return the case and its step; no step when it is not open any more."""
    case = visible_case(number)
    if engine_queries.task_key(tx(), task_id) != str(case.id):
        raise NotFoundError
    return case, engine_queries.open_task(tx(), task_id)


def _refuse(number: str, panel: str, error: AppError) -> ResponseReturnValue:
    """Show the case with everything that was typed and why it was not taken."""
    give_up()
    sent = request.form
    match error:
        case InvalidInputError():
            return refused(number, Draft(panel, sent, problems=error.fields), error.status)
        case StepFailedError() if is_shortage(error):
            raise error
        case StepFailedError():
            words = gettext(
                "This step failed and nothing was changed. Incident %(number)s.",
                number=_incident(error),
            )
            return refused(number, Draft(panel, sent, words=words), error.status)
        case ClaimedByOtherError():
            draft = Draft(panel, sent, words=_who_has_it(error), tone="warn")
            return refused(number, draft, error.status)
        case _:
            kept = steps.kept(_form_on_page(), sent)
            draft = Draft(panel, sent, words=_who_did_it(error), tone="warn", kept=kept)
            return refused(number, draft, error.status)


def _incident(error: StepFailedError) -> int:
    """Write the failure down in a transaction of its own; return its number."""
    with app().db.write() as transaction:
        return incidents.record(transaction, error)


def _who_has_it(error: AppError) -> str:
    by = actor_name(tx(), str(error.params.get("by") or ""))
    at = localtime(error.params.get("at"))
    return gettext("%(by)s has accepted this step (%(at)s) and is working on it.", by=by, at=at)


def _who_did_it(error: AppError) -> str:
    by, at = str(error.params.get("by") or ""), localtime(error.params.get("at"))
    if isinstance(error, AlreadyDoneError) and by == staff().actor:
        return gettext("You have completed this step already (%(at)s).", at=at)
    name = actor_name(tx(), by) if isinstance(error, AlreadyDoneError) else ""
    if name:
        return gettext("%(by)s has completed this step (%(at)s).", by=name, at=at)
    return gettext("This step is no longer needed: the process has moved on.")


def _form_on_page() -> FormDefinition | None:
    """Return the form the page said it showed; it only lends its labels."""
    sent, _, rest = request.form.get(FORM, "").partition("/")
    process, _, form_key = rest.partition("/")
    version = whole_number(sent)
    if version is None:
        return None
    try:
        return app().engine.definitions.get(tx(), version).form(process, form_key)
    except NotFoundError:
        return None
