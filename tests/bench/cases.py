"""Whole cases of the bench process through the engine, by one client or several at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from casewright.database import upgrade
from engine import clock, deployment, queries
from engine.db import Database
from engine.linter import Vocabulary
from engine.loaded import keep_loaded
from engine.runtime import Engine, silent
from processes.bootstrap import App, build
from processes.config import Settings
from tests.bench import process
from tests.bench.clients import WARM, Together, together
from tests.bench.memory import resident_mb
from workers import look
from workers.config import WorkerSettings

Timed = Callable[[], tuple[int, Any]]


@dataclass(frozen=True)
class Phases:
    """How the phases of one run went."""

    start: Together
    classify: Together
    answer: Together
    message: Together
    fire: Together

    @property
    def per_second(self) -> float:
        """Return whole cases a second: start, two user tasks, timer; no message."""
        parts = (self.start, self.classify, self.answer, self.fire)
        return 1 / sum(1 / part.per_second for part in parts)

    @property
    def completions(self) -> float:
        """Return user-task completions a second."""
        return 2 / (1 / self.classify.per_second + 1 / self.answer.per_second)


def prepare(url: str) -> None:
    """Make the tables and deploy the process."""
    upgrade(url)
    database, operations = Database(url), process.operations()
    with database.write() as session:
        deployment.deploy(session, process.files(), Vocabulary(operations), actor="bench")
    database.engine.dispose()


def run(url: str, cases: int, clients: int) -> Phases:
    """Take `cases` new cases from start to end, each phase by all clients at once."""
    start = together(clients, starting, url, cases // clients)
    classify = together(clients, completing, url, _shares(url, clients), process.CLASSIFY)
    answer = together(clients, completing, url, _shares(url, clients), process.ANSWER)
    message = together(clients, sending, url, cases // clients)
    together(clients, completing, url, _shares(url, clients), process.ANSWER)
    later(url, days=9)
    fire = drain(url, clients)
    return Phases(start, classify, answer, message, fire)


def wait_many(url: str, cases: int, clients: int) -> None:
    """Take new cases up to where they wait for a reply or the week."""
    together(clients, starting, url, cases // clients)
    for form in (process.CLASSIFY, process.ANSWER):
        together(clients, completing, url, _shares(url, clients), form)


def drain(url: str, clients: int) -> Together:
    """Do all due work by so many workers' children at once."""
    return together(clients, draining, url)


def starting(client: int, url: str, count: int) -> Timed:
    """Prepare a client that starts instances, each with a key of its own."""
    house = Bench(url)
    for number in range(WARM):
        house.start(f"{client}-{number}")

    def timed() -> tuple[int, None]:
        for number in range(WARM, count):
            house.start(f"{client}-{number}")
        return count - WARM, None

    return timed


def completing(client: int, url: str, shares: list[list[UUID]], form: Mapping[str, Any]) -> Timed:
    """Prepare a client that completes its share of the open user tasks."""
    house = Bench(url)
    share = shares[client]
    for task_id in share[:WARM]:
        house.complete(task_id, form)

    def timed() -> tuple[int, None]:
        for task_id in share[WARM:]:
            house.complete(task_id, form)
        return len(share[WARM:]), None

    return timed


def sending(client: int, url: str, count: int) -> Timed:
    """Prepare a client that sends the reply its cases wait for."""
    house = Bench(url)
    for number in range(WARM):
        house.send(f"{client}-{number}")

    def timed() -> tuple[int, None]:
        for number in range(WARM, count):
            house.send(f"{client}-{number}")
        return count - WARM, None

    return timed


def draining(_client: int, url: str) -> Timed:
    """Prepare a client that does due work as a worker's child does, until there is none."""
    house = Bench(url)
    settings = WorkerSettings()

    def timed() -> tuple[int, float]:
        done = 0
        while found := look.work(house.app, settings).done:
            done += found
        return done, resident_mb()

    return timed


class Bench:
    """The engine with the bench process's operations, in a product with its own database."""

    def __init__(self, url: str) -> None:
        settings = Settings(database_url=url, data_dir=Path("/nowhere"), secret_key="b" * 40)  # type: ignore[arg-type]
        self.engine = Engine(process.operations(), silent)
        self.app: App = replace(build(settings), engine=self.engine)
        self.db = self.app.db
        with self.db.read() as session:
            self.engine.definitions.active(session, process.PROCESS)
        keep_loaded()

    def start(self, key: str) -> UUID:
        """Start one instance."""
        with self.db.write() as session:
            return self.engine.start(
                session, process.PROCESS, key=key, data=process.START, actor="contact:1"
            )

    def complete(self, task_id: UUID, form: Mapping[str, Any]) -> None:
        """Complete one user task."""
        with self.db.write() as session:
            self.engine.complete_user_task(session, task_id, form, "staff:1")

    def send(self, key: str) -> None:
        """Send the reply one case waits for."""
        with self.db.write() as session:
            self.engine.correlate(
                session, process.REPLY, key=key, payload={"text": "It leaks."}, actor="contact:1"
            )

    def open_tasks(self) -> list[UUID]:
        """Return the ids of all open user tasks, oldest first."""
        with self.db.read() as session:
            return [row.id for row in session.execute(queries.ready_user_tasks())]


def later(url: str, **delta: float) -> None:
    """Move business time."""
    database = Database(url)
    with database.write() as session:
        clock.advance(session, timedelta(**delta))
    database.engine.dispose()


def _shares(url: str, clients: int) -> list[list[UUID]]:
    tasks = Bench(url).open_tasks()
    return [tasks[client::clients] for client in range(clients)]
