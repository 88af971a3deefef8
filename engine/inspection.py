"""Looking into what runs: the process data of an instance and the load of the job queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from engine import clock, jobs
from engine.definitions import Definitions
from engine.models import Incident, Job, ProcessInstance
from engine.spiff.machine import Machine
from engine.spiff.script import ScriptEngine
from engine.watch.findings import STUCK

_LATE = timedelta(seconds=60)


@dataclass(frozen=True)
class Variable:
    """One value of an instance's process data."""

    name: str
    value: Any
    element_id: str
    """The wait state that sees this value; empty when all wait states see the same."""


@dataclass(frozen=True)
class JobLoad:
    """How much of one kind of work is waiting."""

    kind: str
    later: int
    """Not due yet."""
    due: int
    """Due, not done, and no more than a minute late."""
    overdue: int
    """More than a minute late."""
    incidents: int
    """Given up; a person must look."""


@dataclass(frozen=True)
class OpenIncident:
    """Something that waits for a person, with where it happened as far as that is known."""

    id: int
    kind: str
    """operation (a person's command failed), job (retries are used up), or what the watch found:
    stuck, overdue, half_sent."""
    message: str
    created_at: datetime
    element_id: str | None
    instance_id: UUID | None
    version_id: int | None
    process: str | None
    key: str | None
    job_kind: str | None
    attempts: int | None

    @property
    def can_retry(self) -> bool:
        """Tell whether a retry does something: for a job, or for the rows of an instance."""
        return self.job_kind is not None or self.kind == STUCK


def open_incidents(session: Session, *, limit: int = 100) -> list[OpenIncident]:
    """Return open incidents with instance and job, the newest first; also those without."""
    query = (
        select(
            *(Incident.id, Incident.kind, Incident.message, Incident.created_at),
            *(Incident.element_id, Incident.instance_id, ProcessInstance.version_id),
            *(ProcessInstance.process, ProcessInstance.key, Job.kind, Job.attempts),
        )
        .outerjoin(ProcessInstance, ProcessInstance.id == Incident.instance_id)
        .outerjoin(Job, Job.id == Incident.job_id)
        .where(Incident.resolved_at.is_(None))
        .order_by(Incident.id.desc())
        .limit(limit)
    )
    rows: Sequence[Any] = session.execute(query).all()
    return [OpenIncident(*row) for row in rows]


def variables(
    session: Session, definitions: Definitions, instance_id: UUID
) -> list[Variable] | None:
    """Return the process data of a running instance by name; nothing once it has ended.

    None when its state cannot be read; the watch makes that an incident.
    """
    query = select(ProcessInstance.version_id, ProcessInstance.state).where(
        ProcessInstance.id == instance_id, ProcessInstance.status == "running"
    )
    row = session.execute(query).one_or_none()
    if row is None:
        return []
    bundle = definitions.get(session, row.version_id).bundle
    script = ScriptEngine.for_looking(clock.business_now(session))
    try:
        machine = Machine.thawed(bundle, script, row.state)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - bytes that are no state fail as zlib, JSON or a key please
        # The watch tells the real error as an incident; the page about this instance is where
        # people look for it, so that comes all the same, without the variables.
        return None
    seen = {wait.element_id: machine.task_data(wait.task_id) for wait in machine.waiting()}
    names = sorted({name for data in seen.values() for name in data})
    return [variable for name in names for variable in _values(name, seen)]


def job_loads(session: Session, kinds: Sequence[str] = jobs.KINDS) -> list[JobLoad]:
    """Return what waits in the job queue, for each of these kinds of jobs."""
    return [_load(session, kind) for kind in kinds]


def _load(session: Session, kind: str) -> JobLoad:
    now = clock.business_now(session) if kind == jobs.TIMER else clock.real_now(session)
    ready = Job.state == "ready"
    query = select(
        _count(ready & (Job.due_at > now)),
        _count(ready & (Job.due_at <= now) & (Job.due_at > now - _LATE)),
        _count(ready & (Job.due_at <= now - _LATE)),
        _count(Job.state == "incident"),
    ).where(Job.kind == kind, Job.state.in_(["ready", "incident"]))
    return JobLoad(kind, *(int(count or 0) for count in session.execute(query).one()))


def _values(name: str, seen: Mapping[str, Mapping[str, Any]]) -> list[Variable]:
    """Return one variable if every wait state that knows the name sees the same value."""
    found = [(element, data[name]) for element, data in seen.items() if name in data]
    if all(value == found[0][1] for _, value in found):
        return [Variable(name, found[0][1], "")]
    return [Variable(name, value, element) for element, value in found]


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
