"""The applied solution: the entry of the timeline that is meant to end the case."""

from sqlalchemy.orm import Session

from processes.cases.models import Activity, Case, Priority

_BEFORE = "priority_before"


def propose(case: Case, entry: Activity, *, priority_before: Priority) -> None:
    """Name the final answer, and remember how urgent the case was without it."""
    case.applied_solution_id = entry.id
    entry.data = {**(entry.data or {}), _BEFORE: priority_before.value}


def withdraw(session: Session, case: Case) -> None:
    """Take the solution back, because it was none: the case is as urgent as it was before."""
    entry = session.get(Activity, case.applied_solution_id) if case.applied_solution_id else None
    if entry is not None and _BEFORE in (entry.data or {}):
        case.priority = Priority(entry.data[_BEFORE])
    case.applied_solution_id = case.promised_close_at = None
