"""The list of cases: its views, its search, and the list beside an open case."""

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, lazy_gettext

from processes.cases import desk
from processes.cases.desk import COUNTED_ARCHIVE, Overview
from processes.cases.queries import CaseRow, View, by_channel, list_cases
from webapp.auth import requires, staff
from webapp.context import tx
from webapp.desk import place
from webapp.desk.blueprint import bp
from webapp.desk.place import Place

PER_PAGE = 40

_TITLES: dict[View, LazyString] = {
    "mine": lazy_gettext("My cases"),
    "accepted": lazy_gettext("My steps"),
    "unassigned": lazy_gettext("Unassigned"),
    "all": lazy_gettext("All open cases"),
    "archive": lazy_gettext("Archive"),
}
_SHORT: dict[View, LazyString] = {
    "mine": lazy_gettext("Mine"),
    "unassigned": lazy_gettext("Unassigned"),
    "accepted": lazy_gettext("Steps"),
    "all": lazy_gettext("All"),
    "archive": lazy_gettext("Archive"),
}
_EMPTY: dict[View, tuple[LazyString, LazyString]] = {
    "mine": (
        lazy_gettext("Nothing waits for you"),
        lazy_gettext("Cases that are given to you appear here. Look among the unassigned ones."),
    ),
    "accepted": (
        lazy_gettext("You have accepted no step"),
        lazy_gettext("Open a case and accept its step: it then stands here until it is done."),
    ),
    "unassigned": (
        lazy_gettext("Everything has a handler"),
        lazy_gettext("New requests appear here by themselves."),
    ),
    "all": (
        lazy_gettext("No open cases"),
        lazy_gettext("New requests appear here by themselves."),
    ),
    "archive": (
        lazy_gettext("The archive is empty"),
        lazy_gettext("Closed cases are kept here."),
    ),
}


@dataclass(frozen=True)
class Tab:
    """A view beside the others."""

    view: View
    words: str
    count: str
    here: bool


@dataclass(frozen=True)
class Listing:
    """One page of a view, with the views beside it."""

    place: Place
    overview: Overview
    rows: list[CaseRow]
    has_next: bool

    @property
    def title(self) -> str:
        """Return the name of the view."""
        return str(_TITLES[self.place.view])

    @property
    def tabs(self) -> list[Tab]:
        """Return every view with its number."""
        return [
            Tab(view, str(words), self.count(view), view == self.place.view)
            for view, words in _SHORT.items()
        ]

    @property
    def empty(self) -> tuple[str, str]:
        """Return what to say when there is nothing."""
        title, words = _EMPTY[self.place.view]
        return str(title), str(words)

    def count(self, view: View) -> str:
        """Return how many cases a view holds, as one reads it."""
        number: int = getattr(self.overview, view)
        return f"{number - 1}+" if view == "archive" and number >= COUNTED_ARCHIVE else str(number)


def listing(here: Place, overview: Overview | None = None) -> Listing:
    """Return the cases of a place."""
    person = staff()
    found = list_cases(
        tx(),
        view=here.view,
        staff=person,
        q=here.q,
        page=here.page,
        per_page=PER_PAGE,
        channel=here.channel,
    )
    return Listing(here, overview or desk.overview(tx(), person), found.rows, found.has_next)


@bp.get("/")
@requires("requests", "read")
def cases() -> ResponseReturnValue:
    """Show the list of cases alone."""
    shown = listing(place.asked())
    channels = by_channel(tx(), view="all", staff=staff())
    return render_template("desk/cases.html", listing=shown, open_number=None, channels=channels)


@bp.get("/list")
@requires("requests", "read")
def case_list() -> ResponseReturnValue:
    """Send the list anew to a page that shows it."""
    shown = listing(place.asked())
    number = request.args.get("open", "")
    whole = "whole" in request.args
    return render_template(
        "desk/parts/rows_anew.html", listing=shown, open_number=number, whole=whole
    )
