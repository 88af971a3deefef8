"""The live feed: a line for everything that open pages may want to show anew."""

from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.clock import utc_now
from engine.db import ONCE
from processes.cases.models import Change

_SETTLED = timedelta(seconds=20)
"""No transaction lives longer; older numbers will not appear below newer ones any more."""
_KEPT = timedelta(days=1)
_AT_MOST = 500


def record(session: Session, topic: str, ref: str | int = "") -> None:
    """Add a line, in the same transaction as the change it speaks of; one says it all."""
    said: set[tuple[str, str]] = session.info.setdefault(ONCE, set())
    if (topic, str(ref)) not in said:
        said.add((topic, str(ref)))
        session.add(Change(at=utc_now(), topic=topic, ref=str(ref)))


def latest(session: Session) -> int:
    """Return the number of the newest line."""
    return session.scalar(select(func.max(Change.id))) or 0


def since(session: Session, after: int) -> list[Change]:
    """Return the lines with higher numbers, oldest first."""
    return list(
        session.scalars(select(Change).where(Change.id > after).order_by(Change.id).limit(_AT_MOST))
    )


class Feed:
    """A reader that sees every line once, also those committed out of order.

    On PostgreSQL a lower number may become visible after a higher one; so the reader goes back
    to the last line old enough to be sure of and remembers which it has told already.
    """

    def __init__(self, session: Session) -> None:
        self._sure = 0
        self._told: set[int] = set()
        self._sure = max(0, latest(session) - _AT_MOST)
        self.read(session)

    def read(self, session: Session) -> list[Change]:
        """Return the lines not told before, oldest first."""
        lines = since(session, self._sure)
        fresh = [line for line in lines if line.id not in self._told]
        limit = utc_now() - _SETTLED
        self._sure = max([self._sure, *(line.id for line in lines if line.at < limit)])
        self._told = {line.id for line in lines if line.id > self._sure}
        return fresh


def forget_old(session: Session) -> int:
    """Delete lines nobody waits for any more; returns how many."""
    gone = session.execute(delete(Change).where(Change.at < utc_now() - _KEPT))
    return int(getattr(gone, "rowcount", 0))
