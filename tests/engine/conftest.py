"""A small world for the engine: test operations, two processes, both databases."""

from datetime import timedelta

import pytest
from pydantic import BaseModel, ConfigDict

from engine import clock, deployment, jobs, queries
from engine.linter import Vocabulary
from engine.registry import Operations
from engine.runtime import Engine
from tests.engine import diagrams as d


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow")


class Answer(BaseModel):
    text: str


class EngineWorld:
    """The engine with its doors open: what was called, what was heard, time that moves."""

    def __init__(self, db):
        self.db, self.called, self.heard = db, [], []
        self.failing: Exception | None = None
        self.operations = Operations()
        self._register()
        self.engine = Engine(self.operations, lambda _session, result: self.heard.append(result))
        self.vocabulary = Vocabulary(self.operations)

    def _register(self):
        @self.operations.operation("test.form")
        def form(call, form: Anything):
            self.called.append((call.element_id, form.model_dump()))
            return form.model_dump()

        @self.operations.operation("test.answer")
        def answer(call, form: Answer):
            self.called.append((call.element_id, form.text))
            call.after(
                lambda step: self.called.append(("after", [t.element_id for t in step.timers]))
            )

        @self.operations.operation("test.shaky")
        def shaky(call, parameters: Anything):
            if self.failing is not None:
                raise self.failing
            self.called.append((call.element_id, parameters.model_dump()))
            return {"shaken": True}

        @self.operations.operation("test.tell_myself")
        def tell_myself(call, form: Anything):
            self.engine.correlate(call.session, "note", key=call.key, payload={}, actor=call.actor)

    def deploy(self, **processes):
        files = {}
        for name, content in processes.items():
            files |= {f"{name}/{name}.bpmn": content, f"{name}/forms/any.form": d.FORM}
        with self.db.write() as session:
            return deployment.deploy(session, files, self.vocabulary, actor="staff:1")

    def start(self, process="main", key="42", **data):
        with self.db.write() as session:
            return self.engine.start(session, process, key=key, data=data, actor="system")

    def tasks(self, key="42"):
        with self.db.read() as session:
            return queries.open_tasks(session, key)

    def at(self, key="42"):
        return [task.element_id for task in self.tasks(key)]

    def task(self, element, key="42"):
        return next(task for task in self.tasks(key) if task.element_id == element)

    def complete(self, element, key="42", actor="staff:1", **form):
        with self.db.write() as session:
            return self.engine.complete_user_task(session, self.task(element, key).id, form, actor)

    def send(self, message, key="42", **payload):
        with self.db.write() as session:
            return self.engine.correlate(
                session, message, key=key, payload=payload, actor="contact:1"
            )

    def later(self, **delta):
        with self.db.write() as session:
            clock.advance(session, timedelta(**delta))

    def claim_jobs(self, **options):
        with self.db.write() as session:
            return jobs.claim(session, owner="test", **options)

    def run_jobs(self):
        done = 0
        for job in self.claim_jobs():
            with self.db.write() as session:
                if job.kind == "timer":
                    done += len(self.engine.fire_due(session, [job]))
                else:
                    done += self.engine.run_service(session, job)
        return done

    def read(self, query, *arguments):
        with self.db.read() as session:
            return query(session, *arguments)


@pytest.fixture
def world(db):
    return EngineWorld(db)


@pytest.fixture
def reply_or_week(world):
    """answer -> reply (back to answer) or a week (closed)."""
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.exclusive("m"),
            d.user("answer", "test.answer"),
            d.event_gateway("wait"),
            d.catch("reply", "reply", "message"),
            d.timer("week", "P8D"),
            d.end("closed"),
            d.chain("start", "m", "answer", "wait", "reply", "m"),
            d.chain("wait", "week", "closed"),
            messages=["reply"],
        )
    )
    return world


@pytest.fixture
def everything(world):
    """A task with a timer on it, beside background work and a message or a week."""
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.parallel("fork"),
            d.user("answer"),
            d.boundary("deadline", "answer", d.duration("PT4H")),
            d.service("shake", "test.shaky", **{"async": "true"}),
            d.event_gateway("wait"),
            d.catch("reply", "reply", "message"),
            d.timer("week", "P8D"),
            d.end("late"),
            d.end("one"),
            d.end("two"),
            d.end("three"),
            d.chain("start", "fork", "answer", "one"),
            d.chain("deadline", "late"),
            d.chain("fork", "shake", "two"),
            d.chain("fork", "wait", "reply", "three"),
            d.chain("wait", "week", "three"),
            messages=["reply"],
        )
    )
    return world
