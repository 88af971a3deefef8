"""A step that went away under somebody's hands: who was faster, and what was typed."""

from flask import request
from flask_babel import gettext

from engine.errors import AlreadyDoneError, AppError, ClaimedByOtherError, NotFoundError
from engine.forms.definition import FormDefinition
from processes.people.queries import actor_name
from webapp.auth import staff
from webapp.context import app, tx
from webapp.i18n import language, localtime
from webapp.numbers import whole_number

FORM = "_form"
"""Hidden field: which form was on the page, as version/process/form key."""


def kept() -> tuple[tuple[str, str], ...]:
    """Return the texts that were sent with the form on the page, each as label and text."""
    form = _form_on_page()
    if form is None:
        return ()
    texts = [part for part in form.flat if part.type in {"textfield", "textarea"}]
    found = ((part.label.pick(language()), request.form.get(part.key, "")) for part in texts)
    return tuple((words, text) for words, text in found if text.strip())


def why(error: AppError) -> str:
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
