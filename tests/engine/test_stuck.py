"""What got stuck is found, shown as an incident once, mended by a retry, and settled by itself."""

from datetime import timedelta
from uuid import uuid4

import pytest
from SpiffWorkflow import TaskState
from sqlalchemy import delete, select, update

from engine import clock, jobs, queries, watch
from engine.errors import NotFoundError
from engine.models import Job, ProcessInstance, Subscription, UserTask
from engine.repair import compare
from engine.spiff.codec import freeze, thaw
from engine.spiff.script import ScriptEngine
from engine.watch import findings, late, stuck
from engine.watch.jobs import again, hurry
from engine.watch.progress import EVERY, Place, Progress
from tests.engine import diagrams as d


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
    return world.read(queries.open_incidents)


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


def _late(world, before=()):
    with world.db.write() as session:
        seen = watch.overdue(session, before)
        watch.settle(session, watch.OVERDUE, seen.findings)
    return seen


def test_a_job_late_at_two_looks_is_an_incident_and_its_retry_makes_it_due_now(everything):
    instance = everything.start()
    everything.later(days=8, minutes=6)
    once = _late(everything)
    assert len(once.ids) == 2
    assert incidents(everything) == []

    twice = _late(everything, once.ids)
    again_late = _late(everything, twice.ids)

    assert again_late.ids == once.ids
    found = incidents(everything)
    assert [(item.kind, item.instance_id) for item in found] == [("overdue", instance)] * 2
    assert {item.element_id for item in found} == {"deadline", "week"}
    assert "timer job due at" in found[0].message
    for incident in found:
        assert retry(everything, incident)
    assert _late(everything, once.ids).ids == ()
    assert len(everything.claim_jobs(kinds=("timer",))) == 2


def test_late_work_that_gets_done_settles_its_incident(everything):
    instance = everything.start()
    everything.later(hours=4, minutes=6)
    _late(everything, _late(everything).ids)
    assert len(incidents(everything)) == 1
    everything.run_jobs()
    _late(everything)
    assert incidents(everything) == []
    (settled,) = everything.read(queries.incidents_of, instance)
    assert settled.resolved_by == "system"


def test_work_that_somebody_has_in_hand_is_not_late_but_a_lease_without_end_is(everything):
    everything.start()
    everything.later(hours=5)
    (job,) = everything.claim_jobs(kinds=("timer",))
    assert _late(everything).ids == ()
    with everything.db.write() as session:
        far = clock.real_now(session) + timedelta(days=400)
        session.get_one(Job, job.id).lease_until = far
    assert _late(everything).ids == (job.id,)
    with everything.db.write() as session:
        assert hurry(session, job.id)
        assert not jobs.finish(session, job)  # whoever had it is outdated
    assert len(everything.claim_jobs(kinds=("timer",))) == 1


def test_a_job_of_a_kind_no_worker_knows_is_late_too(world):
    with world.db.write() as session:
        due = clock.real_now(session) - timedelta(minutes=6)
        number = jobs.enqueue(session, "telegraph", due_at=due, dedupe_key="t")
    assert _late(world).ids == (number,)


def test_very_many_late_jobs_are_one_incident(world):
    with world.db.write() as session:
        due = clock.real_now(session) - timedelta(minutes=6)
        for number in range(late.SINGLE + 5):
            jobs.enqueue(session, "mail", due_at=due, dedupe_key=f"m{number}")
    seen = _late(world)
    for _ in range(2):
        seen = _late(world, seen.ids)
    (incident,) = incidents(world)
    assert incident.message == "More than five minutes late: mail: 25"
    change(world, update(Job).values(state="done"))
    _late(world, seen.ids)
    assert incidents(world) == []


def test_of_one_kind_only_so_many_are_open(world):
    with world.db.write() as session:
        due = clock.real_now(session)
        numbers = [jobs.enqueue(session, "mail", due_at=due, dedupe_key=str(n)) for n in range(130)]
        found = [watch.Finding(watch.OVERDUE, "late", job_id=number) for number in numbers]
        assert watch.settle(session, watch.OVERDUE, found) == 130

    count = world.read(queries.count_open_incidents)
    assert count == findings.MOST_OPEN == 100

    with world.db.write() as session:  # forty are gone; of the others some had no room before
        watch.settle(session, watch.OVERDUE, found[40:])
    assert world.read(queries.count_open_incidents) == 90


def test_progress_comes_back_from_the_payload_of_a_job():
    now = clock.utc_now()
    progress = Progress(now, now, Place(now, uuid4()), 7, 9, None, "agents", None, (3, 4))
    assert Progress.read(progress.kept()) == progress
    assert Progress.read(None) == Progress()


def test_after_a_gap_lateness_counts_anew():
    now = clock.utc_now()
    steady = Progress(
        looked_at=now - timedelta(minutes=1), since=now - timedelta(hours=1), late=(1,)
    )
    assert steady.began(now).since == steady.since
    silent = Progress(
        looked_at=now - timedelta(minutes=9), since=now - timedelta(hours=1), late=(1,)
    )
    assert silent.began(now).since == now
    assert silent.began(now).late == ()


def test_a_round_takes_four_minutes_up_to_a_million():
    looks = timedelta(minutes=4) / EVERY
    assert Progress().quota * looks == 80_000
    assert Progress(last_round=1_000_000).quota * looks == 1_000_000
    assert Progress(seen=400_000).quota * looks == 400_000  # a first round learns as it goes


def test_a_job_put_back_is_due_later_with_what_it_keeps(world):
    with world.db.write() as session:
        jobs.enqueue(session, "watch", due_at=clock.real_now(session), dedupe_key="watch")
    (job,) = world.claim_jobs(kinds=("watch",))
    with world.db.write() as session:
        due = clock.real_now(session) + timedelta(minutes=1)
        assert again(session, job, due_at=due, payload={"seen": 3})
    assert world.claim_jobs(kinds=("watch",)) == []
    row = world.read(lambda session: session.get(Job, job.id))
    assert (row.payload, row.attempts, row.lease_until, row.due_at) == ({"seen": 3}, 0, None, due)
