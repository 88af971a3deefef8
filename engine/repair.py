"""Rows against state: where they disagree, and writing the rows anew from the state.

The state is what an instance really waits for; user tasks, timers, service jobs and
subscriptions are derived from it. They are written together, so they disagree only when
somebody changed rows by hand, restored a part of a backup, or a fault of ours did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Never
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.definitions import Definitions
from engine.jobs import SERVICE, TIMER
from engine.models import Job, ProcessInstance, Subscription, UserTask
from engine.projection import Projection, write_differences
from engine.spiff.machine import Machine, MessageWait
from engine.spiff.script import ScriptEngine
from engine.statements import LOCK_INSTANCE
from engine.steps import StepResult, Timer, Waiting

_LATEST_RETRY: Final = timedelta(hours=1)
"""A failed timer is tried again later than its state says, but never this much later."""
_NOTHING = Projection([], [], [])


@dataclass(frozen=True)
class Comparison:
    """What an instance waits for by its state, and by its rows."""

    state: Projection
    rows: Projection
    running: bool

    @property
    def missing(self) -> list[str]:
        """Return names of what the state waits for and no row says."""
        return _beyond(self.state, self.rows)

    @property
    def surplus(self) -> list[str]:
        """Return names of rows that the state knows nothing of."""
        return _beyond(self.rows, self.state)

    @property
    def waits(self) -> bool:
        """Tell whether the instance can ever move on: it has ended, or waits for something."""
        ways = [wait for wait in self.state.waiting if wait.kind != "event"]
        return not self.running or bool(ways or self.state.timers or self.state.messages)

    @property
    def complaint(self) -> str:
        """Return in one line what is wrong; empty when nothing is."""
        if not self.waits:
            places = ", ".join(wait.element_id for wait in self.state.waiting)
            return "waits for nothing that can come" + (f", at {places}" if places else "")
        parts = []
        if self.missing:
            parts.append("rows are missing: " + ", ".join(self.missing))
        if self.surplus:
            parts.append("rows too many: " + ", ".join(self.surplus))
        return "; ".join(parts)

    @property
    def element_id(self) -> str | None:
        """Return the first element concerned."""
        concerned = [*self.missing, *self.surplus]
        if concerned:
            return concerned[0].rpartition(" ")[2]
        return self.state.waiting[0].element_id if self.state.waiting else None


def compare(
    session: Session, definitions: Definitions, ids: Sequence[UUID]
) -> dict[UUID, Comparison]:
    """Compare the rows of instances with their states; unknown ids are left out.

    Holds all the states at once: some hundred instances, not thousands.
    """
    columns = ProcessInstance.id, ProcessInstance.version_id, ProcessInstance.status
    query = select(*columns, ProcessInstance.state).where(ProcessInstance.id.in_(ids))
    return _comparisons(session, definitions, session.execute(query).all())


def repair(session: Session, definitions: Definitions, instance_id: UUID) -> Comparison | None:
    """Write the rows of an instance anew where they disagree with its state.

    Takes the instance's lock. Returns what was wrong, None when there is no such instance.
    Who had claimed a task, and jobs that agree with the state, stay as they are.
    """
    row = session.execute(LOCK_INSTANCE, {"instance": instance_id}).one_or_none()
    if row is None:
        return None
    found = _comparisons(session, definitions, [row])[instance_id]
    rows = _clear_the_way(session, instance_id, found)
    result = StepResult(
        instance_id=instance_id,
        process="",
        key=row.key,
        status="running",
        now=clock.business_now(session),
        entered=[],
        waiting=found.state.waiting,
        timers=found.state.timers,
        elements=[],
    )
    write_differences(session, result, rows, found.state, None)
    return found


def _comparisons(
    session: Session, definitions: Definitions, instances: Sequence[Any]
) -> dict[UUID, Comparison]:
    states = {row.id: _state(session, definitions, row) for row in instances}
    rows = _rows(session, states)
    return {
        row.id: Comparison(states[row.id], rows[row.id], row.status == "running")
        for row in instances
    }


def _state(session: Session, definitions: Definitions, row: Any) -> Projection:
    if row.status != "running":
        return _NOTHING
    bundle = definitions.get(session, row.version_id).bundle
    script = ScriptEngine(clock.business_now(session), _never)
    return Projection.of(Machine.thawed(bundle, script, row.state))


def _rows(session: Session, states: Mapping[UUID, Projection]) -> dict[UUID, Projection]:
    """Return what the rows say; a timer row that is due at a wrong time counts as none."""
    found = {number: Projection([], [], []) for number in states}
    for task in session.execute(
        select(UserTask.instance_id, UserTask.id, UserTask.element_id, UserTask.process).where(
            UserTask.instance_id.in_(states), UserTask.status == "ready"
        )
    ):
        found[task.instance_id].waiting.append(_waiting(task.id, task, "user_task", task.process))
    for message in session.execute(
        select(
            *(Subscription.instance_id, Subscription.task_id),
            *(Subscription.element_id, Subscription.message),
        ).where(Subscription.instance_id.in_(states))
    ):
        wait = MessageWait(message.task_id, message.element_id, message.message)
        found[message.instance_id].messages.append(wait)
    _add_jobs(session, states, found)
    return found


def _add_jobs(
    session: Session, states: Mapping[UUID, Projection], found: Mapping[UUID, Projection]
) -> None:
    query = select(
        *(Job.instance_id, Job.kind, Job.task_id, Job.element_id, Job.due_at, Job.state)
    ).where(Job.instance_id.in_(states), or_(Job.state == "ready", Job.state == "incident"))
    now = clock.business_now(session)
    for job in session.execute(query):
        rows, state = found[job.instance_id], states[job.instance_id]
        if job.kind == SERVICE:
            rows.waiting.append(_waiting(job.task_id, job, "service", ""))
        elif job.kind == TIMER and (job.state == "incident" or _is_right(job, state, now)):
            rows.timers.append(Timer(job.task_id, job.element_id, job.due_at, {}))


def _waiting(task_id: UUID, row: Any, kind: Any, process: str) -> Waiting:
    return Waiting(task_id, row.element_id, process, kind, "", None, {})


def _is_right(job: Any, state: Projection, now: datetime) -> bool:
    """Tell whether a timer's row is due when its state is, or later for having failed."""
    for timer in state.timers:
        if _key(timer) == (job.task_id, job.element_id):
            return bool(timer.due_at <= job.due_at <= max(timer.due_at, now) + _LATEST_RETRY)
    return True  # a row too many, whenever it is due


def _clear_the_way(session: Session, instance_id: UUID, found: Comparison) -> Projection:
    """Take away what stands where rows are to be written: done jobs, tasks said to be over.

    Returns what the rows say then.
    """
    have = _keys(found.rows)
    tasks = [wait.task_id for wait in found.state.waiting if wait.task_id not in have]
    timers = [timer.task_id for timer in found.state.timers if _key(timer) not in have]
    for task_id in {*tasks, *timers}:
        kept = [key[1] for key in have if isinstance(key, tuple) and key[0] == task_id]
        session.execute(
            delete(Job).where(
                Job.instance_id == instance_id,
                Job.task_id == task_id,
                Job.element_id.not_in(kept),
            )
        )
    statement = (
        update(UserTask)
        .where(UserTask.id.in_(tasks), UserTask.status != "ready")
        .values(status="ready", completed_by=None, completed_at=None)
        .returning(UserTask.id)
    )
    revived = set(session.scalars(statement))
    again = [wait for wait in found.state.waiting if wait.task_id in revived]
    return Projection([*found.rows.waiting, *again], found.rows.timers, found.rows.messages)


def _keys(rows: Projection) -> set[Any]:
    return {wait.task_id for wait in rows.waiting} | {_key(timer) for timer in rows.timers}


def _key(timer: Timer) -> tuple[UUID, str]:
    return timer.task_id, timer.element_id


def _named(projection: Projection) -> dict[Any, str]:
    """Return everything waited for by what identifies it, with a name for people."""
    names: dict[Any, str] = {
        (wait.kind, wait.task_id): f"{_WORDS[wait.kind]} {wait.element_id}"
        for wait in projection.waiting
        if wait.kind in _WORDS
    }
    names |= {(TIMER, *_key(timer)): f"timer {timer.element_id}" for timer in projection.timers}
    return names | {message: f"message {message.element_id}" for message in projection.messages}


def _beyond(these: Projection, those: Projection) -> list[str]:
    known = _named(those)
    return sorted(name for key, name in _named(these).items() if key not in known)


_WORDS: Final = {"user_task": "user task", "service": "service job"}


def _never(*_: Any) -> Never:
    """Refuse: comparing runs nothing."""
    message = "an instance that is only compared with its rows called an operation"
    raise RuntimeError(message)
