"""What it costs to find due work among many who wait."""

from typing import Final

from sqlalchemy import text

from engine import jobs
from engine.db import Database
from tests.bench.measure import Figure, Watch

_LOOKS: Final = 200
SIZES: Final = (1_000, 100_000, 1_000_000)
_COLUMNS: Final = "kind, due_at, state, attempts, max_attempts, token, created_at"
_FILL: Final = {
    "postgresql": (
        f"INSERT INTO job ({_COLUMNS}) SELECT 'timer', now() + interval '1 day' + n * interval"
        " '30 s', 'ready', 0, 5, 0, now() FROM generate_series(1, :size) n"
    ),
    "sqlite": (
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers"
        f" WHERE n < :size) INSERT INTO job ({_COLUMNS}) SELECT 'timer', strftime("
        "'%Y-%m-%d %H:%M:%f', 'now', '+1 day', (n * 30) || ' seconds') || '000', 'ready', 0, 5,"
        " 0, strftime('%Y-%m-%d %H:%M:%f', 'now') || '000' FROM numbers"
    ),
}


def figures(url: str, name: str) -> list[Figure]:
    """Return a line for each number of waiting timers: a look that finds none of them due."""
    database = Database(url)
    found = []
    for size in SIZES:
        _fill(database, size)
        watch = Watch()
        for _ in range(_LOOKS):
            watch(lambda: _look(database))
        found.append(watch.figure(f"look for due timers, {size:,} waiting", name, None))
        with database.write() as session:
            session.execute(text("DELETE FROM job"))
    database.engine.dispose()
    return found


def _look(database: Database) -> None:
    with database.write() as session:
        found = jobs.claim(session, kinds=(jobs.TIMER,), limit=50, owner="bench", tried=False)
    if found:
        message = "nothing was to be due"
        raise AssertionError(message)


def _fill(database: Database, size: int) -> None:
    """Insert timers that fall due over the coming year, and let the database count them."""
    with database.write() as session:
        session.execute(text(_FILL[database.dialect]), {"size": size})
    alone = database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with alone.connect() as connection:
        connection.execute(text("ANALYZE job"))
