"""Events that watch something else run: boundary events, and the starts of event subprocesses.

One that does not interrupt fires every time. What waits keeps waiting under the id it has; each
firing is a task of its own, which pruning forgets once its path has ended. A repeating timer
hands over to a new waiting task, so that each turn has a timer row of its own.
"""

from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask

from engine.spiff.cycles import RepeatingTimer

_OPEN = TaskState.WAITING | TaskState.READY | TaskState.STARTED


class Watcher(CatchingEvent):  # type: ignore[misc]
    """What boundary events and listeners have in common."""

    interrupting: bool

    def catches(self, my_task: Any, event: Any) -> bool:
        """Tell whether a task that still waits is waiting for this."""
        return bool(my_task.state == TaskState.WAITING and super().catches(my_task, event))

    def catch(self, my_task: Any, event: Any) -> None:
        """Fire, or have a copy fire when this one goes on waiting."""
        if self.interrupting:
            super().catch(my_task, event)
            return
        copy = self._copy(my_task)
        self.event_definition.catch(copy, event)
        self._prepare(copy)
        copy._ready()  # noqa: SLF001 - the library has no public way

    def _update_hook(self, my_task: Any) -> bool:
        """Look whether it has happened; then interrupt, or arm the next turn of a timer."""
        if not super()._update_hook(my_task):
            return False
        if isinstance(self.event_definition, RepeatingTimer):
            self._arm_following(my_task)
        self._prepare(my_task)
        if self.interrupting:
            self._interrupt(my_task)
        return True

    def _arm_following(self, my_task: Any) -> None:
        top = my_task.workflow.top_workflow
        following = self.event_definition.following(my_task, top.script_engine.now)
        if following is None:
            return
        copy = self._copy(my_task)
        copy.internal_data.update(following)
        copy._set_state(TaskState.WAITING)  # noqa: SLF001
        top.armed_now.add(copy.id)
        top.event_manager.add_task(copy)

    def _copy(self, my_task: Any) -> Any:
        """Return a new task of this element beside the one that waits."""
        copy = my_task.parent._add_child(self, TaskState.FUTURE)  # noqa: SLF001
        copy.triggered = True
        copy._inherit_data()  # noqa: SLF001
        return copy

    def _prepare(self, my_task: Any) -> None:
        """Plan what follows the firing of a task; each kind of watcher says how."""
        raise NotImplementedError

    def _interrupt(self, my_task: Any) -> None:
        """End what is watched; each kind of watcher says how."""
        raise NotImplementedError


class BoundaryEvent(Watcher, defaults.BoundaryEvent):  # type: ignore[misc]
    """An event on the border of an activity."""

    @property
    def interrupting(self) -> bool:  # type: ignore[override]
        """Tell whether firing ends the activity."""
        return bool(self.cancel_activity)

    def _predict_hook(self, my_task: Any) -> None:
        """Leave out the library's join for events that do not interrupt: it holds nothing."""
        outputs = self.outputs
        if not self.interrupting:
            outputs = [item for item in outputs if not isinstance(item, BoundaryEventJoin)]
        definite = my_task.has_state(TaskState.DEFINITE_MASK)
        my_task._sync_children(outputs, TaskState.FUTURE if definite else my_task.state)  # noqa: SLF001

    def _prepare(self, my_task: Any) -> None:
        self._predict(my_task, mask=TaskState.NOT_FINISHED_MASK)

    def _interrupt(self, my_task: Any) -> None:
        """End the activity and everything else that watches it."""
        for sibling in my_task.parent.children:
            if sibling is not my_task and sibling.has_state(TaskState.NOT_FINISHED_MASK):
                watches = isinstance(sibling.task_spec, BoundaryEvent)
                if not watches or sibling.state == TaskState.WAITING:
                    sibling.cancel()


class Listener(Watcher, BpmnSpecMixin):  # type: ignore[misc]
    """Waits, as long as a process or subprocess runs, for what starts an event subprocess.

    It never keeps its scope from ending; its end join cancels it.
    """

    def __init__(self, wf_spec: Any, name: str, event_definition: Any, **options: Any) -> None:
        self.interrupting = options.pop("interrupting")
        super().__init__(wf_spec, name, event_definition=event_definition, **options)

    def _predict_hook(self, my_task: Any) -> None:
        """Plan nothing while waiting: it may never happen."""

    def _prepare(self, my_task: Any) -> None:
        my_task.data = scope_data(my_task.workflow)
        my_task._sync_children(self.outputs, TaskState.FUTURE)  # noqa: SLF001
        for child in my_task.children:
            child.task_spec._predict(child, mask=TaskState.NOT_FINISHED_MASK)  # noqa: SLF001

    def _interrupt(self, my_task: Any) -> None:
        """End everything else in the scope."""
        for task in list(my_task.workflow.tasks.values()):
            known = my_task.workflow.tasks.get(task.id) is task
            if known and task is not my_task and task.has_state(_OPEN):
                task.cancel()


def scope_data(workflow: Any) -> dict[str, Any]:
    """Return the data of all open steps of a scope; where they differ the later step wins."""
    data: dict[str, Any] = {}
    for task in workflow.tasks.values():
        if task.has_state(_OPEN) and not is_idle(task):
            data.update(task.data or (task.parent.data if task.parent else {}))
    return data or dict(workflow.task_tree.data)


def is_idle(task: Any) -> bool:
    """Tell whether a task only listens, or is the parked end of its scope."""
    return is_listening(task) or task.task_spec is task.workflow.spec.end


def is_listening(task: Any) -> bool:
    """Tell whether a task waits for what starts an event subprocess."""
    return isinstance(task.task_spec, Listener) and task.state == TaskState.WAITING


def watchers_of(task: Any) -> list[Any]:
    """Return the waiting boundary events of the activity a task belongs to."""
    parent = task.parent
    if parent is not None and isinstance(parent.task_spec, LoopTask):
        parent = parent.parent
    if parent is None or not isinstance(parent.task_spec, BoundaryEventSplit):
        return []
    return [item for item in parent.children if isinstance(item.task_spec, BoundaryEvent)]


def listeners_of(workflow: Any) -> list[Any]:
    """Return the waiting starts of the event subprocesses of a scope."""
    return [task for task in workflow.tasks.values() if is_listening(task)]
