"""What the database must say about an instance: the same as its thawed state."""

from sqlalchemy import select

from engine.models import HistoryEntry, Job, ProcessInstance, Subscription, UserTask
from engine.projection import Projection
from engine.spiff.machine import Machine
from engine.spiff.parser import parse
from engine.spiff.script import ScriptEngine

NOTHING = Projection([], [], [])


def check_rows(world, files, instance):
    """Compare tasks, jobs, subscriptions and history of an instance with its state."""
    with world.db.read() as session:
        head = session.get(ProcessInstance, instance, populate_existing=True)
        mine = {"instance_id": instance}
        tasks = session.scalars(select(UserTask).filter_by(**mine)).all()
        jobs = session.scalars(select(Job).filter_by(state="ready", **mine)).all()
        subscriptions = session.scalars(select(Subscription).filter_by(**mine)).all()
        history = session.scalars(select(HistoryEntry).filter_by(**mine)).all()
        expected = _projection(files, head)
    waits = [wait for wait in expected.waiting if wait.kind == "user_task"]
    assert {(w.task_id, w.element_id) for w in waits} == {
        (t.id, t.element_id) for t in tasks if t.status == "ready"
    }
    assert {(t.task_id, t.element_id, t.due_at) for t in expected.timers} == {
        (job.task_id, job.element_id, job.due_at) for job in jobs if job.kind == "timer"
    }
    assert set(expected.tasks("service")) == {job.task_id for job in jobs if job.kind == "service"}
    assert {
        (w.task_id, w.element_id, w.message, _key(w, head), w.kind == "signal")
        for w in expected.messages
    } == {(row.task_id, row.element_id, row.message, row.key, row.signal) for row in subscriptions}
    assert sorted(row.revision for row in history) == list(range(1, head.revision + 1))
    completed = [task for task in tasks if task.status == "completed"]
    assert sum(row.cause == "task" for row in history) == len(completed)
    assert head.status == "completed" or expected.waiting, "stuck"
    return head


def _key(wait, head):
    return "" if wait.kind == "signal" else wait.key or head.key


def _projection(files, head):
    if head.status != "running":
        assert head.state == b""
        return NOTHING
    script = ScriptEngine(head.updated_at, lambda *_: {})
    machine = Machine.thawed(parse(files, "main"), script, head.state)
    found = Projection.of(machine)
    assert sorted({wait.element_id for wait in found.waiting}) == head.waiting_at
    return found
