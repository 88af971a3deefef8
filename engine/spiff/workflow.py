"""The library's workflow with a step budget and flat scans in place of tree walks."""

from collections.abc import Callable
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow

MAX_STEPS = 1_000
"""Automatic steps one command may take."""
MAX_TASKS = 2_000
"""Tasks one instance may hold, those of its subprocesses included."""
MAX_STATE = 64 * 1024
"""Bytes a frozen instance may have: process data are ids and decisions, all else is in tables."""

_READY, _WAITING = TaskState.READY, TaskState.WAITING


class LimitError(RuntimeError):
    """The instance wanted more automatic steps or tasks than a command may have."""


class _FlatScan:
    """Looks at the flat list of tasks; the library walks the whole tree after every task."""

    tasks: dict[Any, Any]

    def update_waiting_tasks(self) -> None:
        """Let each waiting task look whether it may go on."""
        for task in [task for task in self.tasks.values() if task._state == _WAITING]:  # noqa: SLF001
            if task._state == _WAITING and task.id in self.tasks:  # noqa: SLF001
                task.task_spec._update(task)  # noqa: SLF001


class SubWorkflow(_FlatScan, BpmnSubWorkflow):  # type: ignore[misc]
    """A called process or embedded subprocess of a running instance."""


class Workflow(_FlatScan, BpmnWorkflow):  # type: ignore[misc]
    """One running instance; belongs to one thread and one transaction."""

    on_completed: Callable[[Any], None] | None = None
    """Told about each task that was run automatically."""

    def create_subprocess(self, my_task: Any, spec_name: str) -> SubWorkflow:
        """Start a subprocess of our own class. Raises LimitError."""
        owners = (self, *self.subprocesses.values())
        if sum(len(owner.tasks) for owner in owners) > MAX_TASKS:
            message = f"more than {MAX_TASKS} tasks in one instance"
            raise LimitError(message)
        spec = self.subprocess_specs[spec_name]
        subprocess = self.subprocesses[my_task.id] = SubWorkflow(spec, my_task.id, self)
        return subprocess

    def do_engine_steps(self, *_: Any, **__: Any) -> None:
        """Run everything that needs no person and no event, within the limits.

        Raises LimitError; the instance is then half advanced and must be thrown away.
        """
        budget = _Budget(self)
        progress = True
        while progress:
            progress = False
            for subprocess in self._open_subprocesses():
                while budget.run_ready(subprocess):
                    progress = True
                parent = self.get_task_from_id(subprocess.parent_task_id)
                parent.task_spec._update(parent)  # noqa: SLF001 - as the library does
            progress = budget.run_ready(self) > 0 or progress
            if not progress:  # a timer that is due now must not be left half fired
                self.refresh_timers()
                progress = self._has_ready()

    def _has_ready(self) -> bool:
        """Tell whether any automatic task could run."""
        owners = [self, *self._open_subprocesses()]
        return any(
            task._state == _READY and not task.task_spec.manual  # noqa: SLF001
            for owner in owners
            for task in owner.tasks.values()
        )

    def _open_subprocesses(self) -> list[Any]:
        """Return unfinished subprocesses, the innermost first."""
        running = [item for item in self.subprocesses.values() if not item.completed]
        return sorted(running, key=lambda item: -item.depth)


class _Budget:
    """Counts the steps of one command."""

    def __init__(self, top: Workflow) -> None:
        self.top, self.left = top, MAX_STEPS

    def run_ready(self, workflow: Any) -> int:
        """Run each ready automatic task once and return how many there were."""
        count = 0
        for task in [item for item in workflow.tasks.values() if item._state == _READY]:  # noqa: SLF001
            if task.task_spec.manual or task._state != _READY:  # noqa: SLF001
                continue
            self._spend(workflow)
            task.run()
            count += 1
            if self.top.on_completed is not None:
                self.top.on_completed(task)
        return count

    def _spend(self, workflow: Any) -> None:
        self.left -= 1
        if self.left < 0:
            message = f"more than {MAX_STEPS} automatic steps in one go: an endless loop"
            raise LimitError(message)
        if len(workflow.tasks) > MAX_TASKS:
            message = f"more than {MAX_TASKS} tasks in one instance"
            raise LimitError(message)
