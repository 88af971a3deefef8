"""Forgetting finished history, so that the thousandth reopening costs what the first did.

History lives in our own table; the engine needs only what is alive and the path that leads
to it. Without this an instance dies at about its 196th loop (measured).
"""

from typing import Any

from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.bpmn.specs.mixins.unstructured_join import UnstructuredJoin

from engine.spiff.task import TaskId
from engine.spiff.watchers import Watcher, is_listening


def prune(workflow: Any) -> None:
    """Drop what is finished from an instance and all its subprocesses."""
    _prune_one(workflow)
    for subprocess in list(workflow.subprocesses.values()):
        _prune_one(subprocess)
    while gone := [key for key in workflow.subprocesses if _is_gone(workflow, key)]:
        for task_id in gone:  # and then those that were begun inside these
            del workflow.subprocesses[task_id]


def _is_gone(workflow: Any, task_id: TaskId) -> bool:
    owners = (workflow, *workflow.subprocesses.values())
    return not any(task_id in owner.tasks for owner in owners)


def _prune_one(workflow: Any) -> None:
    """Keep root, one anchor, and everything below the lowest common ancestor of live tasks."""
    live, parked = _live(workflow)
    if not live:
        return
    arrived = _arrived(workflow)
    paths = [_path(workflow, task) for task in (*live, *arrived)]
    _drop_parked(workflow, parked, paths)
    _drop_spent(workflow)
    keep = _common_ancestor(workflow, paths)
    root = workflow.task_tree
    if keep is not None and keep is not root and keep._parent != root.id:  # noqa: SLF001
        _cut(workflow, keep)
    for task in live:
        _shorten(workflow, task, {token.id for token in arrived})


def _live(workflow: Any) -> tuple[list[Any], list[Any]]:
    """Return tasks that can still move, and joins that merely wait for the end.

    Listeners hang under the root for as long as their scope runs and hold nothing else.
    """
    active = [
        task
        for task in workflow.tasks.values()
        if task._state & TaskState.DEFINITE_MASK and not is_listening(task)  # noqa: SLF001
    ]
    live = [task for task in active if not isinstance(task.task_spec, _EndJoin)]
    live = [task for task in live if not _is_end(task)]
    parked = [
        task
        for task in active
        if isinstance(task.task_spec, _EndJoin) and task._state == TaskState.WAITING  # noqa: SLF001
    ]
    return live, parked


def _is_end(task: Any) -> bool:
    """Tell whether a task is the end that is planned behind an end join."""
    above = task.parent
    return above is not None and isinstance(above.task_spec, _EndJoin)


def _arrived(workflow: Any) -> list[Any]:
    """Return tokens that have come to a join which still waits for others.

    The library cancels all but the last of them, and yet counts each when the next one comes.
    Those that an earlier round of the same join has used up do not count.
    """
    found = []
    for waiting in workflow.tasks.values():
        spec = waiting.task_spec
        if waiting._state != TaskState.WAITING or not _is_join(spec):  # noqa: SLF001
            continue
        path = [workflow.tasks[task_id] for task_id in _path(workflow, waiting)[:-1]]
        earlier = next((task.id for task in reversed(path) if task.task_spec is spec), None)
        found += [
            task
            for task in workflow.tasks.values()
            if task.task_spec is spec
            and task._state == TaskState.CANCELLED  # noqa: SLF001
            and (earlier is None or earlier in _path(workflow, task))
        ]
    return found


def _is_join(spec: Any) -> bool:
    return isinstance(spec, UnstructuredJoin) and not isinstance(spec, _EndJoin)


def _path(workflow: Any, task: Any) -> list[TaskId]:
    """Return task ids from the root down to `task`."""
    path = []
    while task is not None:
        path.append(task.id)
        task = workflow.tasks.get(task._parent)  # noqa: SLF001
    return path[::-1]


def _drop_parked(workflow: Any, parked: list[Any], paths: list[list[TaskId]]) -> None:
    """Remove a parked end join; every live token will come to the end again."""
    on_path = {task_id for path in paths for task_id in path}
    for task in parked:
        if task.id not in on_path and not on_path.isdisjoint(_path(workflow, task)):
            left = workflow.tasks[task._parent].data  # noqa: SLF001
            workflow.data.update({k: v for k, v in left.items() if k not in workflow.data})
            workflow._remove_task(task.id)  # noqa: SLF001


def _drop_spent(workflow: Any) -> None:
    """Forget each firing of an event that does not interrupt once its path has ended."""
    for task in list(workflow.tasks.values()):
        if task.triggered and isinstance(task.task_spec, Watcher) and _is_spent(task):
            below = {item.id for item in task}
            workflow._remove_task(task.id)  # noqa: SLF001
            if workflow.last_task is not None and workflow.last_task.id in below:
                workflow.last_task = workflow.task_tree


def _is_spent(task: Any) -> bool:
    """Tell whether nothing below a task lives, and no join still counts on it."""
    if task._state & TaskState.DEFINITE_MASK or _has_other_life(task, None, set()):  # noqa: SLF001
        return False
    below = list(task)
    used = [item.task_spec for item in below if item._state == TaskState.COMPLETED]  # noqa: SLF001
    return all(item.task_spec in used for item in below if _is_join(item.task_spec))


def _common_ancestor(workflow: Any, paths: list[list[TaskId]]) -> Any:
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
    listening = [item for item in root._children if is_listening(tasks[item])]  # noqa: SLF001
    stack, dropped = [root], []
    while stack:
        for child_id in stack.pop()._children:  # noqa: SLF001
            if child_id != keep.id and child_id not in listening:
                stack.append(tasks[child_id])
                if child_id != anchor.id:
                    dropped.append(child_id)
    for task_id in dropped:
        tasks.pop(task_id, None)
        workflow.top_workflow.subprocesses.pop(task_id, None)
    anchor._children, anchor._parent = [keep.id], root.id  # noqa: SLF001
    root._children = [anchor.id, *listening]  # noqa: SLF001
    if workflow.last_task is not None and workflow.last_task.id not in tasks:
        workflow.last_task = anchor


def _shorten(workflow: Any, task: Any, arrived: set[TaskId]) -> None:
    """Cut the turns of a loop out of the path to a live task.

    Where an element stands twice on the path, and nothing else lives between, the later one
    takes the place of the earlier one: as if the loop had been entered once. The common
    ancestor does not help where another branch of the same instance is still open.
    """
    path = [workflow.tasks[task_id] for task_id in _path(workflow, task)]
    position = 0
    while position < len(path) - 1:
        first = path[position]
        later = _last_turn(path, position, arrived)
        if later is not None:
            _replace(workflow, first, path[later])
            del path[position:later]
        position += 1


def _last_turn(path: list[Any], position: int, arrived: set[TaskId]) -> int | None:
    """Return where on the path the element stands for the last time with nothing else alive."""
    first, found = path[position], None
    for later in range(position + 1, len(path)):
        above = path[later - 1]
        if above._state != TaskState.COMPLETED:  # noqa: SLF001
            break
        if _has_other_life(above, path[later], arrived):
            break
        if path[later].task_spec is first.task_spec:
            found = later
    return found


def _has_other_life(task: Any, on_path: Any, arrived: set[TaskId]) -> bool:
    """Tell whether anything beside the path still lives, or has arrived, below a task."""
    stack = [child for child in task.children if child is not on_path]
    while stack:
        below = stack.pop()
        if below.id in arrived:
            return True
        parked = isinstance(below.task_spec, _EndJoin) or _is_end(below)
        if below._state & TaskState.DEFINITE_MASK and not parked:  # noqa: SLF001
            return True
        stack += below.children
    return False


def _replace(workflow: Any, first: Any, later: Any) -> None:
    """Hang `later` where `first` hangs and drop everything else below `first`."""
    above = workflow.tasks[first._parent]  # noqa: SLF001
    above._children = [later.id if i == first.id else i for i in above._children]  # noqa: SLF001
    stack, dropped = [first], [first.id]
    while stack:
        for child in stack.pop().children:
            if child is not later:
                stack.append(child)
                dropped.append(child.id)
    later._parent = above.id  # noqa: SLF001
    for task_id in dropped:
        task = workflow.tasks.pop(task_id)
        workflow.top_workflow.subprocesses.pop(task_id, None)
        if task is workflow.last_task:
            workflow.last_task = above
