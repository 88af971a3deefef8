"""What history takes in PostgreSQL: `python -m tests.bench.history [instances]`."""

import json
import logging
import shutil
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from casewright.database import upgrade
from engine import clock, deployment, jobs, queries
from engine.db import Database
from engine.history import Mark, decode
from engine.linter import Vocabulary
from engine.runtime import Engine, silent
from tests.bench import process
from tests.bench.house import House
from tests.servers.postgresql import PostgresServer
from tests.servers.process import short_folder

_SIZES = text(
    "SELECT count(*), sum(pg_column_size(h.*)), sum(pg_column_size(h.steps)),"
    " pg_relation_size('pk_history') FROM history h"
)
_SIGNS = {"entered": "<", "completed": ">", "cancelled": "!"}


def main() -> None:
    """Measure whole cases of the product and whole instances of the bench process."""
    logging.disable(logging.WARNING)
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    folder = short_folder()
    for name, run in (("request", request), ("bench process", bench)):
        server = PostgresServer(folder / "pg")
        try:
            server.start()
            report(name, run(server.url(), folder, number), number)
        finally:
            server.stop()
            shutil.rmtree(folder / "pg", ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def request(url: str, folder: Path, number: int) -> Database:
    """Let cases be classified, answered, and closed after the week."""
    house = House(url, folder)
    for _ in range(number):
        case = house.submit()
        house.classify(case)
        house.answer_finally(case)
    house.later(days=9)
    while claimed := house.claim(1):
        house.fire(*claimed)
    return house.db


def bench(url: str, _folder: Path, number: int) -> Database:
    """Let instances be classified, answered, answered again after a reply, and closed."""
    upgrade(url)
    database, operations = Database(url), process.operations()
    engine = Engine(operations, silent)
    with database.write() as session:
        deployment.deploy(session, process.files(), Vocabulary(operations), actor="staff:1")
    for key in map(str, range(number)):
        with database.write() as session:
            engine.start(session, process.PROCESS, key=key, data={}, actor="system")
        for step in ("task", "task", "reply", "task"):
            with database.write() as session:
                if step == "reply":
                    engine.correlate(session, process.REPLY, key=key, payload={}, actor="system")
                else:
                    (task,) = queries.open_tasks(session, key)
                    engine.complete_user_task(session, task.id, {}, "staff:1")
    with database.write() as session:
        clock.advance(session, timedelta(days=9))
    with database.write() as session:
        claimed = jobs.claim(session, kinds=(jobs.TIMER,), limit=number, owner="bench")
    with database.write() as session:
        engine.fire_due(session, claimed)
    return database


def report(name: str, database: Database, instances: int) -> None:
    """Print bytes a step, a command and an instance."""
    with database.read() as session:
        rows, whole, column, index = session.execute(_SIZES).one()
        marks = _marks(session)
    database.engine.dispose()
    steps = sum(map(len, marks))
    lists = sum(
        len(json.dumps([[_SIGNS[mark.state], mark.process, mark.element_id] for mark in row]))
        for row in marks
    )
    print(f"{name}: {instances} instances, {rows} commands, {steps} steps")
    print(f"  a step {column / steps:.1f} bytes (as lists {lists / steps:.1f});", end=" ")
    print(f"with its share of row and index {(whole + index) / steps:.1f}")
    print(f"  a command {whole / rows:.0f} bytes of row, {index / rows:.0f} of index;", end=" ")
    print(f"an instance {(whole + index) / instances:.0f}")


def _marks(session: Session) -> list[list[Mark]]:
    kept = session.execute(text("SELECT steps FROM history")).scalars()
    return [decode(value)[0] for value in kept]


if __name__ == "__main__":
    main()
