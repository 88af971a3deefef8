"""Plays imported processes through the real engine: forms as people send them, timers, messages."""

from datetime import timedelta

from engine import clock, deployment, jobs, queries
from engine.conversion import convert
from engine.forms import validation
from engine.linter import Vocabulary
from engine.runtime import Engine, silent
from processes.imported import operations as _registered  # noqa: F401 - keep_answers
from processes.operations import operations
from tests.engine.conversion.files import OPERATIONS, upload

VOCABULARY = Vocabulary(operations)
_FALLBACKS = {"number": "7", "checkbox": "true", "datetime": "2026-12-01"}


class Player:
    """One deployed upload, and the instances somebody starts on it."""

    def __init__(self, db, folder="", files=None):
        self.db = db
        self.engine = Engine(operations, silent)
        self.conversion = convert(files, operations=OPERATIONS) if files else upload(folder)
        with db.write() as session:
            files = self.conversion.files
            deployment.deploy(session, files, VOCABULARY, actor="staff:1")

    def start(self, process, key="42"):
        with self.db.write() as session:
            return self.engine.start(session, process, key=key, data={}, actor="staff:1")

    def at(self, key="42"):
        with self.db.read() as session:
            return sorted(task.element_id for task in queries.open_tasks(session, key))

    def complete(self, element, key="42", **answers):
        """Fill in the form of a step: what is not said gets some value that its form takes."""
        with self.db.write() as session:
            tasks = queries.open_tasks(session, key)
            task = next(task for task in tasks if task.element_id == element)
            definition = self.engine.definitions.get(session, task.version_id)
            form = definition.form(task.process, task.form_key)
            assert set(answers) <= set(form.fields), form.fields.keys()
            sent = {name: _entered(part) for name, part in form.fields.items()} | answers
            bound = validation.validate(form, sent, {})
            assert bound.ok, bound.problems
            self.engine.complete_user_task(session, task.id, bound.values, "staff:1")

    def later(self, **delta):
        """Let time pass, and everything fire that is due."""
        with self.db.write() as session:
            clock.advance(session, timedelta(**delta))
            claimed = jobs.claim(session, owner="test")
        for job in claimed:
            with self.db.write() as session:
                assert self.engine.fire_due(session, [job])
        return len(claimed)

    def send(self, message, key="42", **payload):
        with self.db.write() as session:
            return self.engine.correlate(
                session, message, key=key, payload=payload, actor="contact:1"
            )

    def started(self, process, key="42"):
        """Return the one instance of a process that a message has started."""
        with self.db.read() as session:
            rows = queries.instances_of(session, key)
        (instance,) = [row.id for row in rows if row.process == process]
        return instance

    def status(self, instance):
        with self.db.read() as session:
            return queries.instance(session, instance).status

    def ways(self, instance):
        """Return the elements an instance has completed."""
        with self.db.read() as session:
            steps = queries.history(session, [instance])
        return {step.element_id for step in steps if step.state == "completed"}


def _entered(part):
    if part.options:
        return part.options[0].value
    return _FALLBACKS.get(part.type, "some words")
