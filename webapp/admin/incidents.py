"""What failed and waits for a person."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import inspection, queries
from engine.errors import NotFoundError
from engine.incidents import find_open, resolve
from engine.inspection import OpenIncident
from engine.watch import HALF_SENT
from processes.mail import watch as mails
from webapp import elements
from webapp.admin import cases
from webapp.admin.blueprint import bp
from webapp.admin.health import silence
from webapp.auth import requires, staff
from webapp.context import app, tx
from webapp.security import safe_target

SHOWN = 100


@dataclass(frozen=True)
class Line:
    """One incident with everything a person reads about it."""

    row: OpenIncident
    step: str
    process: str
    case_number: str


@bp.get("/incidents")
@requires("instances", "read")
def incidents() -> ResponseReturnValue:
    """Show every open incident, the newest first."""
    rows = inspection.open_incidents(tx(), limit=SHOWN)
    numbers = cases.numbers(tx(), (row.key for row in rows if row.key))
    return render_template(
        "admin/incidents.html",
        lines=[_line(row, numbers.get(row.key or "", "")) for row in rows],
        total=queries.count_open_incidents(tx()),
        silence=silence(),
    )


@bp.post("/incidents/<int:incident_id>/retry")
@requires("instances", "write")
def retry(incident_id: int) -> ResponseReturnValue:
    """Try the failed work again, or tick off what a person has to repeat."""
    tell(settled=app().engine.retry(tx(), incident_id, staff().actor))
    return _back()


@bp.post("/incidents/<int:incident_id>/leave")
@requires("instances", "write")
def leave(incident_id: int) -> ResponseReturnValue:
    """Leave a half-sent mail as it is: it is not sent again."""
    incident = find_open(tx(), incident_id)
    if incident is None or incident.kind != HALF_SENT or incident.job_id is None:
        raise NotFoundError
    if resolve(tx(), incident_id, staff().actor) is None:  # somebody tries it again just now
        raise NotFoundError
    mails.leave(tx(), incident.job_id)
    flash(gettext("The e-mail is left as it is and will not be sent again."), "ok")
    return _back()


def tell(*, settled: bool) -> None:
    """Say what became of a retry."""
    if settled:
        flash(gettext("The incident is settled. Failed work is tried again within seconds."), "ok")
        return
    words = gettext(
        "Nothing could be mended: even by its stored state the instance waits for nothing. "
        "Please cancel it, and begin its work anew if need be."
    )
    flash(words, "bad")


def _back() -> ResponseReturnValue:
    return redirect(safe_target(request.form.get("next"), url_for("admin.incidents")), 303)


def _line(row: OpenIncident, number: str) -> Line:
    if row.version_id is None:
        return Line(row, "", "", number)
    definition = app().engine.definitions.get(tx(), row.version_id)
    step = elements.step_name(definition, row.element_id) if row.element_id else ""
    return Line(row, step, elements.process_name(definition), number)
