"""What a waiting case takes: stored bytes, write-ahead log, statements, history."""

import re
from typing import Final

import psycopg

from engine.history import decode
from tests.bench import process
from tests.bench.cases import Bench, prepare
from tests.bench.measure import Figure
from tests.servers.postgresql import PostgresServer
from workers import look
from workers.config import WorkerSettings

TABLES: Final = ("process_instance", "user_task", "job", "subscription", "history")
_CASES: Final = 2_000
_COUNTED: Final = 50
_CONTROL: Final = ("BEGIN", "COMMIT", "ROLLBACK")
_LOGGED: Final = re.compile(r"LOG:  (?:statement|execute [^:]*): (\S+)")


def figures(server: PostgresServer, database: str) -> list[Figure]:
    """Return the lines about space and statements, on a fresh database of the server."""
    prepare(server.url(database))
    plain, commits = statements(server, database)
    house = Bench(server.url(database))
    with psycopg.connect(_plain(server, database), autocommit=True) as admin:
        admin.execute("CHECKPOINT")
        before = _position(admin)
        wait(house, _CASES)
        wal = (_position(admin) - before) / _CASES
        cases = _CASES + _COUNTED
        written = sum(_size(admin, table) for table in TABLES) / cases
        for table in TABLES:
            admin.execute(f"VACUUM FULL {table}")  # type: ignore[arg-type]  # our own names
        packed = {table: _size(admin, table) / cases for table in TABLES}
        kept = admin.execute("SELECT steps FROM history").fetchall()
    house.db.engine.dispose()
    steps = sum(len(decode(row[0])[0]) for row in kept)
    per_step = packed["history"] * cases / steps
    tables = ", ".join(f"{table} {size:,.0f}" for table, size in packed.items())
    place = "postgresql"
    return [
        Figure("statements a case", place, value=plain, unit="statements", goal="≤ 16"),
        Figure("commits a case", place, value=commits, unit="commits", goal="≤ 4"),
        Figure("stored a waiting case, as written", place, value=written, unit="bytes"),
        Figure(
            "stored a waiting case, after VACUUM FULL",
            place,
            value=sum(packed.values()),
            unit="bytes",
            goal="≤ 3,072",
            note=tables,
        ),
        Figure(
            "write-ahead log a case up to the wait", place, value=wal, unit="bytes", goal="≤ 6,144"
        ),
        Figure("history a step, index included", place, value=per_step, unit="bytes"),
    ]


def statements(server: PostgresServer, database: str) -> tuple[float, float]:
    """Return SQL statements and commits a whole case takes, as the server's own log counts them.

    BEGIN and COMMIT are no statements here; what workers do to find work is counted in.
    """
    with psycopg.connect(_plain(server, database), autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {database} SET log_statement = 'all'")
    house = Bench(server.url(database))
    begin = len(server.log.read_bytes())
    wait(house, _COUNTED)
    waiting = _words(server, begin)
    with house.db.write() as session:
        session.connection().exec_driver_sql(
            "UPDATE job SET due_at = now() - interval '1 s' WHERE kind = 'timer'"
        )
        session.connection().exec_driver_sql("UPDATE clock_offset SET seconds = 9 * 86400")
    begin = len(server.log.read_bytes())
    look.work(house.app, WorkerSettings())
    words = [*waiting, *_words(server, begin)]
    house.db.engine.dispose()
    with psycopg.connect(_plain(server, database), autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {database} RESET log_statement")
    plain = sum(1 for word in words if word not in _CONTROL)
    return plain / _COUNTED, words.count("COMMIT") / _COUNTED


def wait(house: Bench, cases: int) -> None:
    """Take new cases up to where they wait for a reply or the week."""
    for number in range(cases):
        house.start(f"space-{number}")
    for form in (process.CLASSIFY, process.ANSWER):
        for task_id in house.open_tasks():
            house.complete(task_id, form)


def _words(server: PostgresServer, begin: int) -> list[str]:
    """Return the first word of each statement logged since, lists of open tasks left out."""
    text = server.log.read_bytes()[begin:].decode(errors="replace")
    lines = [line for line in text.splitlines() if "user_task.claimed_at" not in line]
    return [found[1].strip(";").upper() for line in lines if (found := _LOGGED.search(line))]


def _position(admin: psycopg.Connection) -> int:
    row = admin.execute("SELECT pg_current_wal_lsn() - '0/0'").fetchone()
    return int(row[0]) if row else 0


def _size(admin: psycopg.Connection, table: str) -> int:
    row = admin.execute(f"SELECT pg_total_relation_size('{table}')").fetchone()
    return int(row[0]) if row else 0


def _plain(server: PostgresServer, database: str) -> str:
    return server.url(database).replace("postgresql+psycopg", "postgresql")
