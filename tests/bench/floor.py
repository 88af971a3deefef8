"""The floor: a 4 KB row update and two small inserts in one transaction of five statements.

Plain statements of the driver, without any library of ours between: BEGIN, UPDATE, INSERT,
INSERT, COMMIT, each a call of its own, as the drivers' manuals show it.
"""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from os import urandom
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from tests.bench.clients import WARM, together

_ROWS = 100
_TABLES = (
    "CREATE TABLE bench_state (id integer PRIMARY KEY, state {bytes}, revision integer)",
    "CREATE TABLE bench_log (id {serial}, state_id integer, text varchar(200))",
    "CREATE TABLE bench_timer (id {serial}, state_id integer, due_at {moment})",
    "CREATE INDEX ix_bench_timer ON bench_timer (due_at)",
)
_NAMES = ("bench_state", "bench_log", "bench_timer")


class Floor:
    """The step on tables of its own in the measured database."""

    def __init__(self, url: str, client: int = 0) -> None:
        parsed = make_url(url)
        self._postgres = parsed.drivername.startswith("postgresql")
        self._connection: Any
        if self._postgres:
            plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
            self._connection = psycopg.connect(plain, autocommit=True)
        else:
            self._connection = sqlite3.connect(parsed.database or "", isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
                self._connection.execute(f"PRAGMA {pragma}")
        self._cursor = self._connection.cursor()
        self._turn, self._first = 0, client * _ROWS
        self._state = urandom(4096)

    def create(self, clients: int) -> None:
        """Make the tables with rows for so many clients."""
        self.drop()
        words = (
            {"bytes": "bytea", "serial": "bigserial PRIMARY KEY", "moment": "timestamptz"}
            if self._postgres
            else {"bytes": "blob", "serial": "integer PRIMARY KEY", "moment": "datetime"}
        )
        for statement in _TABLES:
            self._cursor.execute(statement.format(**words))
        rows = [(number, self._state) for number in range(clients * _ROWS)]
        self._cursor.execute("BEGIN")
        self._cursor.executemany(self._sql("INSERT INTO bench_state VALUES (?, ?, 0)"), rows)
        self._cursor.execute("COMMIT")

    def step(self) -> None:
        """Update a row whole, insert twice, commit."""
        self._turn = (self._turn + 1) % _ROWS
        row, run = self._first + self._turn, self._cursor.execute
        due = datetime.now(UTC)
        run("BEGIN" if self._postgres else "BEGIN IMMEDIATE")
        update = "UPDATE bench_state SET state = ?, revision = revision + 1 WHERE id = ?"
        run(self._sql(update), (self._state, row))
        run(self._sql("INSERT INTO bench_log (state_id, text) VALUES (?, ?)"), (row, "x" * 100))
        insert = "INSERT INTO bench_timer (state_id, due_at) VALUES (?, ?)"
        run(self._sql(insert), (row, due if self._postgres else due.isoformat()))
        run("COMMIT")

    def drop(self) -> None:
        """Leave no table behind."""
        for name in _NAMES:
            self._cursor.execute(f"DROP TABLE IF EXISTS {name}")

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()

    def _sql(self, statement: str) -> str:
        return statement.replace("?", "%s") if self._postgres else statement


def per_second(url: str, clients: int, count: int = 1_500) -> float:
    """Return steps a second, all clients together."""
    return together(clients, steps, url, count // clients).per_second


def steps(client: int, url: str, count: int) -> Callable[[], tuple[int, None]]:
    """Prepare one client that makes `count` steps."""
    floor = Floor(url, client)
    for _ in range(WARM):
        floor.step()

    def timed() -> tuple[int, None]:
        for _ in range(count):
            floor.step()
        return count, None

    return timed
