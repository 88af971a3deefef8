"""Reading what runs: user tasks, instances, history, jobs, incidents, versions.

Domains may join the published selects; the tables themselves stay private.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, literal, select
from sqlalchemy.orm import Session, aliased

from engine.history import decode
from engine.models import (
    HistoryEntry,
    Incident,
    Job,
    ProcessDefinition,
    ProcessInstance,
    ProcessVersion,
    UserTask,
    WorkerBeat,
)


@dataclass(frozen=True)
class OpenTask:
    """A user task that somebody may complete."""

    id: UUID
    instance_id: UUID
    version_id: int
    key: str
    process: str
    element_id: str
    name: str
    form_key: str | None
    lane: str | None
    claimed_by: str | None
    claimed_at: datetime | None
    created_at: datetime


@dataclass(frozen=True)
class InstanceFilter:
    """What an instance list is narrowed to; None means any."""

    process: str | None = None
    version_id: int | None = None
    step: str | None = None
    """Element id it waits at."""
    status: str | None = None
    """running, completed, cancelled, or incident: running with an open incident."""
    started_before: datetime | None = None
    key: str | None = None


@dataclass(frozen=True)
class InstanceRow:
    """One line of an instance list, and the head of an instance page."""

    id: UUID
    process: str
    process_name: str
    version_id: int
    version: int
    newest_version: int
    """Number of the newest version of its process, active or not."""
    key: str
    status: str
    revision: int
    waiting_at: list[str]
    started_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    state_bytes: int
    incidents: int


@dataclass(frozen=True)
class HistoryStep:
    """One element completed or entered, or a remark on the command."""

    at: datetime
    revision: int
    actor: str
    cause: str
    state: str
    """completed, entered, cancelled or note."""
    process: str
    element_id: str
    """For a note: its text."""
    tag: str = ""
    """Tells apart what is open at the same element at the same time."""


@dataclass(frozen=True)
class VersionRow:
    """A deployed version with how many instances run on it."""

    id: int
    process: str
    process_name: str
    version: int
    active: bool
    comment: str
    deployed_by: str
    deployed_at: datetime
    findings: list[dict[str, Any]] = field(default_factory=list)
    running: int = 0
    ended: int = 0


def ready_user_tasks() -> Select[*tuple[Any, ...]]:
    """Return a select of open user tasks with columns of OpenTask, to be joined by key."""
    return (
        select(
            UserTask.id,
            UserTask.instance_id,
            ProcessInstance.version_id,
            ProcessInstance.key,
            UserTask.process,
            UserTask.element_id,
            UserTask.name,
            UserTask.form_key,
            UserTask.lane,
            UserTask.claimed_by,
            UserTask.claimed_at,
            UserTask.created_at,
        )
        .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
        .where(UserTask.status == "ready")
        .order_by(UserTask.created_at)
    )


def open_tasks(session: Session, key: str) -> list[OpenTask]:
    """Return the open user tasks of all instances with a business key, oldest first."""
    rows = session.execute(ready_user_tasks().where(ProcessInstance.key == key))
    return [OpenTask(*row) for row in rows]


def open_task(session: Session, task_id: UUID) -> OpenTask | None:
    """Return an open user task, or None when it is gone or done."""
    row = session.execute(ready_user_tasks().where(UserTask.id == task_id)).one_or_none()
    return OpenTask(*row) if row else None


def task_key(session: Session, task_id: UUID) -> str | None:
    """Return the business key a user task belongs to, open or not."""
    query = (
        select(ProcessInstance.key)
        .join(UserTask, UserTask.instance_id == ProcessInstance.id)
        .where(UserTask.id == task_id)
    )
    return session.scalar(query)


def instance(session: Session, instance_id: UUID) -> InstanceRow | None:
    """Return the head of one instance."""
    rows = _instances(session, [ProcessInstance.id == instance_id], limit=1, offset=0)
    return rows[0] if rows else None


def instances(
    session: Session, wanted: InstanceFilter, *, limit: int = 50, offset: int = 0
) -> list[InstanceRow]:
    """Return instances, the youngest first."""
    return _instances(session, _conditions(wanted), limit=limit, offset=offset)


def count_instances(session: Session, wanted: InstanceFilter) -> int:
    """Return how many instances a filter finds."""
    query = select(func.count()).select_from(ProcessInstance).where(*_conditions(wanted))
    return session.execute(query).scalar_one()


def instances_of(session: Session, key: str) -> list[InstanceRow]:
    """Return every instance with a business key, the youngest first."""
    return _instances(session, [ProcessInstance.key == key], limit=100, offset=0)


def history(session: Session, instance_ids: Sequence[UUID]) -> list[HistoryStep]:
    """Return what happened in the given instances, in order."""
    query = (
        select(HistoryEntry)
        .where(HistoryEntry.instance_id.in_(instance_ids))
        .order_by(HistoryEntry.at, HistoryEntry.revision)
    )
    return [step for entry in session.scalars(query) for step in _steps(entry)]


def jobs_of(session: Session, instance_id: UUID) -> list[Job]:
    """Return the jobs of an instance, the next due first."""
    query = select(Job).where(Job.instance_id == instance_id).order_by(Job.due_at)
    return list(session.scalars(query))


def incidents_of(session: Session, instance_id: UUID) -> list[Incident]:
    """Return the incidents of an instance, open ones first."""
    query = (
        select(Incident)
        .where(Incident.instance_id == instance_id)
        .order_by(Incident.resolved_at.is_not(None), Incident.id.desc())
    )
    return list(session.scalars(query))


def count_open_incidents(session: Session) -> int:
    """Return how many incidents wait for a person."""
    query = select(func.count()).select_from(Incident).where(Incident.resolved_at.is_(None))
    return session.execute(query).scalar_one()


def next_due(session: Session, instance_id: UUID) -> datetime | None:
    """Return the business time at which an instance next moves on by itself."""
    query = select(func.min(Job.due_at)).where(
        Job.instance_id == instance_id, Job.kind == "timer", Job.state == "ready"
    )
    return session.scalar(query)


def workers(session: Session) -> list[WorkerBeat]:
    """Return every worker that has ever beaten and was not cleaned away, by name."""
    return list(session.scalars(select(WorkerBeat).order_by(WorkerBeat.name)))


def versions(
    session: Session, process: str | None = None, *, counted: bool = True
) -> list[VersionRow]:
    """Return deployed versions, the newest first, with how many instances each has.

    Counting looks at every instance; `counted=False` leaves both numbers at 0.
    """
    counts = (
        select(
            ProcessInstance.version_id,
            func.sum(_flag(ProcessInstance.status == "running")).label("running"),
            func.sum(_flag(ProcessInstance.status != "running")).label("ended"),
        )
        .where(literal(counted))
        .group_by(ProcessInstance.version_id)
        .subquery()
    )
    query = (
        select(ProcessVersion, ProcessDefinition, counts.c.running, counts.c.ended)
        .join(ProcessDefinition, ProcessDefinition.id == ProcessVersion.definition_id)
        .outerjoin(counts, counts.c.version_id == ProcessVersion.id)
        .order_by(ProcessDefinition.key, ProcessVersion.version.desc())
    )
    if process is not None:
        query = query.where(ProcessDefinition.key == process)
    return [
        VersionRow(
            version.id,
            definition.key,
            definition.name,
            version.version,
            definition.active_version_id == version.id,
            version.comment,
            version.deployed_by,
            version.deployed_at,
            version.findings or [],
            int(running or 0),
            int(ended or 0),
        )
        for version, definition, running, ended in session.execute(query)
    ]


def step_counts(session: Session, version_id: int) -> dict[str, int]:
    """Return how many open user tasks wait at each element of a version."""
    query = (
        select(UserTask.element_id, func.count())
        .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
        .where(ProcessInstance.version_id == version_id, UserTask.status == "ready")
        .group_by(UserTask.element_id)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def _steps(entry: HistoryEntry) -> list[HistoryStep]:
    who = entry.at, entry.revision, entry.actor, entry.cause
    marks, note = decode(entry.steps)
    steps = [HistoryStep(*who, *mark) for mark in marks]
    return [*steps, HistoryStep(*who, "note", entry.cause, note)] if note else steps


def _conditions(wanted: InstanceFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.process is not None:
        found.append(ProcessInstance.process == wanted.process)
    if wanted.version_id is not None:
        found.append(ProcessInstance.version_id == wanted.version_id)
    if wanted.step is not None:
        quoted = f'"{wanted.step}"'
        found.append(cast(ProcessInstance.waiting_at, Text).contains(quoted, autoescape=True))
    if wanted.status == "incident":
        found.append(ProcessInstance.id.in_(_with_incident()))
    elif wanted.status is not None:
        found.append(ProcessInstance.status == wanted.status)
    if wanted.started_before is not None:
        found.append(ProcessInstance.started_at <= wanted.started_before)
    if wanted.key is not None:
        found.append(ProcessInstance.key == wanted.key)
    return found


def _with_incident() -> Select[UUID | None]:
    return select(Incident.instance_id).where(
        Incident.resolved_at.is_(None), Incident.instance_id.is_not(None)
    )


def _instances(
    session: Session, conditions: list[ColumnElement[bool]], *, limit: int, offset: int
) -> list[InstanceRow]:
    incidents = (
        select(func.count())
        .where(Incident.instance_id == ProcessInstance.id, Incident.resolved_at.is_(None))
        .scalar_subquery()
    )
    any_version = aliased(ProcessVersion)
    newest = (
        select(func.max(any_version.version))
        .where(any_version.definition_id == ProcessDefinition.id)
        .scalar_subquery()
    )
    query = (
        select(
            ProcessInstance.id,
            ProcessInstance.process,
            ProcessDefinition.name,
            ProcessInstance.version_id,
            ProcessVersion.version,
            newest,
            ProcessInstance.key,
            ProcessInstance.status,
            ProcessInstance.revision,
            ProcessInstance.waiting_at,
            ProcessInstance.started_at,
            ProcessInstance.updated_at,
            ProcessInstance.ended_at,
            func.length(ProcessInstance.state),
            incidents,
        )
        .join(ProcessVersion, ProcessVersion.id == ProcessInstance.version_id)
        .join(ProcessDefinition, ProcessDefinition.id == ProcessVersion.definition_id)
        .where(*conditions)
        .order_by(ProcessInstance.started_at.desc(), ProcessInstance.id)
        .limit(limit)
        .offset(offset)
    )
    return [InstanceRow(*row) for row in session.execute(query)]


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """Return 1 where a condition holds, for summing."""
    return case((condition, 1), else_=0)
