"""The page of one case, and what of it is sent anew when something happens."""

from flask import request
from flask.typing import ResponseReturnValue

from webapp.auth import requires
from webapp.desk import answers
from webapp.desk.blueprint import bp
from webapp.desk.page import case_page


@bp.get("/cases/<number>")
@requires("requests", "read")
def case(number: str) -> ResponseReturnValue:
    """Show a case: the list, its conversation and what is to be done, its facts."""
    return answers.render(case_page(number))


@bp.get("/cases/<number>/live")
@requires("requests", "read")
def follow(number: str) -> ResponseReturnValue:
    """Send what may have changed to a page that shows the case.

    Forms that somebody may be typing in are kept: the dock comes anew only when steps were added;
    when a step shown there is gone, only a line says so.
    """
    page = case_page(number)
    shown = set(filter(None, request.args.get("steps", "").split(",")))
    there = {step.task.id.hex for step in page.steps}
    is_new = request.args.get("dock", "") != page.dock_state
    is_gone = bool(shown - there) and not page.moved_by_me
    part = "news" if is_gone else "dock"
    return answers.render(page, "desk/parts/live.html", dock=part if is_new else "")
