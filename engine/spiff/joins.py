"""Gateways that bring branches together without losing what the branches found out.

The stock joins let the branch that comes last overwrite everything, also with values it never
touched; lists lost items, and deleted keys came back. Here only what a branch has changed since
the fork counts; where two branches changed the same value the later one wins, and what both
appended to the same list is kept.

In the second round of a loop the stock joins also counted tokens of the first, and went on
before all branches had come. Here each round counts its own.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.task import Task

from engine.spiff.watchers import is_idle

_PLANNED = TaskState.FUTURE | TaskState.PREDICTED_MASK
_COMPLETED = TaskState.COMPLETED
_OPEN = TaskState.WAITING | TaskState.READY | TaskState.STARTED


class _Joining:
    """Counts the tokens of a round and merges their data against the fork they come from."""

    inputs: list[Any]

    def _arrived(self, my_task: Task) -> list[tuple[Task, list[Task]]]:
        """Return the earlier tokens of this round, each with its path, in order of arrival."""
        path = _path(my_task)
        last_round = next((task for task in path[1:] if task.task_spec is self), None)
        found = []
        for other in my_task.workflow.tasks.values():
            state = TaskState.CANCELLED | TaskState.WAITING
            if other is my_task or other.task_spec is not self or not other.has_state(state):
                continue
            theirs = _path(other)
            if last_round is None or last_round in theirs:
                found.append((other, theirs))
        return sorted(found, key=lambda entry: entry[0].last_state_change)

    def _filled(self, my_task: Task) -> list[Any]:
        """Return the steps before the join from which a token has come in this round."""
        tokens = [my_task, *(task for task, _ in self._arrived(my_task))]
        return [item.parent.task_spec for item in tokens if item.parent.state == _COMPLETED]

    def _merge(self, my_task: Task) -> None:
        path, arrived = _path(my_task), self._arrived(my_task)
        if not arrived:
            my_task.data = dict(my_task.parent.data)
            return
        shared = [
            next(path.index(task) for task in theirs if task in path) for _, theirs in arrived
        ]
        branches = [task.parent.data for task, _ in arrived]
        my_task.data = merged(path[max(shared)].data, [*branches, my_task.parent.data])


class ParallelGateway(_Joining, defaults.ParallelGateway):  # type: ignore[misc]
    """Forks and joins all its branches."""

    def _check_threshold_unstructured(self, my_task: Task) -> bool:
        filled = self._filled(my_task)
        missing = [item for item in self.inputs if item not in filled]
        for task in my_task.workflow.tasks.values() if missing else ():
            if task.task_spec is self and task.has_state(_PLANNED):
                path = _path(task)
                if my_task in path:  # what comes only after this join cannot be waited for
                    behind = path[1 : path.index(my_task)]
                    missing = [item for item in missing if item not in _specs(behind)]
        return not missing

    def _run_hook(self, my_task: Task) -> bool:
        self._merge(my_task)
        return True


class InclusiveGateway(_Joining, defaults.InclusiveGateway):  # type: ignore[misc]
    """Forks and joins those branches whose conditions hold.

    As BPMN 2.0.2, 13.4.3 says, it waits for a token elsewhere that can still come by a way on
    which none has come yet, unless that token can also come by a way on which one has.
    """

    def _check_threshold_unstructured(self, my_task: Task) -> bool:
        filled = self._filled(my_task)
        missing = [item for item in self.inputs if item not in filled]
        if not missing:
            return True
        for task in my_task.workflow.tasks.values():
            begins = task.state == TaskState.FUTURE and task.parent.state == _COMPLETED
            if task.task_spec is self or is_idle(task) or not (task.has_state(_OPEN) or begins):
                continue
            reached = self._reached_from(task.task_spec)
            late = any(item in reached for item in missing)
            if late and not any(item in reached for item in filled):
                return False
        return True

    def _reached_from(self, spec: Any) -> list[Any]:
        """Return every step that can follow one without passing this gateway, itself included."""
        found, stack = [spec], [spec]
        while stack:
            for following in stack.pop().outputs:
                if following is not self and following not in found:
                    found.append(following)
                    stack.append(following)
        return found

    def _run_hook(self, my_task: Task) -> bool:
        self._merge(my_task)
        chosen, otherwise = self._get_matching_outputs(my_task)
        if not chosen and not otherwise:
            message = f"no condition holds behind {self.bpmn_id!r}, and no flow is the default"
            raise WorkflowTaskException(message, task=my_task)
        my_task._sync_children(chosen or otherwise, TaskState.FUTURE)  # noqa: SLF001
        for child in my_task.children:
            mask = TaskState.FUTURE | TaskState.PREDICTED_MASK
            child.task_spec._predict(child, mask=mask)  # noqa: SLF001
        return True


def merged(base: Mapping[str, Any], branches: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return `base` with what each branch has changed, added and removed, in order."""
    result = dict(base)
    for branch in branches:
        for name, value in branch.items():
            if name not in base:
                result[name] = value
            elif value != base[name]:
                result[name] = _both(base[name], result.get(name), value)
        for name in base:
            if name not in branch:
                result.pop(name, None)
    return result


def _both(base: Any, one: Any, two: Any) -> Any:
    """Return the later value; for lists that both only grew, the additions of both."""
    lists = all(isinstance(item, list) for item in (base, one, two))
    size = len(base) if lists else 0
    if lists and one[:size] == base and two[:size] == base:
        return [*one, *two[size:]]
    return two


def _specs(tasks: Iterable[Task]) -> list[Any]:
    return [task.task_spec for task in tasks]


def _path(task: Task) -> list[Task]:
    """Return a task and everything above it, up to the start."""
    path = []
    while task is not None:
        path.append(task)
        task = task.parent
    return path
