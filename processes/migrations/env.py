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
        _prepare(connection)
        context.configure(connection=connection, target_metadata=metadata)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    db.engine.dispose()


def _prepare(connection: Connection) -> None:
    """Wait for other migrators, but never long for a table somebody uses."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        connection.execute(text("SET LOCAL lock_timeout = '4s'"))


run()
