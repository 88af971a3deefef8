"""Database access: the declarative base, column types and the two kinds of transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy import JSON, DateTime, Engine, Enum, MetaData, create_engine, event
from sqlalchemy.engine import Connection, Dialect, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

RING = "ring"
"""Key in `session.info`: set when work for the workers was written in this transaction."""

ONCE = "once"
"""Key in `session.info`: what was said in this transaction and need not be said again."""
_CONFLICTS = frozenset({"40P01", "40001"})
"""PostgreSQL's codes of a deadlock and of a serialization failure."""
_HELD = "held"
_BUSY_MS = 10_000
_RESTED_SECONDS = 1.0
_LAST_USED = "last_used"


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC, in and out, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values; SQLite stores the UTC wall clock."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a naive datetime has no meaning here"
            raise ValueError(message)
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what was stored, marked as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


Json = JSON(none_as_null=True)
"""A JSON column; on PostgreSQL the text type, which keeps key order (never JSONB)."""


def words(kind: type[StrEnum], length: int, name: str | None = None) -> Enum:
    """Return a column type that stores the words of an enum; the database refuses others.

    `length` is the column's, in characters. `name` is that of the check, where one table has
    several of the same kind.
    """
    return Enum(
        kind,
        native_enum=False,
        length=length,
        create_constraint=True,
        name=name or kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """Every table of the product."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class _Session(Session):
    """A session that reads a row once: what it has loaded stays until it ends."""


@event.listens_for(_Session, "loaded_as_persistent")
@event.listens_for(_Session, "pending_to_persistent")
def _hold(session: Session, instance: object) -> None:
    """Keep a loaded row: the session itself forgets it as soon as nobody holds it."""
    session.info.setdefault(_HELD, []).append(instance)


class Database:
    """One database, reached through reading and writing transactions.

    `ring` is called after each commit that wrote work for the workers; it must return at once
    and never raise.
    """

    def __init__(self, url: str) -> None:
        self.engine = _create(url)
        self.dialect = self.engine.dialect.name
        self.ring: Callable[[], None] = _silent
        self._writing = self.engine.execution_options(write=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one moment; whatever it changes is thrown away.

        What was loaded stays usable afterwards.
        """
        with self.session(write=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session that commits at the end, or changes nothing if anything raised."""
        with self.session(write=True) as session:
            yield session
            self.commit(session)

    def session(self, *, write: bool) -> Session:
        """Give a bare session; the caller ends it by `commit`, `rollback` or closing."""
        bind = self._writing if write else self.engine
        return _Session(bind, expire_on_commit=False)

    def commit(self, session: Session) -> None:
        """Commit and, if work for the workers was written, ring their bell."""
        session.commit()
        session.info.pop(ONCE, None)
        if session.info.pop(RING, False):
            self.ring()

    def dispose(self) -> None:
        """Close all pooled connections; a forked child calls it before first use."""
        self.engine.dispose(close=False)


def normal_url(url: str) -> str:
    """Return the URL with the driver we ship: psycopg 3 for PostgreSQL."""
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def is_conflict(error: DBAPIError) -> bool:
    """Tell whether the database undid a transaction only because another was in its way.

    It may be done again at once, from its beginning; nothing of it was kept.
    """
    return getattr(error.orig, "sqlstate", None) in _CONFLICTS


def _silent() -> None:
    """Nobody listens: workers find the work by themselves within a second."""


def _create(url: str) -> Engine:
    if normal_url(url).startswith("sqlite"):
        engine = create_engine(
            url, pool_size=10, max_overflow=60, pool_timeout=10, hide_parameters=True
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        normal_url(url),
        pool_size=8,
        max_overflow=16,
        pool_timeout=5,
        pool_recycle=1800,
        hide_parameters=True,  # they are what people typed; errors are logged
        connect_args={
            "connect_timeout": 3,
            "keepalives_idle": 15,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "options": "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=30000"
            " -c timezone=UTC",
        },
    )
    event.listen(engine, "checkin", _note_checkin)
    event.listen(engine, "checkout", _ping_rested)
    return engine


def _note_checkin(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_LAST_USED] = monotonic()


def _ping_rested(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Ask a connection that has rested whether the server is still there.

    One used a moment ago is not asked: the question costs as much as a command's read.
    """
    if connection is None or monotonic() - record.info.get(_LAST_USED, 0.0) < _RESTED_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except psycopg.OperationalError as error:
        raise DisconnectionError(str(error)) from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Write-ahead log, full durability, patient waiting; we say BEGIN ourselves."""
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={_BUSY_MS}",
        "foreign_keys=ON",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock before the first read, so that no snapshot must be upgraded later."""
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
