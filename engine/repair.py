"""Rows against state: where they disagree, and writing the rows anew from the state.

The state is what an instance really waits for; user tasks, timers, service jobs and
subscriptions are derived from it. They are written together, so they disagree only when
somebody changed rows by hand, restored a part of a backup, or a fault of ours did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, insert, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine import clock
from engine.db import RING
from engine.definitions import Definitions
from engine.incidents import describe
from engine.jobs import SERVICE, TIMER
from engine.models import Job, ProcessInstance, Subscription, UserTask
from engine.projection import Projection, note_differences, subscribed_key
from engine.spiff.events import Sendable
from engine.spiff.machine import Machine, MessageWait
from engine.spiff.script import ScriptEngine
from engine.steps import StepResult, Timer, Waiting
from engine.store import Store
from engine.store.changes import JOB, TASK, WAIT, Changes

_LATEST_RETRY: Final = timedelta(hours=1)
"""A failed timer is tried again later than its state says, but never this much later."""
_NOTHING = Projection([], [], [])


@dataclass(frozen=True)
class Comparison:
    """What an instance waits for by its state, and by its rows."""

    state: Projection
    rows: Projection
    running: bool
    unreadable: str = ""
    """Why its state cannot be read; nothing is known of what it waits for then."""

    @property
    def missing(self) -> list[str]:
        """Return names of what the state waits for and no row says."""
        return _beyond(self.state, self.rows)

    @property
    def surplus(self) -> list[str]:
        """Return names of rows that the state knows nothing of."""
        return _beyond(self.rows, self.state)

    @property
    def misplaced(self) -> list[str]:
        """Return names of timers whose rows are due at another time than the state says."""
        due = {_key(timer): timer.due_at for timer in self.rows.timers}
        return sorted(
            f"timer {timer.element_id}"
            for timer in self.state.timers
            if due.get(_key(timer), timer.due_at) != timer.due_at
        )

    @property
    def waits(self) -> bool:
        """Tell whether the instance can ever move on: it has ended, or waits for something."""
        if self.unreadable:
            return False
        ways = [wait for wait in self.state.waiting if wait.kind != "event"]
        return not self.running or bool(ways or self.state.timers or self.state.messages)

    @property
    def complaint(self) -> str:
        """Return in one line what is wrong; empty when nothing is."""
        if self.unreadable:
            return f"its state cannot be read: {self.unreadable}"
        if not self.waits:
            places = ", ".join(wait.element_id for wait in self.state.waiting)
            return "waits for nothing that can come" + (f", at {places}" if places else "")
        parts = []
        if self.missing:
            parts.append("rows are missing: " + ", ".join(self.missing))
        if self.surplus:
            parts.append("rows too many: " + ", ".join(self.surplus))
        if self.misplaced:
            parts.append("due at a wrong time: " + ", ".join(self.misplaced))
        return "; ".join(parts)

    @property
    def element_id(self) -> str | None:
        """Return the first element concerned."""
        if self.unreadable:
            return None
        concerned = [*self.missing, *self.surplus, *self.misplaced]
        if concerned:
            return concerned[0].rpartition(" ")[2]
        return self.state.waiting[0].element_id if self.state.waiting else None


def compare(
    session: Session, definitions: Definitions, ids: Sequence[UUID]
) -> dict[UUID, Comparison]:
    """Compare the rows of instances with their states; unknown ids are left out.

    So are instances that moved on while we looked: state and rows are read by several statements.
    Holds all the states at once: some hundred instances, not thousands.
    """
    columns = ProcessInstance.id, ProcessInstance.version_id, ProcessInstance.status
    revisions = select(ProcessInstance.id, ProcessInstance.revision)
    revisions = revisions.where(ProcessInstance.id.in_(ids))
    before = {row.id: row.revision for row in session.execute(revisions)}
    query = select(*columns, ProcessInstance.key, ProcessInstance.state)
    query = query.where(ProcessInstance.id.in_(ids))
    found = _comparisons(session, definitions, session.execute(query).all())
    after = {row.id: row.revision for row in session.execute(revisions)}
    return {number: seen for number, seen in found.items() if before.get(number) == after[number]}


def noted(session: Session, instance_id: UUID, business_key: str) -> Projection:
    """Return what an instance waits for as its rows say it; its state is not read."""
    return _rows(session, {instance_id: _NOTHING}, {instance_id: business_key})[instance_id]


def repair(session: Session, definitions: Definitions, instance_id: UUID) -> Comparison | None:
    """Write the rows of an instance anew where they disagree with its state.

    Takes the instance's lock. Returns what was wrong, None when there is no such instance.
    Who had claimed a task, and jobs that agree with the state, stay as they are.
    """
    row = Store(session).by_id(instance_id).get(instance_id)
    if row is None:
        return None
    found = _comparisons(session, definitions, [row])[instance_id]
    if found.unreadable:  # its rows may be all there is
        return found
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
    changes = Changes(instance_id, started=False, instance=(), history=(), now=result.now)
    revived = _revive_tasks(session, found)
    rows = Projection([*found.rows.waiting, *revived], found.rows.timers, found.rows.messages)
    if note_differences(changes, result, rows, found.state):
        session.info[RING] = True
    _write(session, changes)
    return found


def _write(session: Session, changes: Changes) -> None:
    """Write what differs; an instance is repaired so seldom that speed does not matter."""
    here = changes.instance_id
    session.execute(
        update(UserTask)
        .where(UserTask.id.in_(changes.cancelled), UserTask.status == "ready")
        .values(status="cancelled", completed_at=changes.now)
    )
    for place in changes.dropped_jobs:
        session.execute(delete(Job).where(*_at(Job, here, place), Job.state != "done"))
    for moved in changes.moved_jobs:
        fresh = {"due_at": moved.due_at, "state": "ready", "attempts": 0, "lease_until": None}
        session.execute(update(Job).where(*_at(Job, here, moved)).values(fresh))
    for place in changes.dropped_waits:
        session.execute(delete(Subscription).where(*_at(Subscription, here, place)))
    for model, columns, rows in (
        (UserTask, TASK, changes.tasks),
        (Job, JOB, changes.jobs),
        (Subscription, WAIT, changes.waits),
    ):
        for row in rows:
            session.execute(insert(model).values(dict(zip(columns, row, strict=True))))


def _at(model: Any, instance_id: UUID, place: Any) -> list[ColumnElement[bool]]:
    return [
        model.instance_id == instance_id,
        model.task_id == place.task_id,
        model.element_id == place.element_id,
    ]


def _revive_tasks(session: Session, found: Comparison) -> list[Waiting]:
    """Make tasks ready again whose rows say that they are over; return them."""
    have = {wait.task_id for wait in found.rows.waiting}
    tasks = [wait for wait in found.state.waiting if wait.task_id not in have]
    statement = (
        update(UserTask)
        .where(UserTask.id.in_([wait.task_id for wait in tasks]), UserTask.status != "ready")
        .values(status="ready", completed_by=None, completed_at=None)
        .returning(UserTask.id)
    )
    revived = set(session.scalars(statement))
    return [wait for wait in tasks if wait.task_id in revived]


def _comparisons(
    session: Session, definitions: Definitions, instances: Sequence[Any]
) -> dict[UUID, Comparison]:
    states: dict[UUID, Projection] = {}
    unreadable: dict[UUID, str] = {}
    for row in instances:
        try:
            states[row.id] = _state(session, definitions, row)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - one that cannot be read is what we look for
            states[row.id], unreadable[row.id] = _NOTHING, describe(error)
    rows = _rows(session, states, {row.id: row.key for row in instances})
    return {
        row.id: Comparison(
            states[row.id], rows[row.id], row.status == "running", unreadable.get(row.id, "")
        )
        for row in instances
    }


def _state(session: Session, definitions: Definitions, row: Any) -> Projection:
    if row.status != "running":
        return _NOTHING
    bundle = definitions.get(session, row.version_id).bundle
    script = ScriptEngine.for_looking(clock.business_now(session))
    return Projection.of(Machine.thawed(bundle, script, row.state))


def _rows(
    session: Session, states: Mapping[UUID, Projection], keys: Mapping[UUID, str]
) -> dict[UUID, Projection]:
    """Return what the rows say; `keys` are the business keys."""
    found = {number: Projection([], [], []) for number in states}
    for task in session.execute(
        select(UserTask.instance_id, UserTask.id, UserTask.element_id, UserTask.process).where(
            UserTask.instance_id.in_(states), UserTask.status == "ready"
        )
    ):
        found[task.instance_id].waiting.append(_waiting(task.id, task, "user_task", task.process))
    for message in session.scalars(
        select(Subscription).where(Subscription.instance_id.in_(states))
    ):
        number = message.instance_id
        found[number].messages.append(_message(message, states[number], keys[number]))
    _add_jobs(session, states, found)
    return found


def _message(row: Subscription, state: Projection, business_key: str) -> MessageWait:
    """Return what a row waits for: the state's own wait when the row is just what it needs."""
    kind: Sendable = "signal" if row.signal else "message"
    for wait in state.messages:
        same = (wait.task_id, wait.element_id, wait.message, wait.kind)
        here = same == (row.task_id, row.element_id, row.message, kind)
        if here and subscribed_key(wait, business_key) == row.key:
            return wait
    return MessageWait(row.task_id, row.element_id, row.message, kind, f"row {row.key}")


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
        elif job.kind == TIMER:
            due = _due(job, state, now)
            rows.timers.append(Timer(job.task_id, job.element_id, due, {}))


def _waiting(task_id: UUID, row: Any, kind: Any, process: str) -> Waiting:
    return Waiting(task_id, row.element_id, process, kind, "", None, {})


def _due(job: Any, state: Projection, now: datetime) -> datetime:
    """Return when a timer's row is due, by the state's word if it is rightly later.

    A timer that failed is tried again later, one that gave up waits for a person.
    """
    for timer in state.timers:
        if _key(timer) == (job.task_id, job.element_id):
            latest = max(timer.due_at, now) + _LATEST_RETRY
            if job.state == "incident" or timer.due_at <= job.due_at <= latest:
                return timer.due_at
    due: datetime = job.due_at
    return due


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
