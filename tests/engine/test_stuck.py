"""What got stuck is found, shown as an incident once, mended by a retry, and settled by itself."""

from datetime import timedelta
from uuid import uuid4

import pytest
from SpiffWorkflow import TaskState
from sqlalchemy import delete, event, select, update

from engine import clock, inspection, jobs, queries, watch
from engine.errors import NotFoundError
from engine.models import Job, ProcessInstance, Subscription, UserTask
from engine.repair import compare
from engine.spiff.codec import freeze, thaw
from engine.spiff.script import ScriptEngine
from engine.watch import stuck
from tests.engine import diagrams as d


def change(world, *statements):
    with world.db.write() as session:
        for statement in statements:
            session.execute(statement)


def rows(world, instance):
    """Return what the rows of an instance say it waits for."""
    with world.db.read() as session:
        tasks = session.scalars(
            select(UserTask.element_id).where(
                UserTask.instance_id == instance, UserTask.status == "ready"
            )
        )
        work = session.scalars(select(Job.element_id).where(Job.instance_id == instance))
        messages = session.scalars(
            select(Subscription.element_id).where(Subscription.instance_id == instance)
        )
        return sorted(tasks), sorted(work), sorted(messages)


def look(world):
    """Walk over all that runs, thaw some, and settle what was found."""
    with world.db.write() as session:
        suspects = stuck.walk(session, None).suspects + stuck.sample(session, None).suspects
        tasks, _ = stuck.open_tasks_of_ended(session, None, None)
        suspects += tasks.suspects
        found = watch.still_stuck(session, world.engine.definitions, suspects)
        watch.settle(session, watch.STUCK, found)


def incidents(world):
    return world.read(inspection.open_incidents)


def retry(world, incident):
    with world.db.write() as session:
        return world.engine.retry(session, incident.id, "staff:9")


def asleep(bundle, raw):
    """Return a state in which the ready task waits for an event that does not exist."""
    workflow = thaw(raw, bundle, ScriptEngine(clock.utc_now(), None))
    for task in workflow.get_tasks(state=TaskState.READY):
        task._state = TaskState.WAITING  # noqa: SLF001
    return freeze(workflow)


ALL = (["answer"], ["deadline", "shake", "week"], ["reply"])


def test_an_instance_that_waits_is_no_finding(everything):
    everything.start()
    look(everything)
    assert incidents(everything) == []


def test_an_instance_without_any_row_to_wait_for_is_found_by_the_walk(everything):
    lost, other = everything.start(), everything.start(key="7")
    change(
        everything,
        update(UserTask).where(UserTask.instance_id == lost).values(status="completed"),
        delete(Job).where(Job.instance_id == lost),
        delete(Subscription).where(Subscription.instance_id == lost),
    )

    found = everything.read(stuck.walk, None)

    assert found.suspects == [lost]
    assert found.seen == 2
    look(everything)
    look(everything)
    (incident,) = incidents(everything)
    assert (incident.kind, incident.instance_id) == ("stuck", lost)
    assert incident.message == (
        "rows are missing: message reply, service job shake, timer deadline, timer week, "
        "user task answer"
    )
    assert retry(everything, incident)
    assert rows(everything, lost) == rows(everything, other) == ALL


@pytest.mark.parametrize(
    ("table", "element", "words"),
    [
        (Job, "week", "timer week"),
        (Job, "deadline", "timer deadline"),
        (Job, "shake", "service job shake"),
        (Subscription, "reply", "message reply"),
        (UserTask, "answer", "user task answer"),
    ],
)
def test_one_lost_row_is_found_by_thawing_and_written_anew(everything, table, element, words):
    instance = everything.start()
    change(everything, delete(table).where(table.element_id == element))

    look(everything)

    (incident,) = incidents(everything)
    assert incident.message == f"rows are missing: {words}"
    assert incident.element_id == element
    assert retry(everything, incident)
    assert rows(everything, instance) == ALL
    look(everything)
    assert incidents(everything) == []
    everything.complete("answer", text="well")
    assert everything.send("reply") == 1
    assert everything.run_jobs() == 1
    assert everything.read(queries.instance, instance).status == "completed"


def test_an_incident_is_settled_by_itself_when_the_fault_is_gone(everything):
    instance = everything.start()
    change(everything, delete(Subscription))
    look(everything)
    (incident,) = incidents(everything)

    with everything.db.write() as session:
        everything.engine.repair(session, instance)
    look(everything)

    (settled,) = everything.read(queries.incidents_of, instance)
    assert settled.id == incident.id
    assert settled.resolved_by == "system"


def test_rows_too_many_are_taken_away(everything):
    instance = everything.start()
    change(everything, update(Subscription).values(message="other"))
    with everything.db.read() as session:
        seen = compare(session, everything.engine.definitions, [instance])[instance]
    assert seen.complaint == "rows are missing: message reply; rows too many: message reply"

    look(everything)
    assert retry(everything, *incidents(everything))

    assert rows(everything, instance) == ALL
    assert everything.send("reply") == 1


def test_an_open_task_of_an_ended_instance_is_found_and_closed(everything):
    instance = everything.start()
    with everything.db.write() as session:
        everything.engine.cancel(session, instance, "over", "staff:1")
    change(everything, update(UserTask).values(status="ready", completed_at=None))

    look(everything)

    (incident,) = incidents(everything)
    assert incident.message == "rows too many: user task answer"
    assert retry(everything, incident)
    assert rows(everything, instance) == ([], [], [])


def test_a_timer_row_at_a_wrong_time_gets_the_time_of_the_state(everything):
    instance = everything.start()
    week = select(Job.due_at).where(Job.element_id == "week")
    right = everything.read(lambda session: session.scalar(week))
    for wrong in (right - timedelta(days=3), right + timedelta(days=3)):
        change(everything, update(Job).where(Job.element_id == "week").values(due_at=wrong))
        look(everything)
        assert retry(everything, *incidents(everything))
        assert everything.read(lambda session: session.scalar(week)) == right
    assert rows(everything, instance) == ALL


def test_a_timer_that_is_tried_again_later_is_right(everything):
    everything.start()
    everything.later(days=9)
    for job in everything.claim_jobs(kinds=("timer",)):
        with everything.db.write() as session:
            jobs.fail(session, job, ValueError("not now"))
    look(everything)
    assert incidents(everything) == []


def test_claims_and_running_jobs_survive_a_repair(everything):
    instance = everything.start()
    task = everything.task("answer")
    with everything.db.write() as session:
        everything.engine.claim(session, task.id, "staff:3")
    (service,) = everything.claim_jobs(kinds=("service",))
    change(everything, delete(Subscription))

    with everything.db.write() as session:
        wrong = everything.engine.repair(session, instance)

    assert wrong.missing == ["message reply"]
    assert everything.task("answer").claimed_by == "staff:3"
    with everything.db.write() as session:
        assert everything.engine.run_service(session, service)


def test_what_waits_for_nothing_even_by_its_state_stays_an_incident(world):
    world.deploy(
        main=d.diagram("main", d.start(), d.user("a"), d.end(), d.chain("start", "a", "end"))
    )
    instance = world.start()
    other = world.start(key="7")
    world.complete("a", key="7")
    with world.db.write() as session:  # a state in which no task is ready any more
        state = session.get_one(ProcessInstance, instance)
        definition = world.engine.definitions.get(session, state.version_id)
        state.state = asleep(definition.bundle, state.state)
        session.execute(delete(UserTask))
    assert world.read(queries.instance, other).status == "completed"
    look(world)

    (incident,) = incidents(world)

    assert incident.message == "waits for nothing that can come"
    assert retry(world, incident) is False
    assert [item.id for item in incidents(world)] == [incident.id]


def test_a_settled_or_unknown_incident_cannot_be_retried(everything):
    everything.start()
    change(everything, delete(Subscription))
    look(everything)
    (incident,) = incidents(everything)
    assert retry(everything, incident)
    with pytest.raises(NotFoundError):
        retry(everything, incident)
    with everything.db.write() as session, pytest.raises(NotFoundError):
        everything.engine.repair(session, uuid4())


def test_the_walk_sees_each_instance_once_whatever_the_size_of_its_slices(everything):
    with everything.db.write() as session:  # the same instant for most of them
        for number in range(7):
            everything.engine.start(session, "main", key=str(number), data={}, actor="system")
    for number in range(4):
        everything.start(key=f"later {number}")
    change(everything, delete(Job), delete(Subscription), delete(UserTask))
    running = set(
        everything.read(lambda session: session.scalars(select(ProcessInstance.id)).all())
    )

    place, seen, slices = None, [], 0
    while True:
        part = everything.read(stuck.walk, place, 3)
        seen += part.suspects
        slices += 1
        place = part.place
        if place is None:
            break

    assert len(seen) == len(set(seen)) == 11
    assert set(seen) == running
    assert slices == 4


def test_tasks_are_walked_lane_by_lane(world):
    lanes = [None, "agents", "leads"]
    world.deploy(
        main=d.diagram("main", d.start(), d.user("a"), d.end(), d.chain("start", "a", "end"))
    )
    for number, lane in enumerate(lanes):
        instance = world.start(key=str(number))
        change(world, update(UserTask).where(UserTask.instance_id == instance).values(lane=lane))
    change(world, update(ProcessInstance).values(status="cancelled"))

    lane, walked, found = None, [], []
    for _ in range(4):
        walked.append(lane)
        part, lane = world.read(stuck.open_tasks_of_ended, lane, None)
        found += part.suspects

    assert walked == [None, "agents", "leads", None]
    assert len(found) == 4
    assert len(set(found)) == 3


def test_an_instance_that_moves_on_while_it_is_looked_at_is_no_alarm(reply_or_week):
    """Between reading its state and reading its rows somebody completes its task."""
    world = reply_or_week
    instance, task = world.start(), world.task("answer").id
    done = []

    def move_on(_connection, _cursor, statement, *_):
        if not done and "FROM user_task" in statement:
            done.append(True)
            with world.db.write() as session:
                world.engine.complete_user_task(session, task, {"text": "hello"}, "staff:1")

    with world.db.read() as session:
        event.listen(world.db.engine, "before_cursor_execute", move_on)
        try:
            found = compare(session, world.engine.definitions, [instance])
        finally:
            event.remove(world.db.engine, "before_cursor_execute", move_on)

    assert done
    assert [seen.complaint for seen in found.values() if seen.complaint] == []
    assert compare_again(world, instance) == [""]


def compare_again(world, instance):
    with world.db.read() as session:
        return [
            c.complaint for c in compare(session, world.engine.definitions, [instance]).values()
        ]


def test_a_state_that_nobody_can_read_is_an_incident_and_hides_no_other(reply_or_week):
    world = reply_or_week
    bad, other = world.start(key="1"), world.start(key="2")
    before = rows(world, bad)
    change(
        world,
        update(ProcessInstance).where(ProcessInstance.id == bad).values(state=b"\x07garbage"),
        delete(UserTask).where(UserTask.instance_id == other),
    )

    look(world)

    told = {incident.instance_id: incident.message for incident in incidents(world)}
    assert told.keys() == {bad, other}
    assert told[bad].startswith("its state cannot be read: ")
    settled = {item.instance_id: retry(world, item) for item in incidents(world)}
    assert settled == {bad: False, other: True}
    assert rows(world, bad) == before


def test_an_instance_whose_state_nobody_can_read_can_be_cancelled(everything):
    world = everything
    bad, other = world.start(key="1"), world.start(key="2")
    before = rows(world, other)
    garbage = update(ProcessInstance).where(ProcessInstance.id == bad)
    change(world, garbage.values(state=b"\x07garbage"))

    with world.db.write() as session:
        result = world.engine.cancel(session, bad, "It cannot be read.", "staff:1")

    assert (result.status, result.waiting) == ("cancelled", [])
    assert world.at("1") == []
    look(world)
    assert incidents(world) == []
    assert (rows(world, bad), rows(world, other)) == (([], [], []), before)
    ended = world.read(queries.instance, bad)
    assert (ended.status, ended.ended_at is not None) == ("cancelled", True)
