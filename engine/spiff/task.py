"""The library's task without its log: composing a line nobody reads took a tenth of a command."""

from time import time
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.task import Task as LibraryTask
from SpiffWorkflow.util.deep_merge import DeepMerge


class Task(LibraryTask):  # type: ignore[misc]
    """A token or a planned one; its children are of the same kind."""

    _state: int

    def _add_child(self, task_spec: Any, state: int = TaskState.MAYBE) -> "Task":
        """Add a child as the library does. Raises WorkflowException."""
        if self._state & TaskState.PREDICTED_MASK and not state & TaskState.PREDICTED_MASK:
            message = "a planned task cannot have a child that is certain"
            raise WorkflowException(message, task_spec=self.task_spec)
        child = Task(self.workflow, task_spec, self, state=state)
        child.thread_id = self.thread_id
        if state == TaskState.READY:
            child._ready()
        return child

    def _set_state(self, value: int) -> None:
        """Change the state and note when."""
        if value != self._state:
            self.last_state_change = time()
            self._state = value

    def _inherit_data(self) -> None:
        """Take over the parent's data; lists and records are copied one level deep."""
        data = self.parent.data
        if self.data:
            DeepMerge.merge(self.data, data)
        else:
            self.data.update(copied(data))


def copied(data: dict[str, Any]) -> dict[str, Any]:
    """Copy one level deep: branches must not share lists and dicts."""
    return {k: (v.copy() if v.__class__ in (dict, list) else v) for k, v in data.items()}


def adopt(workflow: Any) -> None:
    """Make every task of a new workflow one of ours; the library made them itself."""
    for task in workflow.tasks.values():
        task.__class__ = Task
