"""Use cases of the end of a case."""

from sqlalchemy.orm import Session

from engine.errors import NotWaitingError
from processes.cases import timeline
from processes.cases.models import ActivityKind, Case, Direction
from processes.cases.ports import HasEngine
from processes.cases.timeline import Author

CUSTOMER_AGREES = "customer.agrees"


def customer_agrees(app: HasEngine, session: Session, case: Case, author: Author) -> None:
    """Take the customer's button "I agree": the case is closed with explicit consent.

    Raises NotWaitingError when no final answer is waiting for a reaction.
    """
    moved = app.engine.correlate(
        session, CUSTOMER_AGREES, key=str(case.id), payload={}, actor=author.actor
    )
    if not moved:
        raise NotWaitingError
    timeline.add(
        session,
        case,
        ActivityKind.EVENT,
        author=author,
        internal=False,
        direction=Direction.IN,
        medium="portal",
        data={"code": "customer_agreed"},
    )


def may_agree(case: Case) -> bool:
    """Return whether the portal shows the button: a final answer waits for a reaction."""
    step = case.step or {}
    return step.get("process") == "closure" and step.get("kind") == "event"
