"""Gateways that bring branches together without losing what the branches found out.

The stock joins let the branch that comes last overwrite everything, also with values it never
touched; lists lost items, and deleted keys came back. Here only what a branch has changed since
the fork counts; where two branches changed the same value the later one wins, and what both
appended to the same list is kept.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.task import Task


class _Merging:
    """Merges data three ways: the fork, what has been merged so far, and the next branch."""

    def _merge(self, my_task: Task) -> None:
        path = _path(my_task)
        above = {task.id: place for place, task in enumerate(path)}
        last_round = next((task.id for task in path[1:] if task.task_spec is self), None)
        arrived, fork = [], 0
        for other in my_task.workflow.tasks.values():
            if other.task_spec is not self or other.state != TaskState.CANCELLED:
                continue
            theirs = [task.id for task in _path(other)]
            if last_round is not None and last_round not in theirs:
                continue  # a token that the join has used up in an earlier round
            arrived.append(other)
            fork = max(fork, next(above[item] for item in theirs if item in above))
        arrived.sort(key=lambda task: task.last_state_change)
        branches = [task.parent.data for task in (*arrived, my_task)]
        my_task.data = merged(path[fork].data, branches) if arrived else dict(branches[-1])


class ParallelGateway(_Merging, defaults.ParallelGateway):  # type: ignore[misc]
    """Forks and joins all its branches."""

    def _run_hook(self, my_task: Task) -> bool:
        self._merge(my_task)
        return True


class InclusiveGateway(_Merging, defaults.InclusiveGateway):  # type: ignore[misc]
    """Forks and joins those branches whose conditions hold."""

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


def _path(task: Task) -> list[Task]:
    """Return a task and everything above it, up to the start."""
    path = []
    while task is not None:
        path.append(task)
        task = task.parent
    return path
