"""One instance: where it is, how it came there, what it knows, and what can be done about it."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from engine import inspection, queries
from engine.errors import InvalidInputError, NotFoundError
from engine.queries import InstanceRow
from engine.trace import Trace
from webapp import elements
from webapp.admin import cases
from webapp.admin.blueprint import bp
from webapp.admin.health import silence
from webapp.admin.incidents import tell
from webapp.admin.journey import Journey
from webapp.admin.log import log_lines
from webapp.admin.steps import may_do, steps
from webapp.admin.variables import Shown, shown
from webapp.auth import requires, staff
from webapp.context import app, tx
from webapp.desk.steps import Draft

LONGEST_REASON = 500


@bp.get("/instances/<uuid:instance_id>")
@requires("instances", "read")
def instance(instance_id: UUID) -> ResponseReturnValue:
    """Show an instance on its diagram, with history, incidents, data and jobs."""
    return instance_page(instance_id, None)


def instance_page(instance_id: UUID, draft: Draft | None) -> str:
    """Return the page of an instance; `draft` is what was typed into the form of a step."""
    row = _found(instance_id)
    journey = _journey(row)
    head = _head(row)
    by_hand = (row.status == "running" or draft) and not row.key.isdecimal() and may_do()
    found = steps(row, draft) if by_hand else []
    gone = draft and all(step.form_id != draft.panel for step in found)
    return render_template(
        "admin/instance.html",
        **head,
        by_hand=by_hand,
        typed=draft is not None,
        steps=found,
        gone=draft if gone else None,
        journey=journey,
        chosen=_chosen(journey.trace, row),
        lines=journey.lines(),
        variables=_variables(row),
        jobs=journey.jobs,
        incidents=journey.incidents,
        silence=silence(),
        log=log_lines(tx(), journey.definition, journey.steps, journey.incidents),
    )


@bp.get("/instances/<uuid:instance_id>/state")
@requires("instances", "read")
def instance_state(instance_id: UUID) -> ResponseReturnValue:
    """Tell a drawn diagram where the instance is now."""
    row = _found(instance_id)
    journey = _journey(row)
    return journey.state(_chosen(journey.trace, row))


@bp.get("/instances/<uuid:instance_id>/cancel")
@requires("instances", "write")
def ask_cancel(instance_id: UUID) -> ResponseReturnValue:
    """Ask for the reason before an instance is ended for good."""
    return _cancel_page(_found(instance_id), problems=[], reason="")


@bp.post("/instances/<uuid:instance_id>/cancel")
@requires("instances", "write")
def cancel(instance_id: UUID) -> ResponseReturnValue:
    """End an instance; the reason stays in its history with who gave it."""
    reason = " ".join(request.form.get("reason", "").replace("\0", "").split())
    if not 0 < len(reason) <= LONGEST_REASON:
        row = _found(instance_id)
        problem = gettext("Please give a reason of at most 500 characters.")
        return _cancel_page(row, problems=[problem], reason=reason[:LONGEST_REASON]), 422
    app().engine.cancel(tx(), instance_id, reason, staff().actor)
    flash(gettext("The instance is cancelled."), "ok")
    return redirect(url_for("admin.instance", instance_id=instance_id), 303)


@bp.post("/instances/<uuid:instance_id>/retry")
@requires("instances", "write")
def retry_all(instance_id: UUID) -> ResponseReturnValue:
    """Try everything again that has given up in an instance."""
    row = _found(instance_id)
    found = [item for item in queries.incidents_of(tx(), row.id) if item.resolved_at is None]
    if not found:
        raise InvalidInputError
    settled = [app().engine.retry(tx(), item.id, staff().actor) for item in found]
    tell(settled=all(settled))
    return redirect(url_for("admin.instance", instance_id=row.id), 303)


def _found(instance_id: UUID) -> InstanceRow:
    row = queries.instance(tx(), instance_id)
    if row is None:
        raise NotFoundError
    return row


def _journey(row: InstanceRow) -> Journey:
    return Journey(tx(), app().engine.definitions.get(tx(), row.version_id), row)


def _variables(row: InstanceRow) -> list[Shown] | None:
    """Return the process data as they are shown; None when the state cannot be read."""
    found = inspection.variables(tx(), app().engine.definitions, row.id)
    return None if found is None else [shown(item) for item in found]


def _head(row: InstanceRow) -> dict[str, Any]:
    """Return what stands above every page about an instance."""
    definition = app().engine.definitions.get(tx(), row.version_id)
    return {
        "row": row,
        "process": elements.process_name(definition),
        "longest": LONGEST_REASON,
        "case_number": cases.numbers(tx(), [row.key]).get(row.key, ""),
    }


def _chosen(trace: Trace, row: InstanceRow) -> str:
    """Return the process to draw: the one asked for, else the instance's own."""
    asked = request.args.get("process", "")
    return asked if asked in trace.processes() else row.process


def _cancel_page(row: InstanceRow, *, problems: list[str], reason: str) -> str:
    return render_template("admin/cancel.html", **_head(row), problems=problems, reason=reason)
