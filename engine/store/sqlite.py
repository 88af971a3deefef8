"""The hot path on SQLite: the same reads and writes, a statement a table; no round trips here."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from orjson import loads

from engine.clock import utc_now
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
)
from engine.store.found import Found, Wanted

_MOMENT: Final = "%Y-%m-%d %H:%M:%S.%f"
_FOUND: Final = "i.id, i.version_id, i.key, i.status, i.revision, i.started_at, i.state"
_OFFSET: Final = "(SELECT seconds FROM clock_offset)"


def _insert(table: str, columns: Sequence[str]) -> str:
    places = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"


_BEGINNING: Final = (
    f"SELECT (SELECT active_version_id FROM process_definition WHERE key = ?), {_OFFSET}"
)
_BY_TASK: Final = (
    f"SELECT {_FOUND}, t.status, t.claimed_by, {_OFFSET} FROM user_task t"
    " JOIN process_instance i ON i.id = t.instance_id WHERE t.id = ?"
)
_BY_ID: Final = f"SELECT {_FOUND}, '', NULL, {_OFFSET} FROM process_instance i WHERE i.id = ?"
_CLAIMED: Final = "SELECT id, token FROM job WHERE id = ? AND state = 'ready'"
_WAITING: Final = (
    "SELECT DISTINCT instance_id FROM subscription WHERE message = ? AND key = ? ORDER BY 1"
)
_INSERT_INSTANCE: Final = _insert("process_instance", INSTANCE)
_UPDATE_INSTANCE: Final = (
    f"UPDATE process_instance SET {', '.join(f'{name} = ?' for name in UPDATED)} WHERE id = ?"
)
_INSERT_HISTORY: Final = _insert("history", HISTORY)
_INSERT_TASK: Final = _insert("user_task", TASK)
_INSERT_JOB: Final = _insert("job", JOB)
_INSERT_WAIT: Final = _insert("subscription", WAIT)
_TICK_OFF: Final = (
    "UPDATE user_task SET status = 'completed', completed_by = ?1, completed_at = ?2"
    " WHERE id = ?3 AND status = 'ready' AND (claimed_by IS NULL OR claimed_by = ?1)"
)
_CANCEL: Final = (
    "UPDATE user_task SET status = 'cancelled', completed_at = ? WHERE id = ? AND status = 'ready'"
)
_DROP_JOB: Final = (
    "DELETE FROM job WHERE instance_id = ? AND task_id = ? AND element_id = ? AND state <> 'done'"
)
_MOVE_JOB: Final = (
    "UPDATE job SET due_at = ?, state = 'ready', attempts = 0, lease_until = NULL"
    " WHERE instance_id = ? AND task_id = ? AND element_id = ?"
)
_DROP_WAIT: Final = (
    "DELETE FROM subscription WHERE instance_id = ? AND task_id = ? AND element_id = ?"
)


_CLAIM: Final = (
    "UPDATE job SET lease_until = ?, lease_owner = ?, token = token + 1, attempts = attempts + 1"
    " WHERE id IN (SELECT id FROM job WHERE kind = ? AND state = 'ready' AND due_at <= ?"
    " AND (lease_until IS NULL OR lease_until < ?){tried} ORDER BY due_at LIMIT ?)"
    " RETURNING id, kind, instance_id, task_id, element_id, payload, attempts, max_attempts, token"
)
_READ_OFFSET: Final = "SELECT seconds FROM clock_offset"


class SqliteStore:
    """Statements on one connection within its transaction, which holds the only write lock."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def beginning(self, process: str) -> tuple[int | None, datetime]:
        """Return the active version of a process, and business time."""
        version, offset = self._cursor.execute(_BEGINNING, (process,)).fetchone()
        return version, _business(offset)

    def by_task(self, task_id: UUID) -> tuple[Found, datetime] | None:
        """Return the instance of a user task; None when there is no such task."""
        row = self._cursor.execute(_BY_TASK, (task_id.hex,)).fetchone()
        return _found(row) if row is not None else None

    def by_id(self, instance_ids: Sequence[UUID]) -> list[tuple[Found, datetime]]:
        """Return instances, always in the same order."""
        rows = [
            self._cursor.execute(_BY_ID, (instance_id.hex,)).fetchone()
            for instance_id in sorted(instance_ids)
        ]
        return [_found(row) for row in rows if row is not None]

    def claimed(self, job_ids: Sequence[int]) -> dict[int, int]:
        """Return the tokens of the jobs that are still to be done, by id."""
        rows = [self._cursor.execute(_CLAIMED, (job_id,)).fetchone() for job_id in job_ids]
        return dict(row for row in rows if row is not None)

    def claim(self, wanted: Wanted, owner: str, lease_seconds: float) -> list[Row]:
        """Take due jobs that nobody holds; return them in the order of `Claimed`."""
        now = due = utc_now()
        if wanted.by_business_time:
            offset = self._cursor.execute(_READ_OFFSET).fetchone()
            due = _business(offset[0] if offset else None)
        until = now + timedelta(seconds=lease_seconds)
        values = (_text(until), owner, wanted.kind, _text(due), _text(now), wanted.limit)
        rows = self._cursor.execute(_CLAIM.format(tried=TRIED[wanted.tried]), values).fetchall()
        return [_job(*row) for row in rows]

    def waiting(self, message: str, key: str) -> list[UUID]:
        """Return the instances that wait for a message."""
        rows = self._cursor.execute(_WAITING, (message, key)).fetchall()
        return [UUID(hex=row[0]) for row in rows]

    def write(self, all_changes: Sequence[Changes]) -> bool:
        """Write what commands changed; False when a user task was no longer to be had."""
        return all(self._write(changes) for changes in all_changes)

    def _write(self, changes: Changes) -> bool:
        if changes.ticked_off is not None and not self._tick_off(*changes.ticked_off):
            return False
        for statement, values in _statements(changes):
            self._cursor.execute(statement, values)
        return True

    def _tick_off(self, task_id: UUID, actor: str, at: datetime) -> bool:
        self._cursor.execute(_TICK_OFF, (actor, _text(at), task_id.hex))
        return bool(self._cursor.rowcount == 1)


def _statements(changes: Changes) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield every statement of one command with its values."""
    instance = changes.instance_id.hex
    if changes.started:
        yield _INSERT_INSTANCE, _plain(changes.instance)
    else:
        yield _UPDATE_INSTANCE, [*_plain(changes.instance), instance]
    yield _INSERT_HISTORY, _plain(changes.history)
    for task_id in changes.cancelled:
        yield _CANCEL, (_text(changes.now), task_id.hex)
    for task_id, element_id in changes.dropped_jobs:
        yield _DROP_JOB, (instance, task_id.hex, element_id)
    for due_at, task_id, element_id in changes.moved_jobs:
        yield _MOVE_JOB, (_text(due_at), instance, task_id.hex, element_id)
    for task_id, element_id in changes.dropped_waits:
        yield _DROP_WAIT, (instance, task_id.hex, element_id)
    new = (
        (_INSERT_TASK, changes.tasks),
        (_INSERT_JOB, changes.jobs),
        (_INSERT_WAIT, changes.waits),
    )
    for statement, rows in new:
        yield from ((statement, _plain(row)) for row in rows)


def _found(row: Sequence[Any]) -> tuple[Found, datetime]:
    instance_id, *columns, offset = row
    columns[4] = datetime.fromisoformat(columns[4]).replace(tzinfo=UTC)
    return Found(UUID(hex=instance_id), *columns), _business(offset)


def _job(*row: Any) -> Row:
    """Return a claimed job with ids and payload as Python has them."""
    number, kind, instance_id, task_id, element_id, payload, *counts = row
    return (
        number,
        kind,
        UUID(hex=instance_id) if instance_id else None,
        UUID(hex=task_id) if task_id else None,
        element_id,
        loads(payload) if payload is not None else None,
        *counts,
    )


def _business(offset: float | None) -> datetime:
    return utc_now() + timedelta(seconds=offset or 0.0)


def _text(moment: datetime) -> str:
    """Return a moment as SQLAlchemy stores it: the wall clock of UTC."""
    return moment.astimezone(UTC).strftime(_MOMENT)


def _plain(row: Iterable[Any]) -> list[Any]:
    """Return values as the columns hold them."""
    found: list[Any] = []
    for value in row:
        kind = value.__class__
        if kind is UUID:
            found.append(value.hex)
        elif kind is datetime:
            found.append(_text(value))
        else:
            found.append(value)
    return found
