"""Who may see which case: pure rules."""

from datetime import datetime
from typing import Protocol

from engine import clock
from processes.cases.models import Activity, Case, CaseStatus, Channel
from processes.people.permissions import HasRole, allows


class Visitor(Protocol):
    """A signed-in customer."""

    @property
    def contact_id(self) -> int | None:
        """Who it is."""

    @property
    def case_id(self) -> int | None:
        """The only case the session opens, when it came from a case's code."""


def may_see(staff: HasRole, _case: Case) -> bool:
    """Return whether a member of staff may open the case."""
    return allows(staff, "requests", "read")


def may_work_on(staff: HasRole, _case: Case) -> bool:
    """Return whether a member of staff may act on the case."""
    return allows(staff, "requests", "write")


def visitor_may_see(visitor: Visitor, case: Case) -> bool:
    """Return whether a customer may open the case in the portal.

    The case must be their own and open to the portal; a session that came from a case's code
    opens that case only.
    """
    if case.contact_id is None or visitor.contact_id != case.contact_id:
        return False
    if visitor.case_id is not None and visitor.case_id != case.id:
        return False
    return case.portal_enabled or is_fresh_from_portal(case)


def is_fresh_from_portal(case: Case) -> bool:
    """Return whether the customer has just sent the case by the web form: it waits for us."""
    return case.channel is Channel.PORTAL and case.status is CaseStatus.UNCLASSIFIED


def is_public(activity: Activity) -> bool:
    """Return whether the customer may read this entry of the timeline."""
    return not activity.internal and not is_held(activity)


def is_held(activity: Activity) -> bool:
    """Return whether its writer can still take the entry back; until then nobody else reads it."""
    until = (activity.data or {}).get("held_until")
    return until is not None and clock.utc_now() < datetime.fromisoformat(until)
