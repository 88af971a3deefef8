"""Work that is late although somebody looks, and how the looks remember where they stand."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import update

from engine import clock, inspection, jobs, queries, watch
from engine.models import Job
from engine.watch import findings, late
from engine.watch.jobs import again, hurry
from engine.watch.progress import EVERY, Place, Progress


def change(world, statement):
    with world.db.write() as session:
        session.execute(statement)


def incidents(world):
    return world.read(inspection.open_incidents)


def retry(world, incident):
    with world.db.write() as session:
        return world.engine.retry(session, incident.id, "staff:9")


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
