"""Databases for tests: one per dialect and xdist worker, cloned from one migrated template."""

import fcntl
import os
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    CompoundSelect,
    MetaData,
    Table,
    create_engine,
    insert,
    literal,
    select,
    text,
    union_all,
)
from sqlalchemy.engine import Connection, Engine, make_url

from casewright.database import upgrade
from tests.servers.keeper import borrow

DIALECTS = ("sqlite", "postgresql")
_ENVIRONMENT = "DATABASE_URL_TEST"


class Databases:
    """Makes databases in one test run; all processes of the run share its folder."""

    def __init__(self, folder: Path, run: int, worker: str) -> None:
        self._folder = folder
        self._run = run
        self._worker = worker

    def url(self, dialect: str) -> str:
        """Return the URL of this worker's own database, migrated and otherwise empty."""
        with (self._folder / f"{dialect}.template").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.seek(0)
            fresh = not lock.read()
            made = self._sqlite(fresh) if dialect == "sqlite" else self._postgresql(fresh)
            lock.write("made")
        return made

    def _sqlite(self, fresh: bool) -> str:
        template, own = self._folder / "template.db", self._folder / f"{self._worker}.db"
        if fresh:
            upgrade(f"sqlite:///{template}")
        shutil.copy(template, own)
        return f"sqlite:///{own}"

    def _postgresql(self, fresh: bool) -> str:
        server = os.environ.get(_ENVIRONMENT) or borrow("postgresql", self._folder, self._run)
        template, own = f"cw_{self._run}", f"cw_{self._run}_{self._worker}"
        if fresh:
            _create(server, template)
            upgrade(_named(server, template))
        _create(server, own, f"TEMPLATE {template}")
        return _named(server, own)

    def drop(self) -> None:
        """Remove what this run made on a server that outlives it."""
        server = os.environ.get(_ENVIRONMENT)
        if server is None:
            return
        for name in _names(server, f"cw\\_{self._run}%"):
            _administer(server, f"DROP DATABASE IF EXISTS {name}")


class Snapshot:
    """The rows of a database at one moment; puts them back however much was written since."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        metadata = MetaData()
        metadata.reflect(engine)
        self._tables = [t for t in metadata.tables.values() if t.name != "alembic_version"]
        for column in (column for table in self._tables for column in table.columns):
            if isinstance(column.type, JSON):
                column.type.none_as_null = True  # a NULL comes back as NULL
        self._probes = _probes(self._tables)
        with engine.connect() as connection:
            self._rows = {
                table: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in self._filled(connection)
            }

    def restore(self) -> None:
        """Make every table what it was."""
        with self._engine.execution_options(write=True).connect() as connection:
            _without_foreign_keys(connection)
            for table in self._filled(connection):
                connection.execute(table.delete())
            for table, rows in self._rows.items():
                connection.execute(insert(table), rows)
            connection.commit()

    def _filled(self, connection: Connection) -> list[Table]:
        """Return the tables that hold rows."""
        return [self._tables[place] for place in sorted(connection.scalars(self._probes))]


def _probes(tables: list[Table]) -> CompoundSelect[tuple[int]]:
    """Return the query for the places of the tables that hold rows; to write it costs most."""
    return union_all(
        *(
            select(literal(place)).where(select(literal(1)).select_from(table).exists())
            for place, table in enumerate(tables)
        )
    )


def _without_foreign_keys(connection: Connection) -> None:
    """Let rows go and come in any order for the rest of this transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
    else:
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))


def _create(server: str, name: str, template: str = "") -> None:
    _administer(server, f"DROP DATABASE IF EXISTS {name}")
    _administer(server, f"CREATE DATABASE {name} {template}")


def _administer(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _names(server: str, like: str) -> list[str]:
    engine = create_engine(server)
    with engine.connect() as connection:
        names = connection.execute(
            text("SELECT datname FROM pg_database WHERE datname LIKE :like"), {"like": like}
        ).scalars()
        found = list(names)
    engine.dispose()
    return found


def _named(server: str, database: str) -> str:
    url: Any = make_url(server).set(database=database)
    return str(url.render_as_string(hide_password=False))
