"""A step that could not be done: who was faster, what is wrong or failed, and what was typed."""

from flask import request
from flask_babel import gettext

from engine import incidents
from engine.errors import (
    AlreadyDoneError,
    AppError,
    ClaimedByOtherError,
    InvalidInputError,
    NotFoundError,
    StepFailedError,
)
from engine.forms.definition import FormDefinition
from processes.people.queries import actor_name
from webapp.auth import staff
from webapp.context import app, give_up, tx
from webapp.desk.steps import Draft
from webapp.i18n import language, localtime
from webapp.numbers import whole_number
from webapp.shortage import is_shortage

FORM = "_form"
"""Hidden field: which form was on the page, as version/process/form key."""


def refused(panel: str, error: AppError, *, judged: bool = True) -> Draft:
    """Throw away what was begun; return what was typed with why it was not taken.

    A step that failed becomes an incident, and its number is told. `judged`: whether what was
    typed was sent to be taken, and is told what is wrong with it. Raises a shortage again: it is
    no fault of the step.
    """
    give_up()
    sent = request.form
    match error:
        case InvalidInputError():
            return Draft(panel, sent, problems=error.fields, kept=kept())
        case StepFailedError() if is_shortage(error):
            raise error
        case StepFailedError():
            words = gettext(
                "This step failed and nothing was changed. Incident %(number)s.",
                number=_incident(error),
            )
            return Draft(panel, sent, words=words, kept=kept())
        case _:
            return Draft(panel, sent, judged, words=_why(error), tone="warn", kept=kept())


def kept() -> tuple[tuple[str, str], ...]:
    """Return the texts that were sent with the form on the page, each as label and text."""
    form = _form_on_page()
    if form is None:
        return ()
    texts = [part for part in form.flat if part.type in {"textfield", "textarea"}]
    found = ((part.label.pick(language()), request.form.get(part.key, "")) for part in texts)
    return tuple((words, text) for words, text in found if text.strip())


def _incident(error: StepFailedError) -> int:
    """Write the failure down in a transaction of its own; return its number."""
    with app().db.write() as transaction:
        return incidents.record(transaction, error)


def _why(error: AppError) -> str:
    """Return the sentence on why the reader cannot do a step: who has it, or who did it."""
    actor, at = str(error.params.get("by") or ""), localtime(error.params.get("at"))
    by = actor_name(tx(), actor)
    if isinstance(error, ClaimedByOtherError):
        return gettext("%(by)s has accepted this step (%(at)s) and is working on it.", by=by, at=at)
    if not isinstance(error, AlreadyDoneError) or not by:
        return gettext("This step is no longer needed: the process has moved on.")
    if actor == staff().actor:
        return gettext("You have completed this step already (%(at)s).", at=at)
    return gettext("%(by)s has completed this step (%(at)s).", by=by, at=at)


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
