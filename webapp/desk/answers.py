"""Answers to what an agent sends from the page of a case."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.context import by_script, give_up
from webapp.desk import place
from webapp.desk.page import CasePage, case_page
from webapp.desk.steps import Draft

_DOCK = "#dock"


def render(page: CasePage, template: str = "desk/case.html", **more: Any) -> str:
    """Return a page or a part of it."""
    number = page.case.number
    return render_template(template, page=page, listing=page.listing, open_number=number, **more)


def done(number: str, words: str, *, used: str = "") -> ResponseReturnValue:
    """Say what was done, unless the page itself shows it, and show the case as it is now.

    `used` is the tab whose form was sent; whatever stands in the others is kept.
    """
    if words:
        flash(words, "ok")
    if not by_script():
        return redirect(url_for("desk.case", number=number, **_place()), 303)
    return render(case_page(number), "desk/parts/answer.html", used=used)


def refused(number: str, draft: Draft, status: int) -> ResponseReturnValue:
    """Throw away what was begun and show the case with what was typed and what is wrong."""
    give_up()
    return refusal(case_page(number, draft), status)


def refusal(page: CasePage, status: int) -> ResponseReturnValue:
    """Show a case whose draft says what was typed and what is wrong."""
    if not by_script():
        return render(page), status
    answer = render(page, "desk/parts/answer.html", used=page.chosen)
    response: Response = make_response(answer, status)
    response.headers["HX-Retarget"] = _DOCK
    response.headers["HX-Reswap"] = "outerHTML"
    return response


def offered(number: str, draft: Draft) -> ResponseReturnValue:
    """Show the case as it is now, with something in one of its boxes to be written on."""
    page = case_page(number, draft)
    if not by_script():
        return render(page)
    return render(page, "desk/parts/answer.html", used=draft.panel)


def refreshed(page: CasePage) -> ResponseReturnValue:
    """Show a case whose draft is a form with the questions that fit what was entered so far."""
    return render(page, "desk/parts/dock.html", used=page.chosen) if by_script() else render(page)


def _place() -> dict[str, Any]:
    """Return the list the agent works from; nothing when the address names none."""
    return place.asked().args() if "view" in request.args else {}
