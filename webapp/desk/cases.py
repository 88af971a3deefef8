"""The page of one case, and what of it is sent anew when something happens."""

from flask import request
from flask.typing import ResponseReturnValue

from webapp.auth import requires
from webapp.desk import answers
from webapp.desk.blueprint import bp
from webapp.desk.dock_news import dock_news
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

    Forms that somebody may be typing in are kept: where one of them is not for the reader any more,
    the dock stays as it is and a line says why.
    """
    page = case_page(number)
    news = dock_news(page, request.args.get("dock", ""))
    return answers.render(page, "desk/parts/live.html", news=news)
