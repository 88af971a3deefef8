"""One command on one instance: what it changes is found by comparing before and after."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine import clock
from engine.db import RING
from engine.definitions import Definition
from engine.errors import (
    AppError,
    BpmnError,
    InvalidInputError,
    NotWaitingError,
    StepFailedError,
)
from engine.history import Mark, Stay, marks, stays
from engine.projection import Projection, note_differences
from engine.registry import Call, Operations
from engine.rows import history_row, instance_row
from engine.spiff.elements import Element
from engine.spiff.events import Sendable, Thrown
from engine.spiff.machine import Machine, event_at
from engine.spiff.script import ScriptEngine
from engine.steps import ElementEvent, StepResult
from engine.store import Changes, Store
from engine.store.changes import TickOff

Listener = Callable[[Session, StepResult], None]
"""Told about every command in its transaction, before it is committed."""

_NOTHING = Projection([], [], [])


@dataclass
class Deferred:
    """A message for an instance that is busy with a command; delivered after it."""

    item: Thrown
    number: int | None
    """Its number among the kept messages as long as nobody has it."""


class Command:
    """One change of one instance inside the caller's transaction."""

    def __init__(
        self,
        store: Store,
        definition: Definition,
        operations: Operations,
        *,
        instance_id: UUID,
        key: str,
        actor: str,
    ) -> None:
        self.store, self.session = store, store.session
        self.definition, self._operations = definition, operations
        self.instance_id, self.key, self.actor = instance_id, key, actor
        self.now = clock.business_now(self.session)
        self.afterwards: list[Callable[[StepResult], None]] = []
        self.deferred: list[Deferred] = []
        """Messages an operation sent to this same instance; delivered after the command."""
        self.cause, self.element_id, self.note = "", "", ""
        self.revision, self.started_at = 0, self.now
        self._before = _NOTHING
        self._stays: list[Stay] = []
        self._script = ScriptEngine(self.now, self._call_service)
        self._machine: Machine
        self._status: Literal["running", "completed", "cancelled"] = "running"
        self._ticked_off: TickOff | None = None

    @property
    def thrown(self) -> list[Thrown]:
        """Return messages the process sent that nobody inside it caught, and its signals."""
        return [] if self._status == "cancelled" else self._machine.thrown

    def begin(self, data: Mapping[str, Any], message: str | None = None) -> None:
        """Start the instance and run to its first wait states.

        With `message` it begins at the start event for that message, `data` is what came along.
        Raises NotWaitingError when the process has no such start.
        """
        self.cause, self.note, bundle = "start", message or "", self.definition.bundle
        if message is None:
            make = partial(Machine.new, bundle, self._script, data)
        else:
            make = partial(Machine.new, bundle, self._script, {}, message=message, payload=data)
        self._machine = self._guard(make)

    def thaw(self, state: bytes, revision: int, started_at: datetime) -> None:
        """Continue from the stored state."""
        self.revision, self.started_at = revision, started_at
        self._machine = Machine.thawed(self.definition.bundle, self._script, state)
        self._before = Projection.of(self._machine)
        self._stays = stays(self._before.waiting, self._machine.calls())

    def complete(self, task_id: UUID, form: Mapping[str, Any]) -> None:
        """Hand the form to the task's operation, then complete the task with its facts.

        Raises NotWaitingError when the instance does not wait at this task.
        """
        element = self._waiting_element(task_id)
        self.cause, self.element_id = "task", element.id
        self._ticked_off = TickOff(task_id, self.actor, self.now)
        name = element.properties.get("operation")
        data = self._machine.task_data(task_id)
        self._finish(
            task_id, lambda: self._operate(element, name, data, form) if name else dict(form)
        )

    def run_service(self, task_id: UUID) -> None:
        """Run the operation of a waiting service task, then complete it with its facts."""
        element = self._waiting_element(task_id)
        self.cause, self.element_id = "service", element.id
        name, parameters = self._machine.service(task_id)
        data = self._machine.task_data(task_id)
        self._finish(task_id, lambda: self._operate(element, name, data, parameters))

    def _finish(self, task_id: UUID, work: Callable[[], dict[str, Any]]) -> None:
        """Complete a task with the facts of its work, or let the diagram catch its error."""
        try:
            facts = work()
        except BpmnError as error:
            raised = error
            self._guard(lambda: self._machine.fail(task_id, raised))
        else:
            self._guard(lambda: self._machine.complete(task_id, facts))

    def send(
        self, name: str, payload: Mapping[str, Any], *, kind: Sendable = "message", key: str = ""
    ) -> None:
        """Deliver a message with this key, or a signal. Raises NotWaitingError.

        The business key of the instance reaches those that wait without a key of their own.
        """
        self.cause, self.note = "message", name
        own = "" if key == self.key else key
        try:
            self._guard(lambda: self._machine.send(name, payload, kind=kind, key=own))
        except NotWaitingError:
            if own == key:
                raise
            self._guard(lambda: self._machine.send(name, payload, kind=kind, key=key))

    def fire_due(self) -> None:
        """Fire what is due at this command's business time."""
        self.cause = "timer"
        self._guard(self._machine.fire_due)

    def cancel(self, revision: int, waits: Projection, reason: str) -> None:
        """End the instance without running it any further, be its state readable or not.

        `waits` is all it waits for.
        """
        self.revision, self._before = revision, waits
        self.cause, self.note, self._status = "cancel", reason, "cancelled"

    def outcome(self) -> tuple[StepResult, Changes]:
        """Return what happened, and what is to be written of it: one row of history in it."""
        if self._status == "running" and self._machine.completed:
            self._status = "completed"
        after = Projection.of(self._machine) if self._status == "running" else _NOTHING
        events = [] if self._status == "cancelled" else self._machine.events
        known = {wait.task_id for wait in self._before.waiting}
        entered = [wait for wait in after.waiting if wait.task_id not in known]
        result = StepResult(
            instance_id=self.instance_id,
            process=self.definition.process,
            key=self.key,
            status=self._status,
            now=self.now,
            entered=entered,
            waiting=after.waiting,
            timers=after.timers,
            elements=[*events, *map(self._entered, entered)],
        )
        state = self._guard(self._machine.frozen) if self._status == "running" else b""
        changes = Changes(
            instance_id=self.instance_id,
            started=self.cause == "start",
            instance=instance_row(self, result, state),
            history=history_row(self, result, self._steps(result)),
            now=self.now,
            ticked_off=self._ticked_off,
        )
        if note_differences(changes, result, self._before, after):
            self.session.info[RING] = True
        return result, changes

    def _steps(self, result: StepResult) -> list[Mark]:
        """Return the steps for history; a cancelled instance ends every visit, without a mark."""
        if result.status == "cancelled":
            return []
        calls = self._machine.calls() if result.status == "running" else []
        return marks(self._machine.events, self._stays, stays(result.waiting, calls))

    def still_waits(self, task_id: UUID | None, element_id: str | None) -> bool:
        """Tell whether a timer that was armed before the command is armed after it."""
        return any(
            (timer.task_id, timer.element_id) == (task_id, element_id)
            for timer in self._machine.timers()
        )

    def _entered(self, wait: Any) -> ElementEvent:
        element = self.definition.by_id[(wait.process, wait.element_id)]
        return event_at(element, "entered", wait.task_id)

    def _waiting_element(self, task_id: UUID) -> Element:
        for wait in self._before.waiting:
            if wait.task_id == task_id:
                return self.definition.by_id[(wait.process, wait.element_id)]
        raise NotWaitingError

    def _call_service(self, task: Any, name: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Run the operation of a service task that the engine has come to."""
        element = self.definition.bundle.element(task)
        if element is None:
            raise StepFailedError(self.instance_id, None, name)
        return self._operate(element, name, task.data, parameters)

    def _operate(
        self, element: Element, name: str, data: Mapping[str, Any], given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Run an operation for an element and return its facts.

        A form that does not fit the operation's model raises InvalidInputError; an AppError
        passes; anything else becomes StepFailedError with the real error as its cause.
        """
        call = Call(
            session=self.session,
            instance_id=self.instance_id,
            process=element.process,
            key=self.key,
            element_id=element.id,
            element_name=element.name,
            properties=element.properties,
            actor=self.actor,
            now=self.now,
            data=data,
            afterwards=self.afterwards,
        )
        try:
            return self._operations.run(name, call, given)
        except (AppError, BpmnError, OperationalError):  # a database that left is no failed step
            raise
        except ValidationError as error:
            if element.kind == "userTask":
                raise InvalidInputError(_problems(error)) from error
            raise StepFailedError(self.instance_id, element.id, name) from error
        except Exception as error:  # whatever our own code raises: named, never swallowed
            raise StepFailedError(self.instance_id, element.id, name) from error

    def _guard(self, action: Callable[[], Any]) -> Any:
        """Turn whatever the engine or an operation raises into one error that names the place.

        What a person did wrong passes through as it is.
        """
        try:
            return action()
        except (AppError, OperationalError):  # a database that went away is no failed step
            raise
        except Exception as error:
            raise StepFailedError(self.instance_id, self.element_id or None) from error


def _problems(error: ValidationError) -> dict[str, list[str]]:
    return {str(item["loc"][0]) if item["loc"] else "": [item["msg"]] for item in error.errors()}
