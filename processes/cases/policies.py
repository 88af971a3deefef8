"""Who may see which case: pure rules."""

from typing import Protocol

from processes.cases.models import Activity, Case
from processes.people.permissions import HasRole, allows


class Visitor(Protocol):
    """A signed-in customer."""

    @property
    def contact_id(self) -> int | None: ...

    @property
    def case_id(self) -> int | None: ...


def may_see(staff: HasRole, _case: Case) -> bool:
    """Return whether a member of staff may open the case."""
    return allows(staff, "requests", "read")


def may_work_on(staff: HasRole, _case: Case) -> bool:
    """Return whether a member of staff may act on the case."""
    return allows(staff, "requests", "write")


def visitor_may_see(visitor: Visitor, case: Case) -> bool:
    """Return whether a customer may open the case in the portal.

    The case must be their own and its portal open; a session that came from a case's code
    opens that case only.
    """
    if case.contact_id is None or visitor.contact_id != case.contact_id:
        return False
    return visitor.case_id is None or visitor.case_id == case.id


def is_public(activity: Activity) -> bool:
    """Return whether the customer may read this entry of the timeline."""
    return not activity.internal
