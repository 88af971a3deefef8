"""The demo's clock: business time jumps, timers come due, nothing else moves."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import clock
from engine.db import RING
from engine.errors import InvalidInputError
from webapp.context import tx
from webapp.security import safe_target

bp = Blueprint("demo", __name__)

_STEPS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=8),
}


@bp.post("/demo/clock")
def move_clock() -> ResponseReturnValue:
    """Let an hour, a day or a good week pass for everybody."""
    step = _STEPS.get(request.form.get("step", ""))
    if step is None:
        raise InvalidInputError
    clock.advance(tx(), step)
    tx().info[RING] = True
    flash(gettext("Time has passed. What came due happens within seconds."), "ok")
    return redirect(safe_target(request.form.get("next"), url_for("home")), 303)
