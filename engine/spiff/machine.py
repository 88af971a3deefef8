"""One instance in memory: thaw, do one thing, look at what it waits for, freeze.

Any exception leaves it half advanced: throw it away and roll back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask

from engine.errors import BpmnError, NotWaitingError
from engine.history import Stay
from engine.spiff.codec import freeze, thaw
from engine.spiff.elements import Element
from engine.spiff.events import Occurrence, Sendable, Thrown, Trigger, UncaughtError
from engine.spiff.parser import Bundle
from engine.spiff.prune import prune
from engine.spiff.script import ScriptEngine
from engine.spiff.service_task import OperationTask
from engine.spiff.timers import FirstOf, armed
from engine.spiff.workflow import Workflow
from engine.steps import ElementEvent, Timer, Waiting


@dataclass(frozen=True)
class MessageWait:
    """A message or signal that a task of the instance waits for."""

    task_id: UUID
    element_id: str
    message: str
    """Its name."""
    kind: Sendable = "message"
    key: str = ""
    """Correlation key of the element; empty when the business key of the instance counts."""


class Machine:
    """An instance of a bundle within one command."""

    def __init__(self, bundle: Bundle, workflow: Workflow) -> None:
        self.bundle = bundle
        self._workflow = workflow
        self.events: list[ElementEvent] = []
        self._waited: frozenset[UUID] = frozenset()
        self._waits: list[Waiting] | None = None
        workflow.on_completed = self._note_completed

    @property
    def thrown(self) -> list[Thrown]:
        """Return messages that nobody inside caught, and every signal, of this command."""
        return self._workflow.thrown

    @classmethod
    def new(
        cls,
        bundle: Bundle,
        script_engine: ScriptEngine,
        data: Mapping[str, Any],
        *,
        message: str | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> "Machine":
        """Start an instance and run it to its first wait states.

        With `message` it starts at the start event for that message and hands it the payload,
        otherwise at its plain one. Raises NotWaitingError when the process has no such start.
        """
        workflow = Workflow(bundle.spec, bundle.subprocesses, script_engine, entry=message)
        machine = cls(bundle, workflow)
        for task in workflow.get_tasks(state=TaskState.READY):
            task.data.update(data)
        if message is not None:
            workflow.begin(Occurrence("message", message, payload))
        machine._advance()
        return machine

    @classmethod
    def thawed(cls, bundle: Bundle, script_engine: ScriptEngine, raw: bytes) -> "Machine":
        """Continue an instance from its frozen state."""
        machine = cls(bundle, thaw(raw, bundle, script_engine))
        machine._waited = frozenset(wait.task_id for wait in machine.waiting())
        return machine

    def frozen(self) -> bytes:
        """Return the pruned state for storing; empty once the instance has ended.

        Raises LimitError when it is too large to be kept.
        """
        if self.completed:
            return b""
        prune(self._workflow)
        return freeze(self._workflow)

    @property
    def completed(self) -> bool:
        """Tell whether the instance has reached its end."""
        return bool(self._workflow.completed)

    def task_data(self, task_id: UUID) -> dict[str, Any]:
        """Return the process data a task sees."""
        data: dict[str, Any] = self._task(task_id).data
        return data

    def service(self, task_id: UUID) -> tuple[str, dict[str, Any]]:
        """Return operation name and parameters of a service task that waits for its job."""
        task = self._task(task_id)
        return task.task_spec.operation_name, task.task_spec.parameters(task)

    def complete(self, task_id: UUID, facts: Mapping[str, Any]) -> None:
        """Complete a user task or a started service task with routing facts."""
        task = self._task(task_id)
        task.data.update(facts)
        if task.state == TaskState.READY and task.task_spec.manual:
            task.run()
        elif task.state == TaskState.STARTED and isinstance(task.task_spec, OperationTask):
            task.complete()
        else:
            raise NotWaitingError
        self._note_completed(task)
        self._advance()

    def fail(self, task_id: UUID, error: BpmnError) -> None:
        """Raise a BPMN error at a user task or a started service task, in place of its end.

        Raises UncaughtError when no boundary event and no event subprocess catches it.
        """
        task = self._task(task_id)
        if not self._workflow.raise_up(task, Occurrence("error", error.code, error.payload)):
            raise UncaughtError(error.code, task.task_spec.bpmn_id) from error
        self._advance()

    def send(
        self, name: str, payload: Mapping[str, Any], *, kind: Sendable = "message", key: str = ""
    ) -> None:
        """Deliver a message or signal to whatever waits for it. Raises NotWaitingError.

        A message reaches those that wait with this correlation key; an empty one reaches those
        without a key of their own. A signal reaches all that wait for it.
        """
        if self._workflow.deliver(Occurrence(kind, name, payload, key)) == 0:
            raise NotWaitingError
        self._advance()

    def fire_due(self) -> None:
        """Let every timer that is due by the clock of this command fire."""
        self._workflow.refresh_timers()
        self._advance()

    def waiting(self) -> list[Waiting]:
        """Return every place where the instance waits, in order of arrival."""
        if self._waits is None:
            self._waits = [wait for task in self._tasks() if (wait := self._wait(task))]
        return self._waits

    def timers(self) -> list[Timer]:
        """Return every armed timer, earliest first."""
        found = [
            Timer(task.id.uuid, name, due, self.bundle.child(task, name).properties)
            for task in self._workflow.event_manager.tasks.values()
            for name, due in armed(task)
        ]
        return sorted(found, key=lambda timer: timer.due_at)

    def messages(self) -> list[MessageWait]:
        """Return every message and signal the instance waits for. Raises CorrelationKeyError."""
        return [
            MessageWait(task.id.uuid, item.element_id, item.name, item.kind, item.key(task))
            for task in self._workflow.event_manager.tasks.values()
            for item in _triggers(task.task_spec.event_definition)
            if item.kind in ("message", "signal")
        ]

    def calls(self) -> list[Stay]:
        """Return every call activity and subprocess that has begun and not ended."""
        found = []
        for task_id, called in self._workflow.subprocesses.items():
            task = self._workflow.get_task_from_id(task_id)
            element = self.bundle.element(task) if task.state == TaskState.STARTED else None
            if element is not None and not called.completed:
                found.append(Stay(task_id.uuid, element.process, element.id, called.spec.name))
        return found

    def _advance(self) -> None:
        self._workflow.do_engine_steps()
        self._waits = None
        self.messages()  # a key that cannot be had is an error of the step that came here

    def _scopes(self) -> list[Any]:
        """Return the instance itself and every subprocess of it that has not ended."""
        begun = self._workflow.subprocesses.values()
        return [self._workflow, *(subprocess for subprocess in begun if not subprocess.completed)]

    def _tasks(self) -> Iterator[Any]:
        for scope in self._scopes():
            yield from scope.tasks.values()

    def _task(self, task_id: UUID) -> Any:
        wanted = task_id.int
        for scope in self._scopes():
            if wanted in scope.tasks:
                return scope.tasks[wanted]
        raise NotWaitingError

    def _wait(self, task: Any) -> Waiting | None:
        kind = _kind_of_wait(task)
        element = self.bundle.element(task) if kind else None
        if kind is None or element is None:
            return None
        return Waiting(
            task.id.uuid,
            element.id,
            element.process,
            kind,
            element.name,
            element.lane,
            element.properties,
        )

    def _note_completed(self, task: Any) -> None:
        element = self.bundle.element(task)
        if element is None or isinstance(task.task_spec, LoopTask):
            return  # of what repeats, each turn is told, not the whole
        task_id = task.id.uuid
        if task_id not in self._waited:
            self.events.append(event_at(element, "entered", task_id))
        self.events.append(event_at(element, "completed", task_id))


def event_at(
    element: Element, state: Literal["entered", "completed"], task_id: UUID
) -> ElementEvent:
    """Return the event of a token that comes to an element or leaves it."""
    return ElementEvent(
        element.id, element.process, element.name, element.kind, state, element.properties, task_id
    )


def _kind_of_wait(task: Any) -> Any:
    """Return how a task waits: `user_task`, `event`, `service`, or None when it does not."""
    state, spec = task._state, task.task_spec  # noqa: SLF001 - hot path
    if state == TaskState.READY and spec.manual:
        return "user_task"
    if state == TaskState.STARTED and isinstance(spec, OperationTask):
        return "service"
    if state == TaskState.WAITING and task.id in task.workflow.top_workflow.event_manager.tasks:
        return "event"
    return None


def _triggers(definition: Any) -> list[Trigger]:
    """Return what a catching task waits for, apart from timers."""
    several = definition.event_definitions if isinstance(definition, FirstOf) else [definition]
    return [item for item in several if isinstance(item, Trigger)]
