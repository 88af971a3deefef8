"""Runs migrations in one transaction, one migrator at a time."""

from alembic import context
from sqlalchemy import Connection, text

from engine.db import Database
from processes.models import metadata

_LOCK = 0x0CA5E0


def run() -> None:
    """Bring the configured database to the asked version."""
    url = context.config.get_main_option("sqlalchemy.url") or ""
    db = Database(url)
    with db.engine.execution_options(write=True).connect() as connection:
        _look_away(connection)
        _prepare(connection)
        context.configure(connection=connection, target_metadata=metadata)
        with context.begin_transaction():
            context.run_migrations()
        _look_again(connection)
        connection.commit()
    db.engine.dispose()


def _look_away(connection: Connection) -> None:
    """Let SQLite put a new table in the place of one that others refer to.

    It changes few things of a table that stands (sqlite.org/lang_altertable.html, 7), and minds
    this switch outside transactions only.
    """
    if connection.dialect.name == "sqlite":
        driver = connection.connection.dbapi_connection
        assert driver is not None  # noqa: S101 - it is open
        driver.execute("PRAGMA foreign_keys = OFF")


def _look_again(connection: Connection) -> None:
    """Refuse the whole migration if any row now refers to one that is not there."""
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            message = f"rows that refer to nothing: {broken[:5]}"
            raise RuntimeError(message)


def _prepare(connection: Connection) -> None:
    """Wait for other migrators, but never long for a table somebody uses."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection.execute(text("SET LOCAL lock_timeout = '4s'"))


run()
