"""Which statements a session's database wants, and errors in the words of SQLAlchemy."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from engine import clock
from engine.store.changes import Changes, Row, Written
from engine.store.found import Found, Wanted
from engine.store.postgresql import PostgresStore
from engine.store.sqlite import SqliteStore

Answer = TypeVar("Answer")


class _Statements(Protocol):
    def beginning(self, process: str) -> tuple[int | None, datetime]: ...
    def by_task(self, task_id: UUID) -> tuple[Found, datetime] | None: ...
    def by_id(self, instance_ids: Sequence[UUID]) -> list[tuple[Found, datetime]]: ...
    def claimed(self, job_ids: Sequence[int]) -> dict[int, int]: ...
    def claim(self, wanted: Wanted, owner: str, lease_seconds: float) -> list[Row]: ...
    def waiting(self, message: str, key: str) -> list[UUID]: ...
    def listening(self, signal: str) -> list[UUID]: ...
    def write(self, all_changes: Sequence[Changes]) -> Written: ...


class Store:
    """Reads and writes of commands within one session's transaction.

    Every read of an instance locks its row, the one mutex of an instance, and tells the
    session its business time. What the driver raises comes as SQLAlchemy's DBAPIError.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._connection: Connection = session.connection()
        raw = self._connection.connection.dbapi_connection
        cursor = raw.cursor()  # type: ignore[union-attr]  # a checked-out connection has one
        postgres = self._connection.dialect.name == "postgresql"
        self._statements: _Statements = PostgresStore(cursor) if postgres else SqliteStore(cursor)

    def active_version(self, process: str) -> int | None:
        """Return the version new instances start on; None when the process is not deployed."""
        version, now = self._ask(self._statements.beginning, process)
        clock.agree(self.session, now)
        return version

    def by_task(self, task_id: UUID) -> Found | None:
        """Return the instance of a user task, locked; None when there is no such task."""
        answer = self._ask(self._statements.by_task, task_id)
        if answer is None:
            return None
        clock.agree(self.session, answer[1])
        return answer[0]

    def by_id(self, *instance_ids: UUID) -> dict[UUID, Found]:
        """Return instances by id, locked in one order; those that do not exist are missing."""
        found = {}
        for instance, now in self._ask(self._statements.by_id, instance_ids):
            clock.agree(self.session, now)
            found[instance.id] = instance
        return found

    def claimed(self, job_ids: Sequence[int]) -> dict[int, int]:
        """Return the tokens of jobs that are still to be done, by id; locks them."""
        return self._ask(self._statements.claimed, job_ids)

    def claim(self, wanted: Wanted, *, owner: str, lease_seconds: float) -> list[Row]:
        """Take due jobs that nobody holds, with a lease; each in the order of `jobs.Claimed`."""
        return self._ask(self._statements.claim, wanted, owner, lease_seconds)

    def waiting(self, message: str, key: str) -> list[UUID]:
        """Return the instances that wait for a message with this key."""
        return self._ask(self._statements.waiting, message, key)

    def listening(self, signal: str) -> list[UUID]:
        """Return the instances that wait for a signal, whatever their key."""
        return self._ask(self._statements.listening, signal)

    def write(self, all_changes: Sequence[Changes]) -> Written:
        """Write what commands changed; when a task was not ticked off the caller rolls back."""
        return self._ask(self._statements.write, all_changes)

    def _ask(self, question: Callable[..., Answer], *values: Any) -> Answer:
        dialect = self._connection.dialect
        try:
            return question(*values)
        except dialect.loaded_dbapi.Error as error:
            raw = self._connection.connection
            gone = dialect.is_disconnect(error, raw, None)
            told = DBAPIError.instance(
                question.__qualname__,
                None,
                error,
                dialect.loaded_dbapi.Error,
                hide_parameters=True,
                connection_invalidated=gone,
                dialect=dialect,
            )
            if gone:
                self._connection.invalidate(error)
            raise told from error
