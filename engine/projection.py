"""Rows derived from state: user tasks, timers, service jobs, subscriptions.

They are compared before and after each command; only the differences are written.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine import clock
from engine.jobs import MAX_ATTEMPTS, SERVICE, TIMER
from engine.spiff.machine import Machine, MessageWait
from engine.steps import StepResult, Timer, Waiting
from engine.store.changes import Changes, Moved, Place, Row


@dataclass(frozen=True, slots=True)
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


def note_differences(
    changes: Changes, result: StepResult, before: Projection, after: Projection
) -> bool:
    """Add to `changes` what is new and what is gone; tell whether a worker has to look at once."""
    _note_user_tasks(changes, result, before, after)
    soon = _note_timers(changes, result, before, after)
    soon = _note_services(changes, result, before, after) or soon
    _note_messages(changes, result, before, after)
    return soon


def _note_user_tasks(
    changes: Changes, result: StepResult, before: Projection, after: Projection
) -> None:
    old, new = before.tasks("user_task"), after.tasks("user_task")
    done = changes.ticked_off.task_id if changes.ticked_off is not None else None
    changes.cancelled = [key for key in old if key not in new and key != done]
    changes.tasks = [_task_row(result, wait) for key, wait in new.items() if key not in old]


def _task_row(result: StepResult, wait: Waiting) -> Row:
    return (
        wait.task_id,
        result.instance_id,
        wait.process,
        wait.element_id,
        wait.name[:200],
        wait.properties.get("formKey"),
        wait.lane,
        "ready",
        result.now,
    )


def _note_timers(
    changes: Changes, result: StepResult, before: Projection, after: Projection
) -> bool:
    old = {Place(timer.task_id, timer.element_id): timer.due_at for timer in before.timers}
    new = {Place(timer.task_id, timer.element_id): timer.due_at for timer in after.timers}
    changes.dropped_jobs += [place for place in old if place not in new]
    armed = {place: due for place, due in new.items() if place not in old}
    changes.jobs += [_job_row(TIMER, result, place, due) for place, due in armed.items()]
    changes.moved_jobs = [
        Moved(due, *place) for place, due in new.items() if place in old and old[place] != due
    ]
    return any(due <= result.now for due in armed.values())


def _note_services(
    changes: Changes, result: StepResult, before: Projection, after: Projection
) -> bool:
    old, new = before.tasks("service"), after.tasks("service")
    changes.dropped_jobs += [
        Place(key, wait.element_id) for key, wait in old.items() if key not in new
    ]
    fresh = [wait for key, wait in new.items() if key not in old]
    changes.jobs += [
        _job_row(SERVICE, result, Place(wait.task_id, wait.element_id), clock.utc_now())
        for wait in fresh
    ]
    return bool(fresh)


def _job_row(kind: str, result: StepResult, place: Place, due_at: datetime) -> Row:
    return (
        kind,
        result.instance_id,
        place.task_id,
        place.element_id,
        due_at,
        "ready",
        0,
        MAX_ATTEMPTS,
        0,
        clock.utc_now(),
    )


def _note_messages(
    changes: Changes, result: StepResult, before: Projection, after: Projection
) -> None:
    old, new = set(before.messages), set(after.messages)
    changes.dropped_waits = sorted({Place(wait.task_id, wait.element_id) for wait in old - new})
    changes.waits = [
        (
            result.instance_id,
            wait.task_id,
            wait.element_id,
            wait.message,
            subscribed_key(wait, result.key),
            wait.kind == "signal",
        )
        for wait in after.messages
        if wait not in old
    ]


def subscribed_key(wait: MessageWait, business_key: str) -> str:
    """Return the key under which a subscription is found; a signal has none."""
    return "" if wait.kind == "signal" else wait.key or business_key
