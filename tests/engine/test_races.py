"""Many at once on one instance: one thing happens after the other, and each is told the truth."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select

from engine import jobs, queries
from engine.errors import AlreadyDoneError, ClaimedByOtherError, NotWaitingError
from engine.models import HistoryEntry, Incident, Job, Subscription, UserTask
from engine.repair import compare

CLIENTS = 12


def at_once(*deeds):
    """Do all deeds at the same moment; return what each raised, or None."""
    together = Barrier(len(deeds))

    def done(deed):
        together.wait()
        try:
            deed()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        return None

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(done, deeds))


def count(world, model, *conditions):
    return world.read(
        lambda s: s.scalar(select(func.count()).select_from(model).where(*conditions))
    )


@pytest.mark.parametrize("also", [(), ("timer",), ("cancel",), ("timer", "cancel", "claim")])
def test_one_task_is_completed_once_whoever_else_is_at_work(everything, also):
    """A deadline fires on the same task, somebody cancels the instance, somebody claims it."""
    world = everything
    instance, task = world.start(), world.task("answer").id
    world.later(hours=5)
    claimed = world.claim_jobs(kinds=(jobs.TIMER,))

    def complete(number):
        with world.db.write() as session:
            world.engine.complete_user_task(session, task, {}, f"staff:{number}")

    def timer():
        with world.db.write() as session:
            world.engine.fire_due(session, claimed)

    def cancel():
        with world.db.write() as session:
            world.engine.cancel(session, instance, "enough", "staff:99")

    def claim():
        with world.db.write() as session:
            world.engine.claim(session, task, "staff:3")

    others = {"timer": timer, "cancel": cancel, "claim": claim}
    deeds = [lambda n=number: complete(n) for number in range(CLIENTS)]
    raised = at_once(*deeds, *(others[name] for name in also))

    told = Counter(type(error) for error in raised[:CLIENTS])
    assert told.keys() <= {type(None), AlreadyDoneError, *_claimed(also)}, raised
    assert told[type(None)] == count(
        world, UserTask, UserTask.id == task, UserTask.status == "completed"
    )
    assert told[type(None)] == 1 or also
    assert all(
        error is None or isinstance(error, NotWaitingError | AlreadyDoneError)
        for error in raised[CLIENTS:]
    )
    assert count(world, Incident) == 0
    _is_sound(world, instance)


def _claimed(also):
    return [ClaimedByOtherError] if "claim" in also else []


def _is_sound(world, instance):
    """Its rows say what its state says, and its history has no gap."""
    with world.db.read() as session:
        row = queries.instance(session, instance)
        (seen,) = compare(session, world.engine.definitions, [instance]).values()
        revisions = list(
            session.scalars(
                select(HistoryEntry.revision)
                .where(HistoryEntry.instance_id == instance)
                .order_by(HistoryEntry.revision)
            )
        )
    assert seen.complaint == ""
    assert revisions == list(range(1, row.revision + 1))
    if row.status != "running":
        assert count(world, Subscription) == count(world, Job, Job.state == "ready") == 0
