"""Forgetting finished history, so that the thousandth reopening costs what the first did.

History lives in our own table; the engine needs only what is alive and the path that leads
to it. Without this an instance dies at about its 196th loop (measured).
"""

from typing import Any
from uuid import UUID

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.specs.control import _EndJoin


def prune(workflow: Any) -> None:
    """Drop what is finished from an instance and all its subprocesses."""
    _prune_one(workflow)
    for subprocess in list(workflow.subprocesses.values()):
        _prune_one(subprocess)
    for task_id in [key for key in workflow.subprocesses if _is_gone(workflow, key)]:
        del workflow.subprocesses[task_id]


def _is_gone(workflow: Any, task_id: UUID) -> bool:
    owners = (workflow, *workflow.subprocesses.values())
    return not any(task_id in owner.tasks for owner in owners)


def _prune_one(workflow: Any) -> None:
    """Keep root, one anchor, and everything below the lowest common ancestor of live tasks."""
    live, parked = _live(workflow)
    if not live:
        return
    paths = [_path(workflow, task) for task in live]
    _drop_parked(workflow, parked, paths)
    keep = _common_ancestor(workflow, paths)
    root = workflow.task_tree
    if keep is None or keep is root or keep._parent == root.id:  # noqa: SLF001
        return
    _cut(workflow, keep)


def _live(workflow: Any) -> tuple[list[Any], list[Any]]:
    """Return tasks that can still move, and joins that merely wait for the end."""
    active = [t for t in workflow.tasks.values() if t._state & TaskState.DEFINITE_MASK]  # noqa: SLF001
    live = [task for task in active if not isinstance(task.task_spec, _EndJoin)]
    parked = [
        task
        for task in active
        if isinstance(task.task_spec, _EndJoin) and task._state == TaskState.WAITING  # noqa: SLF001
    ]
    return live, parked


def _path(workflow: Any, task: Any) -> list[UUID]:
    """Return task ids from the root down to `task`."""
    path = []
    while task is not None:
        path.append(task.id)
        task = workflow.tasks.get(task._parent)  # noqa: SLF001
    return path[::-1]


def _drop_parked(workflow: Any, parked: list[Any], paths: list[list[UUID]]) -> None:
    """Remove a parked end join; every live token will come to the end again."""
    on_path = {task_id for path in paths for task_id in path}
    for task in parked:
        if task.id not in on_path and not on_path.isdisjoint(_path(workflow, task)):
            workflow.data.update(workflow.tasks[task._parent].data)  # noqa: SLF001
            workflow._remove_task(task.id)  # noqa: SLF001


def _common_ancestor(workflow: Any, paths: list[list[UUID]]) -> Any:
    """Return the lowest task that all paths share."""
    common = None
    for step in zip(*paths, strict=False):
        if len(set(step)) > 1:
            break
        common = workflow.tasks[step[0]]
    return common


def _cut(workflow: Any, keep: Any) -> None:
    """Hang `keep` and its parent directly under the root and drop all the rest."""
    tasks, root = workflow.tasks, workflow.task_tree
    anchor = tasks[keep._parent]  # noqa: SLF001
    stack, dropped = [root], []
    while stack:
        for child_id in stack.pop()._children:  # noqa: SLF001
            if child_id != keep.id:
                stack.append(tasks[child_id])
                if child_id != anchor.id:
                    dropped.append(child_id)
    for task_id in dropped:
        tasks.pop(task_id, None)
        workflow.top_workflow.subprocesses.pop(task_id, None)
    anchor._children, anchor._parent = [keep.id], root.id  # noqa: SLF001
    root._children = [anchor.id]  # noqa: SLF001
    if workflow.last_task is not None and workflow.last_task.id not in tasks:
        workflow.last_task = anchor
