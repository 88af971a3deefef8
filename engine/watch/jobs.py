"""Jobs in the hands of the watch: looked up, parked for a person, hurried, put back for later."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock, jobs
from engine.db import RING
from engine.models import Incident, Job
from engine.watch.progress import Progress

WATCH = "watch"
"""Kind and dedupe key of the one job that looks."""
_OVER = ("done", "cancelled")


@dataclass(frozen=True)
class Known:
    """What the queue knows about a job."""

    id: int
    state: str
    due_at: datetime
    lease_until: datetime | None

    @property
    def is_over(self) -> bool:
        """Tell whether nobody will work on it any more."""
        return self.state in _OVER

    def is_left_since(self, moment: datetime) -> bool:
        """Tell whether nobody has had it in hand since a moment (real time)."""
        return self.due_at < moment and (self.lease_until is None or self.lease_until < moment)


def by_key(session: Session, keys: Sequence[str]) -> dict[str, Known]:
    """Return jobs by their dedupe key."""
    query = select(Job.dedupe_key, Job.id, Job.state, Job.due_at, Job.lease_until)
    rows = session.execute(query.where(Job.dedupe_key.in_(keys)))
    return {row[0]: Known(*row[1:]) for row in rows if row[0] is not None}


def with_open_incident(session: Session, ids: Iterable[int], *, except_kind: str) -> set[int]:
    """Return which of these jobs wait for a person already, for another reason than this kind."""
    query = select(Incident.job_id).where(
        Incident.job_id.in_(list(ids)),
        Incident.resolved_at.is_(None),
        Incident.kind != except_kind,
    )
    return {number for number in session.scalars(query) if number is not None}


def park(session: Session, kind: str, *, dedupe_key: str, payload: Any) -> int:
    """Make sure there is a job of this key and that it waits for a person; return its id."""
    number = jobs.enqueue(
        session, kind, due_at=clock.real_now(session), dedupe_key=dedupe_key, payload=payload
    )
    values = {"state": "incident", "lease_until": None}
    session.execute(update(Job).where(Job.id == number).values(values))
    return number


def abandon(session: Session, job_id: int) -> Mapping[str, Any] | None:
    """Let nobody work on a job again and return its payload; None when there is no such job."""
    statement = (
        update(Job)
        .where(Job.id == job_id)
        .values(state="cancelled", lease_until=None, token=Job.token + 1)
        .returning(Job.payload)
    )
    row = session.execute(statement).one_or_none()
    return None if row is None else row.payload or {}


def hurry(session: Session, job_id: int) -> bool:
    """Make a job that waits due now, with all its attempts and nobody's lease.

    False when it does not wait. Whoever had it in hand finds the token outdated.
    """
    job = session.get(Job, job_id, populate_existing=True)
    if job is None or job.state != "ready":
        return False
    job.due_at = clock.business_now(session) if job.kind == jobs.TIMER else clock.real_now(session)
    job.attempts, job.lease_until, job.token = 0, None, job.token + 1
    session.info[RING] = True
    return True


def again(session: Session, job: jobs.Claimed, *, due_at: datetime, payload: Any) -> bool:
    """Put a claimed job back for its next turn; False when the claim is outdated."""
    statement = (
        update(Job)
        .where(Job.id == job.id, Job.token == job.token, jobs.ready(Job.state))
        .values(due_at=due_at, payload=payload, attempts=0, lease_until=None, last_error=None)
        .returning(Job.id)
    )
    return session.execute(statement).one_or_none() is not None


def last_look(session: Session) -> Progress | None:
    """Return how far the looks have come; None before the first."""
    payload = session.scalar(select(Job.payload).where(Job.dedupe_key == WATCH))
    return Progress.read(payload) if payload else None
