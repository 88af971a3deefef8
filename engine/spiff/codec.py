"""Freezing and thawing: one short row a task, parents by position, data as a difference.

The first byte of a frozen state is the number of its format:

1. JSON; each row begins with the id of its task.
2. The same compressed (deflate, with a dictionary), ids together in front of the rows, none for
   planned tasks: nobody outside knows them, and they are planned anew with every step.

The newest format is written, every one is read. Nothing passes through the library's type
registry, so that no form value can name a type. Tasks that are only planned have no data
yet, and none is stored for them.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import orjson
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent

from engine.spiff.parser import Bundle
from engine.spiff.script import ScriptEngine
from engine.spiff.task import Task, TaskId, copied
from engine.spiff.workflow import MAX_STATE, MAX_STORED, LimitError, SubWorkflow, Workflow

FORMAT = 2

_ROOT = -1
_PLANNED = TaskState.PREDICTED_MASK | TaskState.FUTURE
_FIELDS = 8
_ID_BYTES = 16
_FASTEST = 1
_NO_HEADER = -15
_COMMON = (
    b'"description":"message":"subject":"language":"answer":"status":"request":"outcome":"number":'
    b'"reason":"result":"email":"text":"name":"kind":"type":"note":"next":"items":["id":false,'
    b'"null,":true,"merged":["children":["event_fired":true,{"due":{"2026-1-2027-T00:00:00.000000'
    b'+00:00"}}],[0,"Start",64,0,0,1,"start",64,0,0,[2,"root",["End",4,["EndJoin",8,0,1,null,null,'
    b"{},{},1,true,false],[]]"
)
"""What states often hold; a part of format 2, so never change it. Takes a twelfth off a state."""


def freeze(workflow: Workflow) -> bytes:
    """Return the state of an instance; the spec is not part of it.

    A thawed state freezes to the same bytes. Raises LimitError when it is too large to be kept.
    """
    subprocesses = [
        [_short(task_id), _part(item, workflow.get_task_from_id(task_id).data)]
        for task_id, item in workflow.subprocesses.items()
    ]
    raw = orjson.dumps([_part(workflow, {}), subprocesses])
    _require(len(raw), MAX_STATE)
    state = bytes([FORMAT]) + _compressed(raw)
    _require(len(state), MAX_STORED)
    return state


def _require(size: int, most: int) -> None:
    if size > most:
        message = (
            f"the process data have grown to {size} bytes; at most {most} are allowed: keep ids"
            " and decisions in them, and everything else in tables"
        )
        raise LimitError(message)


def thaw(raw: bytes, bundle: Bundle, script_engine: ScriptEngine) -> Workflow:
    """Return the instance that was frozen, on the given specs. Raises ValueError."""
    read = _READERS.get(raw[0]) if raw else None
    if read is None:
        message = f"state format {raw[:1]!r} is not known"
        raise ValueError(message)
    main, subprocesses = read(raw[1:])
    workflow = Workflow(bundle.spec, bundle.subprocesses, script_engine, deserializing=True)
    waiting = workflow.event_manager.tasks
    _fill(workflow, main, {}, waiting)
    for task_id, part in subprocesses:
        task = workflow.get_task_from_id(_long(task_id))
        spec = bundle.subprocesses[task.task_spec.spec]
        subprocess = SubWorkflow(spec, task.id, workflow, deserializing=True)
        _fill(subprocess, part, task.data, waiting)
        workflow.subprocesses[task.id] = subprocess
        subprocess.completed_event.connect(task.task_spec._on_subworkflow_completed, task)  # noqa: SLF001
    return workflow


def _first(raw: bytes) -> list[Any]:
    """Bring format 1 into the shape of format 2: ids as one text in front of the rows."""
    main, subprocesses = orjson.loads(raw)
    return [_with_ids_in_front(main), [[key, _with_ids_in_front(p)] for key, p in subprocesses]]


def _with_ids_in_front(part: list[Any]) -> list[Any]:
    rows, *rest = part
    certain = [_long(row[0]).bytes for row in rows if not row[3] & _PLANNED]
    return [b64encode(b"".join(certain)).decode(), [row[1:] for row in rows], *rest]


def _second(raw: bytes) -> list[Any]:
    found: list[Any] = orjson.loads(plain(raw))
    return found


def plain(raw: bytes) -> bytes:
    """Return the JSON of a state of format 2 without its first byte."""
    unpacker = zlib.decompressobj(_NO_HEADER, _COMMON)
    return unpacker.decompress(raw) + unpacker.flush()


def _compressed(raw: bytes) -> bytes:
    packer = zlib.compressobj(
        _FASTEST, zlib.DEFLATED, _NO_HEADER, zlib.DEF_MEM_LEVEL, zlib.Z_DEFAULT_STRATEGY, _COMMON
    )
    return packer.compress(raw) + packer.flush()


_READERS: dict[int, Callable[[bytes], list[Any]]] = {1: _first, 2: _second}


def _short(task_id: TaskId) -> str:
    """Return an id in 22 characters."""
    return b64encode(task_id.bytes).decode()[:-2]


def _long(text: str) -> TaskId:
    return TaskId.from_bytes(b64decode(text + "=="), "big")


def _part(workflow: Any, outside: dict[str, Any]) -> list[Any]:
    """Return everything about one (sub)workflow; `outside` is the data it was called with."""
    rows: list[list[Any]] = []
    index: dict[TaskId, int] = {}
    certain: list[bytes] = []
    begun = min(map(_milliseconds, workflow.tasks.values())) // 1000
    for position, task in enumerate(workflow.tasks.values()):
        index[task.id] = position
        if not task._state & _PLANNED:  # noqa: SLF001
            certain.append(task.id.bytes)
        rows.append(_row(workflow, task, index, outside, begun))
    last = index.get(workflow.last_task.id) if workflow.last_task is not None else None
    flags = [workflow.data, workflow.correlations, last, workflow.success, workflow.completed]
    return [b64encode(b"".join(certain)).decode(), rows, begun, *flags]


def _milliseconds(task: Any) -> int:
    """Return when a task changed; whole, so that a thawed state freezes to the same bytes."""
    changed: float = task.last_state_change
    return round(changed * 1000)


def _row(
    workflow: Any, task: Any, index: dict[TaskId, int], outside: dict[str, Any], begun: int
) -> list[Any]:
    before, state, parent = outside, task._state, task._parent  # noqa: SLF001
    if state & _PLANNED:
        before = {}
    elif parent is not None:
        before = workflow.tasks[parent].data
    changed, gone = _difference(before, task.data)
    row = [
        index.get(parent, _ROOT),
        task.task_spec.name,
        state,
        _milliseconds(task) - begun * 1000,
        int(task.triggered),
        changed,
        gone,
        _internal(task),
    ]
    while row[-1] is None or (len(row) == 5 and row[-1] == 0):  # noqa: PLR2004 - the triggered flag
        row.pop()
    return row


def _internal(task: Any) -> Any:
    """Return what was noted about a task that still waits for something.

    Counters at 0 and empty lists count; only None and False say nothing.
    """
    if task._state & TaskState.FINISHED_MASK:  # noqa: SLF001
        return None
    noted = task.internal_data.items()
    return {key: value for key, value in noted if value is not None and value is not False} or None


def _difference(before: dict[str, Any], now: dict[str, Any]) -> tuple[Any, Any]:
    """Return what was set and what is gone, by name: thawed, the order may be another."""
    changed = [key for key in now if key not in before or not _same(before[key], now[key])]
    gone = sorted(key for key in before if key not in now)
    return {key: now[key] for key in sorted(changed)} or None, gone or None


def _same(one: Any, two: Any) -> bool:
    """Tell whether two values are stored alike; True is equal to 1, and yet another value."""
    if one != two or one.__class__ is not two.__class__:
        return False
    return one.__class__ not in (dict, list) or orjson.dumps(one) == orjson.dumps(two)


def _fill(
    workflow: Any, part: list[Any], outside: dict[str, Any], waiting: dict[TaskId, Any]
) -> None:
    ids, rows, begun, workflow.data, workflow.correlations, last, *ends = part
    workflow.success, workflow.completed = ends
    certain, place = b64decode(ids), 0
    order: list[Any] = []
    for row in rows:
        if row[2] & _PLANNED:
            task_id = TaskId.new()
        else:
            task_id = TaskId.from_bytes(certain[place : place + _ID_BYTES], "big")
            place += _ID_BYTES
        task = _task(workflow, order, [task_id, *row, *[None] * (_FIELDS - len(row))], outside)
        task.last_state_change = begun + task.last_state_change / 1000
        workflow.tasks[task_id] = task
        order.append(task)
        if task._state == TaskState.WAITING and isinstance(task.task_spec, CatchingEvent):  # noqa: SLF001
            waiting[task_id] = task
    workflow.task_tree = order[0]
    if last is not None:
        workflow.last_task = order[last]


def _task(workflow: Any, order: list[Any], row: list[Any], outside: dict[str, Any]) -> Task:
    task = Task.__new__(Task)
    task.id, parent, name, state, changed_at, triggered, changed, gone, internal = row
    task.workflow, task.task_spec = workflow, workflow.spec.task_specs[name]
    task._state, task._children, task.thread_id = state, [], 0  # noqa: SLF001
    task.triggered, task.last_state_change = bool(triggered), changed_at
    task.internal_data = internal or {}
    task._parent, before = None, outside  # noqa: SLF001
    if parent != _ROOT:
        above = order[parent]
        task._parent, before = above.id, above.data  # noqa: SLF001
        above._children.append(task.id)  # noqa: SLF001
    task.data = {} if state & _PLANNED else copied(before)
    task.data.update(changed or {})
    for key in gone or ():
        task.data.pop(key, None)
    return task
