"""The hot path on PostgreSQL: one statement reads, one statement writes.

Writing is one statement of data-modifying parts (`WITH ... AS (UPDATE ...)`), prepared by the
driver for each shape it has: one round trip instead of six, measured at half their time.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any, Final, NamedTuple
from uuid import UUID

from engine.store.changes import (
    HISTORY,
    INSTANCE,
    JOB,
    TASK,
    TRIED,
    UPDATED,
    WAIT,
    Changes,
    Row,
    Written,
)
from engine.store.found import Found, Wanted

_STATE, _STATUS = "coalesce(state, '') = 'ready'", "coalesce(status, '') = 'ready'"
"""Conditions on rows found by their id: written so that the planner, which may know little of a
young table, does not walk the index of everything that is ready."""
_FOUND: Final = "i.id, i.version_id, i.key, i.status, i.revision, i.started_at, i.state"
_NOW: Final = "clock_timestamp(), (SELECT seconds FROM clock_offset)"

_BEGINNING: Final = (
    f"SELECT (SELECT active_version_id FROM process_definition WHERE key = %s), {_NOW}"
)
_BY_TASK: Final = (
    f"SELECT {_FOUND}, t.status, t.claimed_by, {_NOW} FROM user_task t"
    " JOIN process_instance i ON i.id = t.instance_id WHERE t.id = %s FOR UPDATE OF i"
)
_BY_ID: Final = (
    f"SELECT {_FOUND}, '', NULL, {_NOW} FROM process_instance i"
    " WHERE i.id = ANY(%s) ORDER BY i.id FOR UPDATE"
)
_CLAIMED: Final = f"SELECT id, token FROM job WHERE id = ANY(%s) AND {_STATE} FOR UPDATE"
_WAITING: Final = (
    "SELECT DISTINCT instance_id FROM subscription"
    " WHERE message = %s AND key = %s AND NOT signal ORDER BY 1"
)
_LISTENING: Final = (
    "SELECT DISTINCT instance_id FROM subscription WHERE message = %s AND signal ORDER BY 1"
)
_UPDATE_INSTANCE: Final = (
    f"UPDATE process_instance SET {', '.join(f'{name} = %s' for name in UPDATED)} WHERE id = %s"
)
_TICK_OFF: Final = (
    "UPDATE user_task SET status = 'completed', completed_by = %s, completed_at = %s"
    f" WHERE id = %s AND {_STATUS} AND (claimed_by IS NULL OR claimed_by = %s) RETURNING 1"
)
_CANCEL: Final = (
    f"UPDATE user_task SET status = 'cancelled', completed_at = %s WHERE id = ANY(%s) AND {_STATUS}"
)
_MOVE_JOB: Final = (
    "UPDATE job SET due_at = %s, state = 'ready', attempts = 0, lease_until = NULL"
    " WHERE instance_id = %s AND task_id = %s AND element_id = %s"
)
_DROP_JOBS: Final = (
    "DELETE FROM job WHERE instance_id = %s AND state <> 'done' AND (task_id, element_id) IN"
)
_DROP_WAITS: Final = "DELETE FROM subscription WHERE instance_id = %s AND (task_id, element_id) IN"


_CLAIM: Final = (
    "WITH due AS MATERIALIZED (SELECT id FROM job WHERE kind = %s AND state = 'ready'"
    " AND due_at <= statement_timestamp(){offset}"
    " AND (lease_until IS NULL OR lease_until < statement_timestamp()){tried}"
    " ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED)"
    " UPDATE job SET lease_until = statement_timestamp() + make_interval(secs => %s),"
    " lease_owner = %s, token = token + 1, attempts = attempts + 1 FROM due WHERE job.id = due.id"
    " RETURNING job.id, kind, instance_id, task_id, element_id, payload, attempts, max_attempts,"
    " token"
)
_OFFSET: Final = " + (SELECT make_interval(secs => seconds) FROM clock_offset)"


_KEPT: Final = (
    "EXISTS (SELECT 1 FROM message_buffer WHERE delivered_at IS NULL"
    " AND expires_at > statement_timestamp())"
)


class Shape(NamedTuple):
    """Which parts a writing statement has, and how many rows."""

    started: bool
    ticks_off: bool
    cancels: bool
    tasks: int
    dropped_jobs: int
    moved_jobs: int
    jobs: int
    dropped_waits: int
    waits: int


class PostgresStore:
    """Statements on one connection within its transaction."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def beginning(self, process: str) -> tuple[int | None, datetime]:
        """Return the active version of a process, and business time."""
        version, moment, offset = self._one(_BEGINNING, (process,))
        return version, _business(moment, offset)

    def by_task(self, task_id: UUID) -> tuple[Found, datetime] | None:
        """Lock the instance of a user task; None when there is no such task."""
        row = self._one(_BY_TASK, (task_id,))
        return _found(row) if row is not None else None

    def by_id(self, instance_ids: Sequence[UUID]) -> list[tuple[Found, datetime]]:
        """Lock instances, always in the same order."""
        rows = self._cursor.execute(_BY_ID, (list(instance_ids),), binary=True).fetchall()
        return [_found(row) for row in rows]

    def claimed(self, job_ids: Sequence[int]) -> dict[int, int]:
        """Lock the jobs that are still to be done; return their tokens by id."""
        return dict(self._cursor.execute(_CLAIMED, (list(job_ids),)).fetchall())

    def claim(self, wanted: Wanted, owner: str, lease_seconds: float) -> list[Row]:
        """Take due jobs that nobody holds; return them in the order of `Claimed`."""
        statement = _CLAIM.format(
            offset=_OFFSET if wanted.by_business_time else "", tried=TRIED[wanted.tried]
        )
        values = (wanted.kind, wanted.limit, float(lease_seconds), owner)
        return self._cursor.execute(statement, values).fetchall()  # type: ignore[no-any-return]

    def waiting(self, message: str, key: str) -> list[UUID]:
        """Return the instances that wait for a message."""
        return [row[0] for row in self._cursor.execute(_WAITING, (message, key)).fetchall()]

    def listening(self, signal: str) -> list[UUID]:
        """Return the instances that wait for a signal."""
        return [row[0] for row in self._cursor.execute(_LISTENING, (signal,)).fetchall()]

    def write(self, all_changes: Sequence[Changes]) -> Written:
        """Write what commands changed, and look whether messages are kept."""
        if len(all_changes) == 1:
            shape = _shape(all_changes[0])
            ticked, kept = self._one(_statement(shape), _values(all_changes[0]))
            return Written(ticked == 1, kept and shape.waits > 0)
        for shape, alike in groupby(sorted(all_changes, key=_shape), key=_shape):
            self._cursor.executemany(_statement(shape), [_values(changes) for changes in alike])
        waits = any(changes.waits for changes in all_changes)
        return Written(ticked_off=True, kept=waits and self._one(f"SELECT {_KEPT}", ())[0])

    def _one(self, statement: str, values: Sequence[Any]) -> Any:
        return self._cursor.execute(statement, values, binary=True).fetchone()


def _found(row: Row) -> tuple[Found, datetime]:
    *columns, moment, offset = row
    found = Found(*columns)
    return found, _business(moment, offset)


def _business(moment: datetime, offset: float | None) -> datetime:
    return moment.astimezone(UTC) + timedelta(seconds=offset or 0.0)


def _shape(changes: Changes) -> Shape:
    return Shape(
        changes.started,
        changes.ticked_off is not None,
        bool(changes.cancelled),
        len(changes.tasks),
        len(changes.dropped_jobs),
        len(changes.moved_jobs),
        len(changes.jobs),
        len(changes.dropped_waits),
        len(changes.waits),
    )


@lru_cache(maxsize=512)
def _statement(shape: Shape) -> str:
    """Return the text; its values come in the order of `_values`."""
    parts = [
        _insert("process_instance", INSTANCE, 1) if shape.started else _UPDATE_INSTANCE,
        _insert("history", HISTORY, 1),
        *([_CANCEL] * shape.cancels),
        *([_DROP_JOBS + _places(shape.dropped_jobs)] if shape.dropped_jobs else []),
        *([_MOVE_JOB] * shape.moved_jobs),
        *([_DROP_WAITS + _places(shape.dropped_waits)] if shape.dropped_waits else []),
    ]
    rows = (("user_task", TASK, shape.tasks), ("job", JOB, shape.jobs))
    parts += [_insert(*table) for table in (*rows, ("subscription", WAIT, shape.waits)) if table[2]]
    parts += [_TICK_OFF] * shape.ticks_off
    named = ", ".join(f"p{place} AS ({part})" for place, part in enumerate(parts))
    ticked = f"(SELECT count(*) FROM p{len(parts) - 1})" if shape.ticks_off else "1"
    return f"WITH {named} SELECT {ticked}, {_KEPT if shape.waits else 'false'}"


def _values(changes: Changes) -> list[Any]:
    values = [*changes.instance]
    if not changes.started:
        values.append(changes.instance_id)
    values += changes.history
    if changes.cancelled:
        values += [changes.now, changes.cancelled]
    if changes.dropped_jobs:
        values += [changes.instance_id, *_flat(changes.dropped_jobs)]
    for due_at, task_id, element_id in changes.moved_jobs:
        values += [due_at, changes.instance_id, task_id, element_id]
    if changes.dropped_waits:
        values += [changes.instance_id, *_flat(changes.dropped_waits)]
    values += [*_flat(changes.tasks), *_flat(changes.jobs), *_flat(changes.waits)]
    if changes.ticked_off is not None:
        task_id, actor, at = changes.ticked_off
        values += [actor, at, task_id, actor]
    return values


def _insert(table: str, columns: Sequence[str], rows: int) -> str:
    places = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * rows)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {places}"


def _places(count: int) -> str:
    """Return the list of task and element that a condition on both ends with."""
    pairs = ", ".join(["(%s::uuid, %s::text)"] * count)
    return f" (VALUES {pairs})"


def _flat(rows: Sequence[Sequence[Any]]) -> list[Any]:
    return [value for row in rows for value in row]
