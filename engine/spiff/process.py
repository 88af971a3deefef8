"""A process as the engine runs it: how it starts, and when it has ended."""

from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask, SimpleBpmnTask, _EndJoin
from SpiffWorkflow.bpmn.specs.mixins.events.start_event import StartEvent

from engine.errors import NotWaitingError
from engine.spiff.events import Trigger
from engine.spiff.watchers import Listener, is_idle, listeners_of

_PLANNED = TaskState.FUTURE | TaskState.PREDICTED_MASK
_ARRIVED = TaskState.WAITING | TaskState.CANCELLED


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """The library's process with a start that chooses and an end that ends."""

    start: Any
    end: Any

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        for name in (self.start.name, self.end.name, "End"):
            del self.task_specs[name]
        self.start = Start(self, "Start")
        self.end = EndJoin(self, f"{self.name}.EndJoin")
        self.end.connect(SimpleBpmnTask(self, "End"))

    def entry(self, message: str | None) -> StartEvent | None:
        """Return the start event for a message, or the plain one for None; None if not drawn."""
        found = zip(self.entries, self.bpmn_start_events, strict=True)
        return next((event for name, event in found if name == message), None)

    @property
    def entries(self) -> list[str | None]:
        """Return the ways in: None for the plain start, else the name of a message."""
        definitions = [event.event_definition for event in self.bpmn_start_events]
        return [each.name if isinstance(each, Trigger) else None for each in definitions]


class Start(BpmnStartTask):  # type: ignore[misc]
    """Begins at one start event, and lets every event subprocess listen."""

    def _predict_hook(self, my_task: Any) -> None:
        entry = my_task.workflow.spec.entry(my_task.workflow.entry)
        if entry is None:
            raise NotWaitingError
        listeners = [item for item in self.outputs if isinstance(item, Listener)]
        my_task._sync_children([entry, *listeners], TaskState.FUTURE)  # noqa: SLF001


class EndJoin(_EndJoin):  # type: ignore[misc]
    """Fires when nothing but listeners is left, and takes the listeners with it.

    Every token that arrives leaves its data in the scope at once, whole values, the later one
    wins: so a parked or forgotten end loses nothing.
    """

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        return not any(
            task.has_state(TaskState.NOT_FINISHED_MASK)
            and not is_idle(task)
            and task.parent.task_spec is not self
            for task in my_task.workflow.tasks.values()
            if task is not my_task and task.parent is not None
        )

    def _update_hook(self, my_task: Any) -> bool:
        if my_task.has_state(_PLANNED):
            self._collect(my_task)
        if not super()._update_hook(my_task):
            return False
        for listener in listeners_of(my_task.workflow):
            listener.cancel()
        return True

    def _collect(self, my_task: Any) -> None:
        """Keep what a token brings; also what earlier ones left in a state of an older version."""
        data = my_task.workflow.data
        for task in my_task.workflow.tasks.values():
            if task.task_spec is self and task is not my_task and task.has_state(_ARRIVED):
                data.update({k: v for k, v in task.parent.data.items() if k not in data})
        data.update(my_task.parent.data)

    def _run_hook(self, my_task: Any) -> bool:
        my_task.data = dict(my_task.workflow.data)
        return True
