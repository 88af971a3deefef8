"""Freezing and thawing: one short row a task, parents by position, data as a difference.

The first byte of a frozen state is the number of its format. Task data never passes through
the library's type registry, so that no form value can name a type.
"""

from typing import Any
from uuid import UUID

import orjson
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.task import Task

from engine.spiff.parser import Bundle
from engine.spiff.script import ScriptEngine
from engine.spiff.workflow import SubWorkflow, Workflow

FORMAT = 1

_REGISTRY = BpmnWorkflowSerializer.configure(SPIFF_CONFIG)
_ROOT = -1


def freeze(workflow: Workflow) -> bytes:
    """Return the state of an instance; the spec is not part of it."""
    subprocesses = [
        [task_id.bytes.hex(), _rows(item)] for task_id, item in workflow.subprocesses.items()
    ]
    return bytes([FORMAT]) + orjson.dumps([_rows(workflow), subprocesses])


def thaw(raw: bytes, bundle: Bundle, script_engine: ScriptEngine) -> Workflow:
    """Return the instance that was frozen, on the given specs. Raises ValueError."""
    if raw[:1] != bytes([FORMAT]):
        message = f"state format {raw[:1]!r} is not known"
        raise ValueError(message)
    main, subprocesses = orjson.loads(raw[1:])
    workflow = Workflow(bundle.spec, bundle.subprocesses, script_engine, deserializing=True)
    waiting = workflow.event_manager.tasks
    _fill(workflow, main, waiting)
    for task_id, rows in subprocesses:
        task = workflow.get_task_from_id(UUID(task_id))
        spec = bundle.subprocesses[task.task_spec.spec]
        subprocess = SubWorkflow(spec, task.id, workflow, deserializing=True)
        _fill(subprocess, rows, waiting)
        workflow.subprocesses[task.id] = subprocess
        subprocess.completed_event.connect(task.task_spec._on_subworkflow_completed, task)  # noqa: SLF001
    return workflow


def _rows(workflow: Any) -> list[Any]:
    rows: list[list[Any]] = []
    index: dict[UUID, int] = {}
    for position, task in enumerate(workflow.tasks.values()):
        index[task.id] = position
        rows.append(_row(workflow, task, index))
    last = index.get(workflow.last_task.id) if workflow.last_task is not None else None
    flags = [workflow.data, workflow.correlations, last, workflow.success, workflow.completed]
    return [rows, *flags]


def _row(workflow: Any, task: Any, index: dict[UUID, int]) -> list[Any]:
    parent, changed, gone = _ROOT, task.data or None, None
    if task._parent is not None:  # noqa: SLF001
        parent = index[task._parent]  # noqa: SLF001
        changed, gone = _difference(workflow.tasks[task._parent].data, task.data)  # noqa: SLF001
    internal = {key: value for key, value in task.internal_data.items() if value}
    row = [
        task.id.bytes.hex(),
        parent,
        task.task_spec.name,
        task._state,  # noqa: SLF001
        round(task.last_state_change, 3),
        int(task.triggered),
        changed,
        gone,
        _REGISTRY.convert(internal) if internal else None,
    ]
    while row[-1] is None or (len(row) == 6 and row[-1] == 0):  # noqa: PLR2004 - the triggered flag
        row.pop()
    return row


def _difference(before: dict[str, Any], now: dict[str, Any]) -> tuple[Any, Any]:
    if now == before:
        return None, None
    changed = {k: v for k, v in now.items() if k not in before or before[k] != v}
    return changed or None, [key for key in before if key not in now] or None


def _fill(workflow: Any, part: list[Any], waiting: dict[UUID, Any]) -> None:
    rows, workflow.data, workflow.correlations, last, workflow.success, workflow.completed = part
    order: list[Any] = []
    specs = workflow.spec.task_specs
    for row in rows:
        task = _task(workflow, specs, order, row + [None] * (9 - len(row)))
        workflow.tasks[task.id] = task
        order.append(task)
        if task._state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):  # noqa: SLF001
            waiting[task.id] = task
    workflow.task_tree = order[0]
    if last is not None:
        workflow.last_task = order[last]


def _task(workflow: Any, specs: dict[str, Any], order: list[Any], row: list[Any]) -> Any:
    task_id, parent, name, state, changed_at, triggered, changed, gone, internal = row
    task = Task.__new__(Task)
    task.id, task.workflow, task.task_spec = UUID(task_id), workflow, specs[name]
    task._state, task._children, task.thread_id = state, [], 0  # noqa: SLF001
    task.triggered, task.last_state_change = bool(triggered), changed_at
    task.internal_data = _REGISTRY.restore(internal) if internal else {}
    if parent == _ROOT:
        task._parent, task.data = None, changed or {}  # noqa: SLF001
        return task
    above = order[parent]
    task._parent = above.id  # noqa: SLF001
    above._children.append(task.id)  # noqa: SLF001
    task.data = _copy(above.data)
    task.data.update(changed or {})
    for key in gone or ():
        task.data.pop(key, None)
    return task


def _copy(data: dict[str, Any]) -> dict[str, Any]:
    """Copy one level deep: branches must not share lists and dicts."""
    return {k: (v.copy() if v.__class__ in (dict, list) else v) for k, v in data.items()}
