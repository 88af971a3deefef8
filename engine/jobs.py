"""Work for later: enqueue, claim, finish, fail.

A job is claimed in a transaction of its own, which counts the attempt and takes a lease with a
new token. Whoever works on it finishes with that token; a worker that was frozen and comes
back late finds its token outdated and its whole transaction is rolled back (reliability.md C).
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Executable,
    Table,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine import clock
from engine.db import RING
from engine.incidents import describe, open_for_job, settle_for_job
from engine.models import DEDUPED, Job, WorkerBeat
from engine.store import Store, Wanted

TIMER, SERVICE, MAIL, SIGNAL = "timer", "service", "mail", "signal"
KINDS = (TIMER, SERVICE, MAIL, SIGNAL)
MAX_ATTEMPTS = 5
_table = cast("Table", Job.__table__)
_FIRST_DELAY = timedelta(seconds=10)
_GROWTH = 4
_JITTER = 0.2
_KEPT = timedelta(days=7)


@dataclass(frozen=True)
class Claimed:
    """A job in the hands of one worker until its lease ends."""

    id: int
    kind: str
    instance_id: UUID | None
    task_id: UUID | None
    element_id: str | None
    payload: Any
    attempts: int
    max_attempts: int
    token: int


class OutdatedClaimError(Exception):
    """Another worker has the job now; what this one did must be rolled back."""


class PermanentError(Exception):
    """Trying again cannot help; the job becomes an incident at once."""


def enqueue(
    session: Session, kind: str, *, due_at: datetime, dedupe_key: str, payload: Any = None
) -> int:
    """Write a job in the caller's transaction and return its id.

    The same `dedupe_key` twice is one job. Workers are told after the commit.
    """
    values = {
        "kind": kind,
        "due_at": due_at,
        "dedupe_key": dedupe_key,
        "payload": payload,
        "max_attempts": MAX_ATTEMPTS,
        **fresh(clock.utc_now()),
    }
    session.info[RING] = True
    dialect = session.get_bind().dialect.name
    found: int | None = session.execute(_enqueue(dialect), values).scalar_one_or_none()
    if found is None:
        query = select(Job.id).where(Job.dedupe_key == dedupe_key)
        found = session.execute(query).scalar_one()
    return found


@cache
def _enqueue(dialect: str) -> Executable:
    """Return the statement, built once: building it costs more than executing it."""
    upsert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return (
        upsert(_table)
        .on_conflict_do_nothing(index_elements=["dedupe_key"], index_where=text(DEDUPED))
        .returning(_table.c.id)
    )


def enqueue_signals(
    session: Session, instance_ids: Sequence[UUID], payload: Mapping[str, Any]
) -> None:
    """Write a job for each instance that gets a signal; workers are told after the commit."""
    now = clock.real_now(session)
    rows = [
        {
            "kind": SIGNAL,
            "instance_id": instance_id,
            "payload": dict(payload),
            "due_at": now,
            "max_attempts": MAX_ATTEMPTS,
            **fresh(now),
        }
        for instance_id in instance_ids
    ]
    session.execute(insert(Job), rows)
    session.info[RING] = True


def ready(state: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Return the condition on a row that is found by its id.

    The planner, which may know little of a young table, shall not take the index of everything
    that is ready for it.
    """
    return func.coalesce(state, "") == "ready"


def fresh(now: datetime) -> dict[str, Any]:
    """Return the columns of a job nobody has touched yet."""
    return {"state": "ready", "attempts": 0, "token": 0, "created_at": now}


def claim(
    session: Session,
    *,
    kinds: Sequence[str] = KINDS,
    limit: int = 10,
    owner: str,
    lease_seconds: float = 30.0,
    tried: bool | None = None,
) -> list[Claimed]:
    """Take up to `limit` due jobs of each kind, oldest first; the caller commits at once.

    Timers are due by business time, everything else by real time. `tried` narrows to jobs that
    were claimed before (True) or never (False).
    """
    reader = Store(session)
    taken = [
        Claimed(*row)
        for kind in kinds
        for row in reader.claim(
            Wanted(kind, kind == TIMER, limit, tried), owner=owner, lease_seconds=lease_seconds
        )
    ]
    return sorted(taken, key=lambda job: job.id)


def extend(session: Session, job: Claimed, *, lease_seconds: float) -> bool:
    """Prolong the lease before slow work; False when the job is no longer ours."""
    until = clock.real_now(session) + timedelta(seconds=lease_seconds)
    return _guarded(session, job, lease_until=until)


def finish(session: Session, job: Claimed) -> bool:
    """Mark the job done in the transaction that holds its effect.

    False means that the token is outdated: the caller must roll everything back.
    """
    return _guarded(
        session, job, state="done", done_at=clock.utc_now(), lease_until=None, last_error=None
    )


def holds(session: Session, job: Claimed) -> bool:
    """Tell whether the claim is still the newest one; locks the row until the commit."""
    query = (
        select(Job.id)
        .where(Job.id == job.id, Job.token == job.token, ready(Job.state))
        .with_for_update()
    )
    return session.execute(query).one_or_none() is not None


def fail(session: Session, job: Claimed, error: BaseException, *, speed: float = 1.0) -> bool:
    """Put the job back with growing delay, or open an incident when attempts are used up.

    Delays are 10 s, 40 s, 160 s, ... with ±20 % jitter, times `speed`. False when the token is
    outdated.
    """
    told = describe(error)
    if is_last(job, error):
        if not _guarded(session, job, state="incident", lease_until=None, last_error=told):
            return False
        open_for_job(session, job.id, job.instance_id, job.element_id, error)
        return True
    now = clock.business_now(session) if job.kind == TIMER else clock.real_now(session)
    delay = _FIRST_DELAY * _GROWTH ** (job.attempts - 1) * speed
    delay *= 1 + random.uniform(-_JITTER, _JITTER)  # noqa: S311 - spreads load, hides nothing
    return _guarded(session, job, due_at=now + delay, lease_until=None, last_error=told)


def is_last(job: Claimed, error: BaseException) -> bool:
    """Tell whether this failure makes the job an incident: no attempt is left, or none can help."""
    return isinstance(error, PermanentError) or job.attempts >= job.max_attempts


def release(session: Session, job: Claimed) -> None:
    """Give a claim back unused: the attempt does not count."""
    _guarded(session, job, lease_until=None, attempts=Job.attempts - 1)


def reopen(session: Session, job_id: int) -> bool:
    """Make a job that gave up ready again, with all its attempts; False if it is not waiting."""
    job = session.get(Job, job_id)
    if job is None or job.state != "incident":
        return False
    job.state, job.attempts, job.lease_until = "ready", 0, None
    job.due_at = clock.business_now(session) if job.kind == TIMER else clock.real_now(session)
    session.info[RING] = True
    return True


def run_again(
    session: Session, kind: str, *, dedupe_key: str, payload: Any = None, actor: str
) -> int:
    """Make the job of this key ready once more, whatever became of it, and return its id.

    It has all its attempts; nobody's claim on it counts any more. An incident it waits in is
    settled by `actor`.
    """
    now = clock.real_now(session)
    number = enqueue(session, kind, due_at=now, dedupe_key=dedupe_key, payload=payload)
    again = {"state": "ready", "attempts": 0, "lease_until": None, "done_at": None, "due_at": now}
    session.execute(update(Job).where(Job.id == number).values(token=Job.token + 1, **again))
    settle_for_job(session, number, actor)
    return number


def ours(answer: bool) -> None:  # noqa: FBT001 - the answer of the queue, passed on
    """Go on only while the claim is the newest one. Raises OutdatedClaimError."""
    if not answer:
        raise OutdatedClaimError


def beat(session: Session, name: str, *, started_at: datetime, detail: dict[str, Any]) -> None:
    """Write a worker's sign of life (real time)."""
    session.merge(
        WorkerBeat(name=name, started_at=started_at, seen_at=clock.utc_now(), detail=detail)
    )


def forget_old(session: Session) -> None:
    """Remove jobs that were done a week ago and workers not seen for a day."""
    now = clock.utc_now()
    session.execute(delete(Job).where(Job.state == "done", Job.done_at < now - _KEPT))
    session.execute(delete(WorkerBeat).where(WorkerBeat.seen_at < now - timedelta(days=1)))


def postpone(session: Session, job: Claimed, *, due_at: datetime) -> bool:
    """Put a claimed job back for later; the attempt does not count. False: it is not ours."""
    attempts = Job.attempts - 1
    return _guarded(session, job, due_at=due_at, lease_until=None, attempts=attempts)


def due_times(session: Session, dedupe_keys: Sequence[str]) -> list[datetime]:
    """Return when those jobs fall or fell due that a worker still has to do by itself."""
    query = select(Job.due_at).where(Job.dedupe_key.in_(dedupe_keys), ready(Job.state))
    return list(session.scalars(query))


def cancel(session: Session, dedupe_key: str) -> bool:
    """Take back a job that waits; whoever has it in hand already finds the claim outdated."""
    statement = (
        update(Job)
        .where(Job.dedupe_key == dedupe_key, ready(Job.state))
        .values(state="cancelled", token=Job.token + 1, lease_until=None)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).one_or_none() is not None


def _guarded(session: Session, job: Claimed, **values: Any) -> bool:
    statement = (
        update(Job)
        .where(Job.id == job.id, Job.token == job.token, ready(Job.state))
        .values(**values)
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).one_or_none() is not None
