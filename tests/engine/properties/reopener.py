"""A process of its own that carries out commands on one database, with its own definitions."""

from datetime import timedelta
from multiprocessing import get_context
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from engine import clock, deployment, jobs
from engine.db import Database
from engine.linter import Vocabulary
from engine.models import HistoryEntry, Job, ProcessInstance, Subscription, UserTask
from engine.registry import Operations
from engine.runtime import Engine, silent

_FRESH = get_context("forkserver")
_FRESH.set_forkserver_preload([__name__])


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow")


class House:
    """An engine on a database."""

    def __init__(self, url: str) -> None:
        self.db, operations = Database(url), Operations()

        @operations.operation("test.form")
        def form(call, form: Anything):
            return form.model_dump()

        self.engine, self.vocabulary = Engine(operations, silent), Vocabulary(operations)

    def deploy(self, files: dict[str, bytes]) -> None:
        with self.db.write() as session:
            deployment.deploy(session, files, self.vocabulary, actor="staff:1", trial=False)

    def start(self, key: str) -> None:
        with self.db.write() as session:
            self.engine.start(session, "main", key=key, data={}, actor="system")

    def complete(self, element: str, key: str) -> None:
        with self.db.write() as session:
            query = (
                select(UserTask.id)
                .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
                .where(UserTask.element_id == element, UserTask.status == "ready")
                .where(ProcessInstance.key == key)
            )
            task = session.scalars(query).one()
            self.engine.complete_user_task(session, task, {"text": "so"}, "staff:1")

    def reply(self, key: str) -> None:
        with self.db.write() as session:
            assert (
                self.engine.correlate(session, "reply", key=key, payload={}, actor="contact:1") == 1
            )

    def pass_time(self, days: float) -> None:
        with self.db.write() as session:
            clock.advance(session, timedelta(days=days))
        with self.db.write() as session:
            due = jobs.claim(session, owner="test")
        for job in due:
            with self.db.write() as session:
                self.engine.fire_due(session, [job])

    def turn(self, key: str) -> None:
        """Reopen by a reply and answer again."""
        self.reply(key)
        self.complete("answer", key)

    def account(self, key: str) -> dict[str, Any]:
        """Return all that can be told apart about an instance, ids and moments left out."""
        with self.db.read() as session:
            head = session.scalars(select(ProcessInstance).filter_by(key=key)).one()
            mine = {"instance_id": head.id}
            history = session.scalars(
                select(HistoryEntry).filter_by(**mine).order_by(HistoryEntry.revision.desc())
            ).first()
            return {
                "status": head.status,
                "waiting_at": head.waiting_at,
                "tasks": sorted(
                    session.scalars(select(UserTask.element_id).filter_by(status="ready", **mine))
                ),
                "due": sorted(
                    (job.element_id, round((job.due_at - head.updated_at) / timedelta(minutes=1)))
                    for job in session.scalars(select(Job).filter_by(state="ready", **mine))
                ),
                "subscriptions": sorted(
                    (row.element_id, row.message)
                    for row in session.scalars(select(Subscription).filter_by(**mine))
                ),
                "last": [history.cause, history.element_id, history.steps],
                "bytes": len(head.state),
                "revision": head.revision,
            }


class Worker:
    """A fresh process; `ask` has it carry out one method of its house."""

    def __init__(self, url: str) -> None:
        self._here, there = _FRESH.Pipe()
        self._process = _FRESH.Process(target=serve, args=(there, url), daemon=True)
        self._process.start()
        there.close()

    def ask(self, verb: str, *arguments: Any) -> Any:
        self._here.send((verb, arguments))
        fault, answer = self._here.recv()
        assert fault is None, fault
        return answer

    def stop(self) -> None:
        self._here.send(None)
        self._process.join(10)
        self._here.close()


def serve(pipe: Any, url: str) -> None:
    """Carry out what comes through the pipe, until None comes."""
    house = House(url)
    while (asked := pipe.recv()) is not None:
        verb, arguments = asked
        try:
            pipe.send((None, getattr(house, verb)(*arguments)))
        except Exception as error:  # noqa: BLE001 - told to the test
            pipe.send((repr(error), None))
    house.db.engine.dispose()
