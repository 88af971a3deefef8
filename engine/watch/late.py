"""Work that is late although workers look."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from engine import clock, jobs
from engine.models import READY, Job
from engine.watch.findings import OVERDUE, Finding

LATE: Final = timedelta(minutes=5)
"""Business time for timers, real time for everything else."""
SINGLE: Final = 20
"""Up to so many late jobs are an incident each; more are one incident together."""
_COUNTED = 1_000
_KINDS = 50
_LONGEST_LEASE = timedelta(hours=1)
"""A lease further in the future is nobody's; it comes from a clock that was wrong."""


@dataclass(frozen=True)
class Late:
    """What is late now."""

    ids: tuple[int, ...]
    """The latest jobs, at most a few."""
    findings: list[Finding]
    """Those that were late at the look before too."""


def overdue(
    session: Session, before: tuple[int, ...], patient: frozenset[str] = frozenset()
) -> Late:
    """Return what is more than five minutes late and was so at the look `before`.

    Kinds of job that nobody waits for, `patient`, are never late.
    Once is not enough: a clock that was moved in a demo makes work late that is done within a
    second. When very many are late they are one finding, so that a heap of work is one alarm.
    """
    found: list[tuple[int, Finding]] = []
    for kind in _ready_kinds(session, patient):
        found += _late(session, kind)
    ids = tuple(number for number, _ in found)
    if len(found) <= SINGLE:
        return Late(ids, [finding for number, finding in found if number in before])
    return Late(ids, [_heap(session, patient)] if len(before) > SINGLE else [])


def _late(session: Session, kind: str) -> list[tuple[int, Finding]]:
    now = _now(session, kind)
    query = (
        select(Job.id, Job.instance_id, Job.element_id, Job.due_at)
        .where(*_conditions(session, kind))
        .order_by(Job.due_at)
        .limit(SINGLE + 1)
    )
    return [
        (number, Finding(OVERDUE, _words(kind, due, now), instance_id, number, element_id))
        for number, instance_id, element_id, due in session.execute(query)
    ]


def _heap(session: Session, patient: frozenset[str]) -> Finding:
    """Return the one finding for very many late jobs."""
    parts = []
    for kind in _ready_kinds(session, patient):
        first = select(Job.id).where(*_conditions(session, kind)).limit(_COUNTED + 1).subquery()
        count = session.execute(select(func.count()).select_from(first)).scalar_one()
        if count:
            number = f"more than {_COUNTED}" if count > _COUNTED else str(count)
            parts.append(f"{kind}: {number}")
    return Finding(OVERDUE, f"More than five minutes late: {', '.join(parts)}")


def _conditions(session: Session, kind: str) -> list[ColumnElement[bool]]:
    """Return what makes a job late: nobody has it in hand, and its time is long past."""
    now = clock.real_now(session)
    return [
        Job.kind == kind,
        Job.state == READY,
        Job.due_at <= _now(session, kind) - LATE,
        or_(
            Job.lease_until.is_(None), Job.lease_until < now, Job.lease_until > now + _LONGEST_LEASE
        ),
    ]


def _now(session: Session, kind: str) -> datetime:
    return clock.business_now(session) if kind == jobs.TIMER else clock.real_now(session)


def _ready_kinds(session: Session, besides: frozenset[str]) -> list[str]:
    """Return the kinds of job that wait, hopping along the index; also kinds no worker knows."""
    kinds: list[str] = []
    while len(kinds) < _KINDS:
        query = select(Job.kind).where(Job.state == READY, Job.kind > (kinds or [""])[-1])
        following = session.scalar(query.order_by(Job.kind).limit(1))
        if following is None:
            break
        kinds.append(following)
    return [kind for kind in kinds if kind not in besides]


def _words(kind: str, due: datetime, now: datetime) -> str:
    minutes = int((now - due).total_seconds() // 60)
    return f"{kind} job due at {due:%Y-%m-%d %H:%M:%S} UTC is {minutes} minutes late"
