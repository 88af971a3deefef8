"""Standing jobs: one row for as long as what it serves, done again and again.

A mailbox is fetched from by such a job. Each turn is claimed like any other job and ends by
`put_back` in place of `jobs.finish`; so two turns never run at once, and after a crash the lease
brings the next.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from engine import clock, incidents, jobs
from engine.db import RING
from engine.models import Job

_SYSTEM = "system"


@dataclass(frozen=True)
class Standing:
    """How a standing job stands. All times are real."""

    state: str
    """ready, done, incident or cancelled."""
    due_at: datetime
    payload: Mapping[str, Any]
    in_hand: bool
    """A worker is at it."""


def restart(
    session: Session,
    kind: str,
    *,
    dedupe_key: str,
    payload: Mapping[str, Any],
    due_at: datetime | None = None,
) -> int:
    """Make sure that there is a job of this key, as if new, due now or at `due_at` (real time).

    Whoever had it in hand finds the token outdated; what it had an incident for is settled.
    """
    number = jobs.run_again(
        session, kind, dedupe_key=dedupe_key, payload=dict(payload), actor=_SYSTEM
    )
    values: dict[str, Any] = {"payload": dict(payload), "last_error": None}
    if due_at is not None:
        values["due_at"] = due_at
    session.execute(update(Job).where(Job.id == number).values(**values))
    return number


def withdraw(session: Session, dedupe_key: str) -> None:
    """Let nobody do the job any more; whoever has it in hand finds the token outdated."""
    statement = (
        update(Job)
        .where(Job.dedupe_key == dedupe_key)
        .values(state="cancelled", lease_until=None, token=Job.token + 1)
        .returning(Job.id)
    )
    for number in session.scalars(statement).all():
        calm(session, number)


def bring_forward(session: Session, dedupe_key: str) -> bool:
    """Make a job that waits for its time due now.

    False when there is none or somebody has it in hand: asked again a moment later, the answer
    is another.
    """
    now = clock.real_now(session)
    statement = (
        update(Job)
        .where(
            Job.dedupe_key == dedupe_key,
            jobs.ready(Job.state),
            or_(Job.lease_until.is_(None), Job.lease_until < now),
        )
        .values(due_at=now)
        .returning(Job.id)
    )
    found = session.execute(statement).one_or_none() is not None
    if found:
        session.info[RING] = True
    return found


def put_back(
    session: Session, job: jobs.Claimed, *, due_at: datetime, payload: Mapping[str, Any]
) -> None:
    """End a turn: the job waits for its next, with all its attempts.

    Raises jobs.OutdatedClaimError.
    """
    statement = (
        update(Job)
        .where(Job.id == job.id, Job.token == job.token, jobs.ready(Job.state))
        .values(due_at=due_at, payload=dict(payload), attempts=0, lease_until=None, last_error=None)
        .returning(Job.id)
    )
    jobs.ours(session.execute(statement).one_or_none() is not None)


def note_progress(session: Session, job: jobs.Claimed) -> None:
    """Count the attempts anew: whoever dies from here on does not die of what is done."""
    session.execute(update(Job).where(Job.id == job.id, Job.token == job.token).values(attempts=1))


def go_on(session: Session, job: jobs.Claimed, *, due_at: datetime) -> None:
    """Let a job that has just given up try anew at `due_at`; its incident stays open."""
    values = {"state": "ready", "due_at": due_at, "attempts": 0, "lease_until": None}
    session.execute(update(Job).where(Job.id == job.id).values(**values))


def end(session: Session, job: jobs.Claimed, *, payload: Mapping[str, Any]) -> None:
    """Mark the job as done, with what it found; `restart` begins it anew.

    Raises jobs.OutdatedClaimError.
    """
    jobs.ours(jobs.finish(session, job))
    session.execute(update(Job).where(Job.id == job.id).values(payload=dict(payload)))


def look_up(session: Session, dedupe_key: str) -> Standing | None:
    """Return how the job of a key stands; None when there is none."""
    query = select(Job.state, Job.due_at, Job.payload, Job.lease_until)
    row = session.execute(query.where(Job.dedupe_key == dedupe_key)).one_or_none()
    if row is None:
        return None
    held = row.lease_until is not None and row.lease_until > clock.real_now(session)
    return Standing(row.state, row.due_at, row.payload or {}, held)


def alarm(session: Session, job: jobs.Claimed, error: BaseException) -> None:
    """Open an incident for a job that goes on all the same, unless one is open."""
    incidents.open_for_job(session, job.id, None, None, error)


def calm(session: Session, job_id: int) -> None:
    """Settle the open incident of a job, if there is one: the fault is gone."""
    incidents.settle_for_job(session, job_id, _SYSTEM)
