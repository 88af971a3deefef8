"""Rows derived from state: user tasks, timers, service jobs, subscriptions.

They are compared before and after each command; only the differences are written.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine import clock
from engine.db import RING
from engine.jobs import MAX_ATTEMPTS, SERVICE, TIMER, fresh
from engine.spiff.machine import Machine, MessageWait
from engine.statements import (
    CANCEL_TASKS,
    DROP_JOBS,
    DROP_SUBSCRIPTIONS,
    INSERT_JOBS,
    INSERT_SUBSCRIPTIONS,
    INSERT_TASKS,
)
from engine.steps import StepResult, Timer, Waiting

SIGNAL_KEY = ""
"""Stands for the correlation key where a signal is waited for: everybody gets it."""


@dataclass(frozen=True)
class Projection:
    """What an instance waits for at one moment."""

    waiting: list[Waiting]
    timers: list[Timer]
    messages: list[MessageWait]

    @classmethod
    def of(cls, machine: Machine) -> "Projection":
        """Read it from an instance in memory."""
        return cls(machine.waiting(), machine.timers(), machine.messages())

    def tasks(self, kind: str) -> dict[UUID, Waiting]:
        """Return wait states of one kind by task id."""
        return {wait.task_id: wait for wait in self.waiting if wait.kind == kind}


def write_differences(
    session: Session,
    result: StepResult,
    before: Projection,
    after: Projection,
    ticked_off: UUID | None,
) -> None:
    """Insert what is new, remove what is gone; `ticked_off` is a task already completed."""
    _write_user_tasks(session, result, before, after, ticked_off)
    _write_timers(session, result, before, after)
    _write_services(session, result, before, after)
    _write_subscriptions(session, result, before, after)


def _write_user_tasks(
    session: Session,
    result: StepResult,
    before: Projection,
    after: Projection,
    ticked_off: UUID | None,
) -> None:
    old, new = before.tasks("user_task"), after.tasks("user_task")
    gone = [task_id for task_id in old if task_id not in new and task_id != ticked_off]
    if gone:
        session.execute(CANCEL_TASKS, {"tasks": gone, "now": result.now})
    rows = [_task_row(result, wait) for key, wait in new.items() if key not in old]
    if rows:
        session.execute(INSERT_TASKS, rows)


def _task_row(result: StepResult, wait: Waiting) -> dict[str, Any]:
    return {
        "id": wait.task_id,
        "instance_id": result.instance_id,
        "process": wait.process,
        "element_id": wait.element_id,
        "name": wait.name[:200],
        "form_key": wait.properties.get("formKey"),
        "lane": wait.lane,
        "status": "ready",
        "created_at": result.now,
    }


def _write_timers(
    session: Session, result: StepResult, before: Projection, after: Projection
) -> None:
    old = {(timer.task_id, timer.element_id): timer for timer in before.timers}
    new = {(timer.task_id, timer.element_id): timer for timer in after.timers}
    _drop_jobs(session, [_timer_key(timer) for key, timer in old.items() if key not in new])
    created = clock.utc_now()
    rows = [
        {
            "kind": TIMER,
            "instance_id": result.instance_id,
            "task_id": timer.task_id,
            "element_id": timer.element_id,
            "dedupe_key": _timer_key(timer),
            "due_at": timer.due_at,
            "max_attempts": MAX_ATTEMPTS,
            **fresh(created),
        }
        for key, timer in new.items()
        if key not in old
    ]
    if rows:
        session.execute(INSERT_JOBS, rows)
    if any(row["due_at"] <= result.now for row in rows):
        session.info[RING] = True


def _write_services(
    session: Session, result: StepResult, before: Projection, after: Projection
) -> None:
    old, new = before.tasks("service"), after.tasks("service")
    _drop_jobs(session, [_service_key(key) for key in old if key not in new])
    now = clock.utc_now()
    rows = [
        {
            "kind": SERVICE,
            "instance_id": result.instance_id,
            "task_id": key,
            "element_id": wait.element_id,
            "dedupe_key": _service_key(key),
            "due_at": now,
            "max_attempts": MAX_ATTEMPTS,
            **fresh(now),
        }
        for key, wait in new.items()
        if key not in old
    ]
    if rows:
        session.execute(INSERT_JOBS, rows)
        session.info[RING] = True


def _write_subscriptions(
    session: Session, result: StepResult, before: Projection, after: Projection
) -> None:
    old, new = set(before.messages), set(after.messages)
    gone = {wait.task_id for wait in old - new}
    if gone:
        instance = result.instance_id
        session.execute(DROP_SUBSCRIPTIONS, {"instance": instance, "tasks": sorted(gone)})
    rows = [
        {
            "instance_id": result.instance_id,
            "task_id": wait.task_id,
            "element_id": wait.element_id,
            "message": wait.message,
            "key": SIGNAL_KEY if wait.kind == "signal" else wait.key or result.key,
        }
        for wait in after.messages
        if wait not in old
    ]
    if rows:
        session.execute(INSERT_SUBSCRIPTIONS, rows)


def _drop_jobs(session: Session, keys: list[str]) -> None:
    if keys:
        session.execute(DROP_JOBS, {"keys": keys})


def _timer_key(timer: Timer) -> str:
    return f"timer:{timer.task_id.hex}:{timer.element_id}"


def _service_key(task_id: UUID) -> str:
    return f"service:{task_id.hex}"
