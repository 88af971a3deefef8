"""The library's workflow with a step budget and flat scans in place of tree walks."""

from collections.abc import Callable
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow

from engine.spiff.events import Occurrence, Thrown, UncaughtError
from engine.spiff.task import plant
from engine.spiff.timers import DueTimer, FirstOf, armed
from engine.spiff.watchers import listeners_of, watchers_of

MAX_STEPS = 1_000
"""Automatic steps one command may take."""
MAX_TASKS = 2_000
"""Tasks one instance may hold, those of its subprocesses included."""
MAX_STORED = 64 * 1024
"""Bytes a frozen instance may have: process data are ids and decisions, all else is in tables."""
MAX_STATE = 256 * 1024
"""The same before it is compressed, which would hide almost anything."""

_READY, _WAITING = TaskState.READY, TaskState.WAITING
_GOES_ON = TaskState.NOT_FINISHED_MASK


class LimitError(RuntimeError):
    """The instance wanted more steps, tasks, data or messages than one may have."""


class _Scope:
    """What the whole instance and each of its subprocesses have in common."""

    tasks: dict[Any, Any]

    def __init__(self, *arguments: Any, deserializing: bool = False, **options: Any) -> None:
        super().__init__(*arguments, deserializing=True, **options)  # type: ignore[call-arg]
        if not deserializing:  # its first task is one of ours
            plant(self)

    top_workflow: Any
    cancelled = False
    entry: str | None = None
    """Message it was started by; None for the plain start."""

    def update_waiting_tasks(self) -> None:
        """Let each waiting task look whether it may go on; flat, not the whole tree."""
        for task in [task for task in self.tasks.values() if task._state == _WAITING]:  # noqa: SLF001
            if task._state == _WAITING and task.id in self.tasks:  # noqa: SLF001
                task.task_spec._update(task)  # noqa: SLF001

    def cancel(self, *arguments: Any, **options: Any) -> Any:
        """End everything in this scope."""
        self.cancelled = True
        return super().cancel(*arguments, **options)  # type: ignore[misc]

    def _task_completed_notify(self, task: Any) -> None:
        """Go on, unless what the task threw has ended its own scope."""
        if not self.cancelled:
            super()._task_completed_notify(task)  # type: ignore[misc]

    def _task_removed_notify(self, task: Any) -> None:
        """Forget what a removed task had begun and waited for."""
        super()._task_removed_notify(task)  # type: ignore[misc]
        self._forget(task)

    def _forget(self, task: Any) -> None:
        top = self.top_workflow
        top.event_manager.remove_task(task)
        begun = top.subprocesses.pop(task.id, None)
        if begun is not None:
            if not begun.completed:
                begun.cancel()
            for inner in list(begun.tasks.values()):
                self._forget(inner)


class SubWorkflow(_Scope, BpmnSubWorkflow):  # type: ignore[misc]
    """A called process or embedded subprocess of a running instance."""


class Workflow(_Scope, BpmnWorkflow):  # type: ignore[misc]
    """One running instance; belongs to one thread and one transaction."""

    on_completed: Callable[[Any], None] | None = None
    """Told about each task that was run automatically."""
    max_steps = MAX_STEPS
    """Automatic steps it may take in one go."""

    def __init__(self, *arguments: Any, entry: str | None = None, **options: Any) -> None:
        self.entry = entry
        self.thrown: list[Thrown] = []
        """What has left the instance in this command."""
        self.armed_now: set[Any] = set()
        """Turns of repeating timers armed in this command; they wait for the next one."""
        super().__init__(*arguments, **options)

    def create_subprocess(self, my_task: Any, spec_name: str) -> SubWorkflow:
        """Start a subprocess of our own class. Raises LimitError."""
        if sum(len(scope.tasks) for scope in (self, *self.subprocesses.values())) > MAX_TASKS:
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
                if self.subprocesses.get(subprocess.parent_task_id) is subprocess:
                    parent = self.get_task_from_id(subprocess.parent_task_id)
                    parent.task_spec._update(parent)  # noqa: SLF001 - as the library does
            progress = budget.run_ready(self) > 0 or progress
            if not progress:  # a timer that is due now must not be left half fired
                progress = self.refresh_timers()

    def begin(self, event: Occurrence) -> None:
        """Start at the start event for a message, which takes what came along."""
        self.task_tree.run()
        start = self.spec.entry(self.entry)
        entry = next(task for task in self.tasks.values() if task.task_spec is start)
        self.hand_over(entry, event)

    def refresh_timers(self) -> bool:
        """Let every timer look at the clock, the earliest first; tell whether any has fired."""
        events = self.event_manager.tasks.values()
        waiting = [task for task in events if task.state == _WAITING and _has_timer(task)]
        for task in sorted(waiting, key=_earliest):
            if task.id in self.event_manager.tasks:
                task.task_spec._update(task)  # noqa: SLF001
        return any(task._state != _WAITING for task in waiting)  # noqa: SLF001

    def catch(self, event: Any) -> None:
        """Take what the library throws by itself: the end of a scope, which nobody waits for."""

    def deliver(self, event: Occurrence) -> int:
        """Give a message or signal to everything that waits for it; return to how many."""
        found = [
            task
            for task in self.event_manager.tasks.values()
            if task.task_spec.catches(task, event)
        ]
        for task in found:
            if task.id in self.event_manager.tasks:
                self.hand_over(task, event)
        return len(found)

    @staticmethod
    def hand_over(task: Any, event: Occurrence) -> None:
        """Give an event to a task that waits for it."""
        task.task_spec.catch(task, event)
        if task.state == _WAITING:
            task.task_spec._update(task)  # noqa: SLF001

    def throw(self, my_task: Any, event: Occurrence) -> None:
        """Send what a task throws to where it is caught.

        Errors, escalations and cancellations go up to the innermost handler. A signal reaches
        everything that waits for it, and the outside; a message the outside only when nothing
        inside waits for it. Raises UncaughtError.
        """
        if event.kind in ("message", "signal"):
            caught = self.deliver(event)
            if event.kind == "signal" or not caught:
                self.thrown.append(Thrown(event.kind, event.name, event.payload, event.key))
            return
        if not self.raise_up(my_task, event) and event.kind == "error":
            raise UncaughtError(event.name, my_task.task_spec.bpmn_id or "")

    def raise_up(self, my_task: Any, event: Occurrence) -> bool:
        """Hand an error or escalation to its innermost handler; False when there is none."""
        task = my_task
        while task is not None:
            for candidates in (watchers_of(task), listeners_of(task.workflow)):
                found = [item for item in candidates if item.task_spec.catches(item, event)]
                if found:
                    found.sort(key=lambda item: not item.task_spec.event_definition.name)
                    self.hand_over(found[0], event)
                    return True
            parent_id = task.workflow.parent_task_id
            task = self.get_task_from_id(parent_id) if parent_id is not None else None
        return False

    def _open_subprocesses(self) -> list[Any]:
        """Return unfinished subprocesses, the innermost first."""
        running = [item for item in self.subprocesses.values() if not item.completed]
        return sorted(running, key=lambda item: -item.depth)


class _Budget:
    """Counts the steps of one command."""

    def __init__(self, top: Workflow) -> None:
        self.top, self.left = top, top.max_steps

    def run_ready(self, workflow: Any) -> int:
        """Run each ready automatic task once and return how many there were."""
        count = 0
        for task in [item for item in workflow.tasks.values() if item._state == _READY]:  # noqa: SLF001
            gone = task._state != _READY or task.id not in workflow.tasks  # noqa: SLF001
            if task.task_spec.manual or gone:
                continue
            self._spend(workflow)
            task.run()
            count += 1
            over = not task._state & _GOES_ON  # noqa: SLF001 - what waits for its job is not over
            if over and self.top.on_completed is not None:
                self.top.on_completed(task)
        return count

    def _spend(self, workflow: Any) -> None:
        self.left -= 1
        if self.left < 0:
            message = f"more than {self.top.max_steps} automatic steps in one go: an endless loop"
            raise LimitError(message)
        if len(workflow.tasks) > MAX_TASKS:
            message = f"more than {MAX_TASKS} tasks in one instance"
            raise LimitError(message)


def _has_timer(task: Any) -> bool:
    return isinstance(task.task_spec.event_definition, DueTimer | FirstOf)


def _earliest(task: Any) -> str:
    """Return the first due time as text that sorts; a timer not yet armed comes last."""
    return min((due.isoformat() for _, due in armed(task)), default="~")
