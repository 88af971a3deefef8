"""The library's task with ids that hash at once, and without its log.

Composing log lines nobody reads took a tenth of a command, hashing UUIDs in Python another.
"""

from os import urandom
from time import time
from typing import Any, Self
from uuid import UUID

from SpiffWorkflow import TaskState
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.task import Task as LibraryTask
from SpiffWorkflow.util.deep_merge import DeepMerge


class TaskId(int):
    """The id of a task inside the engine: a UUID's 128 bits as a number."""

    __slots__ = ()

    @classmethod
    def new(cls) -> Self:
        """Return a random one."""
        return cls.from_bytes(urandom(16), "big")

    @property
    def bytes(self) -> bytes:
        """Return its sixteen bytes."""
        return self.to_bytes(16, "big")

    @property
    def uuid(self) -> UUID:
        """Return it as the rest of the product knows it."""
        return UUID(int=self)

    def __str__(self) -> str:
        return str(self.uuid)


class Task(LibraryTask):  # type: ignore[misc]
    """A token or a planned one; its children are of the same kind."""

    _state: int

    def __init__(
        self,
        workflow: Any,
        task_spec: Any,
        parent: Any = None,
        state: int = TaskState.MAYBE,
        id: TaskId | None = None,  # noqa: A002 - the library's name
    ) -> None:
        super().__init__(workflow, task_spec, parent, state, id or TaskId.new())

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


def plant(workflow: Any) -> None:
    """Give a bare workflow its first task and plan ahead from it, as the library does."""
    root = workflow.task_tree = Task(workflow, workflow.spec.start, state=TaskState.FUTURE)
    root.task_spec._predict(root, mask=TaskState.NOT_FINISHED_MASK)  # noqa: SLF001
    root._ready()  # noqa: SLF001
