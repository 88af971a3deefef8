"""What a look of the watch costs: `python -m tests.bench.watch [instances] [database ...]`.

Inserts rows as the commands leave them: half of the instances wait for a message or a timer,
half at a user task; as many again have ended.
"""

import logging
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from statistics import median
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select, text

from casewright.database import upgrade
from engine import deployment, watch
from engine.db import Database
from engine.linter import Vocabulary
from engine.models import Job, ProcessInstance, Subscription, UserTask
from engine.registry import Call, Facts, Operations
from engine.runtime import Engine, silent
from engine.watch import stuck
from engine.watch.progress import Progress
from tests.engine import diagrams as d
from tests.engine.conftest import Anything
from tests.servers.postgresql import PostgresServer
from tests.servers.process import short_folder

_PIECE = 10_000
_WAITING = d.diagram(
    "main",
    d.start(),
    d.exclusive("m"),
    d.user("answer"),
    d.event_gateway("wait"),
    d.catch("reply", "reply", "message"),
    d.timer("week", "P8D"),
    d.end("closed"),
    d.chain("start", "m", "answer", "wait", "reply", "m"),
    d.chain("wait", "week", "closed"),
    messages=["reply"],
)


def main() -> None:
    """Measure on the databases asked for, else on both."""
    logging.disable(logging.WARNING)
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    wanted = sys.argv[2:] or ["sqlite", "postgresql"]
    folder = short_folder()
    server = PostgresServer(folder / "pg", settings=())
    try:
        if "sqlite" in wanted:
            measure("sqlite", f"sqlite:///{folder / 'watch.db'}", number)
        if "postgresql" in wanted:
            server.start()
            measure("postgresql", server.url(), number)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def measure(name: str, url: str, number: int) -> None:
    """Fill a database and print what the parts of a look take there."""
    upgrade(url)
    database = Database(url)
    engine = _ready(database)
    fill(database, number)
    slices, progress, whole = [], Progress(), time.perf_counter()
    while True:
        began = time.perf_counter()
        with database.read() as session:
            part = watch.walk(session, progress.place)
        slices.append(time.perf_counter() - began)
        progress = replace(progress, place=part.place, seen=progress.seen + part.seen)
        if part.place is None:
            break
    whole = time.perf_counter() - whole
    sample = _timed(database, lambda session: _thaw(engine, session))
    late = _timed(database, lambda session: watch.overdue(session, ()))
    tasks = _timed(database, lambda session: stuck.open_tasks_of_ended(session, None, None))
    print(f"{name}, {number} running and as many ended ({progress.seen} seen)")
    print(f"  slice of {stuck.SLICE}: median {_ms(median(slices))}, longest {_ms(max(slices))}")
    print(f"  whole round: {_ms(whole)}; a look does a sixteenth, at least {Progress().quota}")
    print(f"  thaw {stuck.SAMPLE} and compare {_ms(sample)}, late jobs {_ms(late)}, ", end="")
    print(f"tasks of ended {_ms(tasks)}")
    database.engine.dispose()


def fill(database: Database, number: int) -> None:
    """Insert instances as copies of a real one at each of its two wait states."""
    with database.read() as session:
        models = [_rows(session, key) for key in ("at task", "at wait")]
    for start in range(0, number, _PIECE):
        piece: dict[Any, list[dict[str, Any]]] = {}
        for place in range(start, min(start + _PIECE, number)):
            for running in (True, False):
                for model, rows in _copy(models[place % 2], place, running=running).items():
                    piece.setdefault(model, []).extend(rows)
        with database.write() as session:
            for model in (ProcessInstance, UserTask, Job, Subscription):
                session.execute(insert(model), piece.get(model, []))
    with database.write() as session:
        session.execute(text("ANALYZE"))


def _ready(database: Database) -> Engine:
    operations = Operations()
    engine = Engine(operations, silent)

    @operations.operation("test.form")
    def form(_call: Call, _form: Anything) -> Facts:
        return None

    files = {"main/main.bpmn": _WAITING, "main/forms/any.form": d.FORM}
    with database.write() as session:
        deployment.deploy(session, files, Vocabulary(operations), actor="staff:1")
        for key in ("at task", "at wait"):
            engine.start(session, "main", key=key, data={}, actor="system")
        task = session.scalars(select(UserTask.id).join(ProcessInstance).where(
            ProcessInstance.key == "at wait")).one()  # fmt: skip
        engine.complete_user_task(session, task, {}, "staff:1")
    return engine


def _rows(session: Any, key: str) -> dict[Any, list[dict[str, Any]]]:
    instance = session.scalars(select(ProcessInstance).where(ProcessInstance.key == key)).one()
    found: dict[Any, list[Any]] = {ProcessInstance: [instance]}
    for model in (UserTask, Job, Subscription):
        of_it = select(model).where(model.instance_id == instance.id)
        found[model] = list(session.scalars(of_it))
    return {model: [_values(row) for row in rows] for model, rows in found.items()}


def _values(row: Any) -> dict[str, Any]:
    names = [c.key for c in row.__table__.columns if c.key != "id" or isinstance(row.id, UUID)]
    return {name: getattr(row, name) for name in names}


def _copy(
    rows: dict[Any, list[dict[str, Any]]], place: int, *, running: bool
) -> dict[Any, list[dict[str, Any]]]:
    number = uuid4()
    (model,) = rows[ProcessInstance]
    started = model["started_at"] + timedelta(milliseconds=37 * place)
    own = {"id": number, "started_at": started, "status": "running" if running else "completed"}
    copied = {ProcessInstance: [model | own], UserTask: [], Job: [], Subscription: []}
    for task in rows[UserTask]:
        status = task["status"] if running else "completed"
        begun = {"status": status, "created_at": started}
        copied[UserTask].append(task | {"id": uuid4(), "instance_id": number} | begun)
    if running:
        key = {"instance_id": number}
        copied[Job] = [job | key for job in rows[Job]]
        copied[Subscription] = [item | {"instance_id": number} for item in rows[Subscription]]
    return copied


def _thaw(engine: Engine, session: Any) -> None:
    few = stuck.sample(session, None)
    watch.still_stuck(session, engine.definitions, few.suspects)


def _timed(database: Database, action: Callable[[Any], Any]) -> float:
    """Return the median of seven runs, in seconds."""
    times = []
    for _ in range(7):
        with database.read() as session:
            began = time.perf_counter()
            action(session)
            times.append(time.perf_counter() - began)
    return median(times)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    main()
