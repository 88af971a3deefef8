"""Freezing and thawing: one short row a task, parents by position, data as a difference.

The first byte of a frozen state is the number of its format. Task data never passes through
the library's type registry, so that no form value can name a type. Tasks that are only planned
have no data yet, and none is stored for them.
"""

from base64 import b64decode, b64encode
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
_PLANNED = TaskState.PREDICTED_MASK | TaskState.FUTURE
_FIELDS = 9


def freeze(workflow: Workflow) -> bytes:
    """Return the state of an instance; the spec is not part of it."""
    subprocesses = [
        [_short(task_id), _rows(item, workflow.get_task_from_id(task_id).data)]
        for task_id, item in workflow.subprocesses.items()
    ]
    return bytes([FORMAT]) + orjson.dumps([_rows(workflow, {}), subprocesses])


def thaw(raw: bytes, bundle: Bundle, script_engine: ScriptEngine) -> Workflow:
    """Return the instance that was frozen, on the given specs. Raises ValueError."""
    if raw[:1] != bytes([FORMAT]):
        message = f"state format {raw[:1]!r} is not known"
        raise ValueError(message)
    main, subprocesses = orjson.loads(raw[1:])
    workflow = Workflow(bundle.spec, bundle.subprocesses, script_engine, deserializing=True)
    waiting = workflow.event_manager.tasks
    _fill(workflow, main, {}, waiting)
    for task_id, rows in subprocesses:
        task = workflow.get_task_from_id(_long(task_id))
        spec = bundle.subprocesses[task.task_spec.spec]
        subprocess = SubWorkflow(spec, task.id, workflow, deserializing=True)
        _fill(subprocess, rows, task.data, waiting)
        workflow.subprocesses[task.id] = subprocess
        subprocess.completed_event.connect(task.task_spec._on_subworkflow_completed, task)  # noqa: SLF001
    return workflow


def _short(task_id: UUID) -> str:
    """Return an id in 22 characters."""
    return b64encode(task_id.bytes).decode()[:-2]


def _long(text: str) -> UUID:
    return UUID(bytes=b64decode(text + "=="))


def _rows(workflow: Any, outside: dict[str, Any]) -> list[Any]:
    """Return everything about one (sub)workflow; `outside` is the data it was called with."""
    rows: list[list[Any]] = []
    index: dict[UUID, int] = {}
    begun = min(map(_milliseconds, workflow.tasks.values())) // 1000
    for position, task in enumerate(workflow.tasks.values()):
        index[task.id] = position
        rows.append(_row(workflow, task, index, outside, begun))
    last = index.get(workflow.last_task.id) if workflow.last_task is not None else None
    flags = [workflow.data, workflow.correlations, last, workflow.success, workflow.completed]
    return [rows, begun, *flags]


def _milliseconds(task: Any) -> int:
    """Return when a task changed; whole, so that a thawed state freezes to the same bytes."""
    changed: float = task.last_state_change
    return round(changed * 1000)


def _row(
    workflow: Any, task: Any, index: dict[UUID, int], outside: dict[str, Any], begun: int
) -> list[Any]:
    before = outside
    if task._state & _PLANNED:  # noqa: SLF001
        before = {}
    elif task._parent is not None:  # noqa: SLF001
        before = workflow.tasks[task._parent].data  # noqa: SLF001
    changed, gone = _difference(before, task.data)
    internal = {}
    if not task._state & TaskState.FINISHED_MASK:  # noqa: SLF001 - what is done waits for nothing
        # a repeated step counts on from 0 and from an empty list: only "not fired" says nothing
        internal = {k: v for k, v in task.internal_data.items() if v is not None and v is not False}
    row = [
        _short(task.id),
        index.get(task._parent, _ROOT),  # noqa: SLF001
        task.task_spec.name,
        task._state,  # noqa: SLF001
        _milliseconds(task) - begun * 1000,
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


def _fill(
    workflow: Any, part: list[Any], outside: dict[str, Any], waiting: dict[UUID, Any]
) -> None:
    rows, begun, workflow.data, workflow.correlations, last, *ends = part
    workflow.success, workflow.completed = ends
    order: list[Any] = []
    for row in rows:
        task = _task(workflow, order, row + [None] * (_FIELDS - len(row)), outside)
        task.last_state_change = begun + task.last_state_change / 1000
        workflow.tasks[task.id] = task
        order.append(task)
        if task._state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):  # noqa: SLF001
            waiting[task.id] = task
    workflow.task_tree = order[0]
    if last is not None:
        workflow.last_task = order[last]


def _task(workflow: Any, order: list[Any], row: list[Any], outside: dict[str, Any]) -> Any:
    task_id, parent, name, state, changed_at, triggered, changed, gone, internal = row
    task = Task.__new__(Task)
    task.id, task.workflow, task.task_spec = (
        _long(task_id),
        workflow,
        workflow.spec.task_specs[name],
    )
    task._state, task._children, task.thread_id = state, [], 0  # noqa: SLF001
    task.triggered, task.last_state_change = bool(triggered), changed_at
    task.internal_data = _REGISTRY.restore(internal) if internal else {}
    task._parent, before = None, outside  # noqa: SLF001
    if parent != _ROOT:
        above = order[parent]
        task._parent, before = above.id, above.data  # noqa: SLF001
        above._children.append(task.id)  # noqa: SLF001
    task.data = {} if state & _PLANNED else _copy(before)
    task.data.update(changed or {})
    for key in gone or ():
        task.data.pop(key, None)
    return task


def _copy(data: dict[str, Any]) -> dict[str, Any]:
    """Copy one level deep: branches must not share lists and dicts."""
    return {k: (v.copy() if v.__class__ in (dict, list) else v) for k, v in data.items()}
