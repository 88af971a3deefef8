"""One command on one instance: what it changes is found by comparing before and after."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.orm import Session

from engine import clock
from engine.definitions import Definition
from engine.errors import AppError, InvalidInputError, StepFailedError
from engine.projection import Projection, write_differences
from engine.registry import Call, Operations
from engine.spiff.elements import Element
from engine.spiff.machine import Machine, event_at
from engine.spiff.script import ScriptEngine
from engine.steps import ElementEvent, StepResult
from engine.storage import write_history, write_instance

Listener = Callable[[Session, StepResult], None]
"""Told about every command in its transaction, before it is committed."""

_NOTHING = Projection([], [], [])


class Command:
    """One change of one instance inside the caller's transaction."""

    def __init__(
        self,
        session: Session,
        definition: Definition,
        operations: Operations,
        *,
        instance_id: UUID,
        key: str,
        actor: str,
    ) -> None:
        self.session, self.definition, self._operations = session, definition, operations
        self.instance_id, self.key, self.actor = instance_id, key, actor
        self.now = clock.business_now(session)
        self.afterwards: list[Callable[[StepResult], None]] = []
        self.deferred: list[tuple[str, dict[str, Any]]] = []
        """Messages an operation sent to this same instance; delivered after the command."""
        self.cause, self.element_id, self.note = "", "", ""
        self.revision, self.started_at = 0, self.now
        self._before = _NOTHING
        self._script = ScriptEngine(self.now, self._call_service)
        self._machine: Machine
        self._status: Literal["running", "completed", "cancelled"] = "running"
        self._ticked_off: UUID | None = None

    @property
    def thrown(self) -> list[tuple[str, dict[str, Any]]]:
        """Return messages the process sent that nobody inside it caught."""
        return self._machine.thrown

    def begin(self, data: Mapping[str, Any]) -> None:
        """Start the instance and run to its first wait states."""
        self.cause = "start"
        self._machine = self._guard(lambda: Machine.new(self.definition.bundle, self._script, data))

    def thaw(self, state: bytes, revision: int, started_at: datetime) -> None:
        """Continue from the stored state."""
        self.revision, self.started_at = revision, started_at
        self._machine = Machine.thawed(self.definition.bundle, self._script, state)
        self._before = Projection.of(self._machine)

    def complete(self, task_id: UUID, form: Mapping[str, Any]) -> None:
        """Hand the form to the task's operation, then complete the task with its facts."""
        element = self._waiting_element(task_id)
        self.cause, self.element_id, self._ticked_off = "task", element.id, task_id
        name = element.properties.get("operation")
        data = self._machine.task_data(task_id)
        facts = self._operate(element, name, data, form) if name else dict(form)
        self._guard(lambda: self._machine.complete(task_id, facts))

    def run_service(self, task_id: UUID) -> None:
        """Run the operation of a waiting service task, then complete it with its facts."""
        element = self._waiting_element(task_id)
        self.cause, self.element_id = "service", element.id
        name, parameters = self._machine.service(task_id)
        facts = self._operate(element, name, self._machine.task_data(task_id), parameters)
        self._guard(lambda: self._machine.complete(task_id, facts))

    def send(self, message: str, payload: Mapping[str, Any]) -> None:
        """Deliver a message. Raises NotWaitingError."""
        self.cause, self.note = "message", message
        self._guard(lambda: self._machine.send(message, payload))

    def fire_due(self) -> None:
        """Fire what is due at this command's business time."""
        self.cause = "timer"
        self._guard(self._machine.fire_due)

    def cancel(self, reason: str) -> None:
        """End the instance without running it any further."""
        self.cause, self.note, self._status = "cancel", reason, "cancelled"

    def write(self) -> StepResult:
        """Write the instance, its differences and one row of history; return what happened."""
        if self._status == "running" and self._machine.completed:
            self._status = "completed"
        after = Projection.of(self._machine) if self._status == "running" else _NOTHING
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
            elements=[*self._machine.events, *map(self._entered, entered)],
        )
        state = self._guard(self._machine.frozen) if self._status == "running" else b""
        write_instance(self, result, state)
        write_differences(self.session, result, self._before, after, self._ticked_off)
        write_history(self, result)
        return result

    def _entered(self, wait: Any) -> ElementEvent:
        return event_at(self.definition.by_id[(wait.process, wait.element_id)], "entered")

    def _waiting_element(self, task_id: UUID) -> Element:
        for wait in self._before.waiting:
            if wait.task_id == task_id:
                return self.definition.by_id[(wait.process, wait.element_id)]
        raise StepFailedError(self.instance_id)

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
        except AppError:
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
        except AppError:
            raise
        except Exception as error:
            raise StepFailedError(self.instance_id, self.element_id or None) from error


def _problems(error: ValidationError) -> dict[str, list[str]]:
    return {str(item["loc"][0]) if item["loc"] else "": [item["msg"]] for item in error.errors()}
