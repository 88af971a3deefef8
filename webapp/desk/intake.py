"""The New button: a numbered case at the first click, before anything is known."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import InvalidInputError
from processes.cases import submissions
from processes.cases.models import Channel
from processes.request.services import INTAKE_CHANNELS, open_blank
from webapp.auth import requires, staff
from webapp.context import app, tx
from webapp.desk.blueprint import bp
from webapp.desk.writing import KEY

FIRST = Channel.PHONE
"""What the button itself stands for; its menu offers the others."""


@bp.post("/new")
@requires("requests", "write")
def new() -> ResponseReturnValue:
    """Make an empty case with a number and open it."""
    channel, key = request.form.get("channel", FIRST.value), request.form.get(KEY, "")
    if channel not in {each.value for each in INTAKE_CHANNELS}:
        raise InvalidInputError({"channel": ["invalid_choice"]})
    submission = submissions.accept(tx(), key, "new", staff().actor)
    if submission is None:
        number = submissions.ref_of(tx(), key, "new", staff().actor)
    else:
        number = submission.ref = open_blank(app(), tx(), Channel(channel), staff()).number
    return redirect(url_for("desk.case", number=number, view="unassigned"), 303)


@bp.app_template_global("intake_channels")
def channels() -> list[str]:
    """Return what the menu of the New button offers, the button's own first."""
    return [channel.value for channel in INTAKE_CHANNELS]


@bp.app_template_global("form_key")
def form_key() -> str:
    """Return a key that makes a form that is sent twice count once."""
    return submissions.new_key()
