"""Which list an agent works from; it goes along from page to page in the address."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from processes.cases.models import Case, Channel
from processes.cases.queries import VIEWS, View
from processes.people.models import Staff
from webapp.paging import asked_page

FIRST: View = "mine"

_LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Place:
    """A view, what is searched in it, and how far one has leafed."""

    view: View = FIRST
    q: str = ""
    page: int = 1
    channel: str = ""
    """Only cases that came by it; empty: all."""

    def args(self, **changed: Any) -> dict[str, Any]:
        """Return the place as arguments of an address, without what goes without saying."""
        found: dict[str, Any] = {
            "view": self.view,
            "q": self.q,
            "page": self.page,
            "channel": self.channel,
            **changed,
        }
        if found["page"] == 1:
            found.pop("page")
        return {name: value for name, value in found.items() if value}

    def address(self, **changed: Any) -> str:
        """Return the address of the list."""
        return url_for("desk.cases", **self.args(**changed))

    def of_case(self, number: str, **more: Any) -> str:
        """Return the address of a case, opened from here."""
        return url_for("desk.case", number=number, **self.args(), **more)

    def action(self, endpoint: str, number: str, **more: Any) -> str:
        """Return the address of something done with a case; afterwards one is here again."""
        return url_for(f"desk.{endpoint}", number=number, **self.args(), **more)


def asked() -> Place:
    """Return the place the address names; what makes no sense counts as not said."""
    view = next((view for view in VIEWS if view == request.args.get("view")), FIRST)
    q = request.args.get("q", "").replace("\0", " ").strip()[:_LONGEST_SEARCH]
    channel = request.args.get("channel", "")
    return Place(view, q, asked_page(), channel if channel in set(Channel) else "")


def fitting(case: Case, staff: Staff) -> Place:
    """Return the place of the address, or else a view that holds the case."""
    if request.args.get("view") in VIEWS:
        return asked()
    if case.is_closed:
        return Place("archive")
    if case.assignee_id == staff.id:
        return Place("mine")
    return Place("unassigned" if case.assignee_id is None else "all")
