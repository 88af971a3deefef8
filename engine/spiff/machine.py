"""One instance in memory: thaw, do one thing, look at what it waits for, freeze.

Any exception leaves it half advanced: throw it away and roll back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition as AnyMessage
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.spiff.specs.event_definitions import MessageEventDefinition

from engine.errors import NotWaitingError
from engine.spiff.codec import freeze, thaw
from engine.spiff.elements import Element
from engine.spiff.parser import Bundle
from engine.spiff.prune import prune
from engine.spiff.script import ScriptEngine
from engine.spiff.service_task import OperationTask
from engine.spiff.timers import armed
from engine.spiff.workflow import MAX_STATE, LimitError, Workflow
from engine.steps import ElementEvent, Timer, Waiting


@dataclass(frozen=True)
class MessageWait:
    """A message that a task of the instance waits for."""

    task_id: UUID
    element_id: str
    message: str


class Machine:
    """An instance of a bundle within one command."""

    def __init__(self, bundle: Bundle, workflow: Workflow) -> None:
        self.bundle = bundle
        self._workflow = workflow
        self.events: list[ElementEvent] = []
        self.thrown: list[tuple[str, dict[str, Any]]] = []
        """Messages that nobody inside the instance caught: (name, payload)."""
        self._waited: frozenset[UUID] = frozenset()
        workflow.on_completed = self._note_completed

    @classmethod
    def new(cls, bundle: Bundle, script_engine: ScriptEngine, data: Mapping[str, Any]) -> "Machine":
        """Start an instance and run it to its first wait states."""
        workflow = Workflow(bundle.spec, bundle.subprocesses, script_engine)
        machine = cls(bundle, workflow)
        for task in workflow.get_tasks(state=TaskState.READY):
            task.data.update(data)
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
        state = freeze(self._workflow)
        if len(state) > MAX_STATE:
            message = (
                f"the process data have grown to {len(state)} bytes; at most {MAX_STATE} are"
                " allowed: keep ids and decisions in them, and everything else in tables"
            )
            raise LimitError(message)
        return state

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

    def send(self, message: str, payload: Mapping[str, Any]) -> None:
        """Deliver a message to whatever waits for it. Raises NotWaitingError."""
        event = BpmnEvent(MessageEventDefinition(message), payload=dict(payload))
        if self._workflow.event_manager.catch(event, internal=False) == 0:
            raise NotWaitingError
        self._advance()

    def fire_due(self) -> None:
        """Let every timer that is due by the clock of this command fire."""
        self._workflow.refresh_timers()
        self._advance()

    def waiting(self) -> list[Waiting]:
        """Return every place where the instance waits, in order of arrival."""
        return [wait for task in self._tasks() if (wait := self._wait(task))]

    def timers(self) -> list[Timer]:
        """Return every armed timer, earliest first."""
        found = [
            Timer(task.id, name, due, self.bundle.child(task, name).properties)
            for task in self._workflow.event_manager.tasks.values()
            for name, due in armed(task)
        ]
        return sorted(found, key=lambda timer: timer.due_at)

    def messages(self) -> list[MessageWait]:
        """Return every message the instance waits for."""
        return [
            MessageWait(task.id, element_id, definition.name)
            for task in self._workflow.event_manager.tasks.values()
            for element_id, definition in _definitions(task.task_spec)
            if isinstance(definition, AnyMessage)
        ]

    def _advance(self) -> None:
        self._workflow.do_engine_steps()
        for event in self._workflow.get_events():
            if isinstance(event.event_definition, AnyMessage):
                self.thrown.append((event.event_definition.name, dict(event.payload or {})))

    def _tasks(self) -> Iterator[Any]:
        yield from self._workflow.tasks.values()
        for subprocess in self._workflow.subprocesses.values():
            if not subprocess.completed:
                yield from subprocess.tasks.values()

    def _task(self, task_id: UUID) -> Any:
        for task in self._tasks():
            if task.id == task_id:
                return task
        raise NotWaitingError

    def _wait(self, task: Any) -> Waiting | None:
        kind = _kind_of_wait(task)
        element = self.bundle.element(task) if kind else None
        if kind is None or element is None:
            return None
        return Waiting(
            task.id,
            element.id,
            element.process,
            kind,
            element.name,
            element.lane,
            element.properties,
        )

    def _note_completed(self, task: Any) -> None:
        element = self.bundle.element(task)
        if element is None:
            return
        if task.id not in self._waited:
            self.events.append(event_at(element, "entered"))
        self.events.append(event_at(element, "completed"))


def event_at(element: Element, state: Literal["entered", "completed"]) -> ElementEvent:
    """Return the event of a token that comes to an element or leaves it."""
    return ElementEvent(
        element.id, element.process, element.name, element.kind, state, element.properties
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


def _definitions(task_spec: Any) -> list[tuple[str, Any]]:
    """Return (element id, event definition) of everything a catching task waits for."""
    definition = task_spec.event_definition
    if isinstance(definition, MultipleEventDefinition) and task_spec.outputs:
        behind = [output.bpmn_id for output in task_spec.outputs]
        if len(behind) == len(definition.event_definitions):
            return list(zip(behind, definition.event_definitions, strict=True))
    if isinstance(definition, MultipleEventDefinition):
        return [(task_spec.bpmn_id, item) for item in definition.event_definitions]
    return [(task_spec.bpmn_id, definition)]
