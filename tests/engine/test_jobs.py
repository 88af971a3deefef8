from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import clock, inspection, jobs, queries
from engine.models import Job, WorkerBeat


def mail(world, key="mail:1"):
    with world.db.write() as session:
        return jobs.enqueue(
            session, jobs.MAIL, due_at=clock.real_now(session), dedupe_key=key, payload={"n": 1}
        )


def row(world, number):
    return world.read(lambda session: session.get(Job, number))


def test_the_same_key_twice_is_one_job(world):
    assert mail(world) == mail(world)


def test_a_claimed_job_is_nobody_elses_until_its_lease_ends(world):
    mail(world)
    (first,) = world.claim_jobs(lease_seconds=-1.0)
    (second,) = world.claim_jobs()
    assert world.claim_jobs() == []
    assert (second.token, second.attempts) == (first.token + 1, 2)


def test_only_the_newest_token_finishes(world):
    number = mail(world)
    (old,) = world.claim_jobs(lease_seconds=-1.0)
    (new,) = world.claim_jobs()
    with world.db.write() as session:
        assert not jobs.finish(session, old)
        assert not jobs.fail(session, old, ValueError("late"))
        assert jobs.finish(session, new)
    assert row(world, number).state == "done"


def test_pauses_grow_fourfold_and_the_fifth_failure_is_an_incident(world):
    number, pauses = mail(world), []
    for _ in range(5):
        with world.db.write() as session:
            session.get_one(Job, number).due_at = clock.real_now(session)
        (job,) = world.claim_jobs()
        with world.db.write() as session:
            now = clock.real_now(session)
            jobs.fail(session, job, ConnectionError("no route to host"))
        pauses.append((row(world, number).due_at - now).total_seconds())
    assert [round(pause / expected, 1) for pause, expected in
            zip(pauses[:4], (10, 40, 160, 640), strict=True)] == pytest.approx(
        [1.0] * 4, abs=0.21)  # fmt: skip
    assert row(world, number).state == "incident"
    (incident,) = world.read(inspection.open_incidents)
    assert incident.message == "ConnectionError: no route to host"


def test_what_cannot_get_better_is_an_incident_at_once(world):
    number = mail(world)
    (job,) = world.claim_jobs()
    with world.db.write() as session:
        jobs.fail(session, job, jobs.PermanentError("no such user"))
    assert row(world, number).state == "incident"
    with world.db.write() as session:
        assert jobs.reopen(session, number)
        assert not jobs.reopen(session, number)
    assert (row(world, number).state, row(world, number).attempts) == ("ready", 0)


def test_a_claim_given_back_does_not_count(world):
    number = mail(world)
    (job,) = world.claim_jobs()
    with world.db.write() as session:
        jobs.release(session, job)
    assert (row(world, number).attempts, row(world, number).lease_until) == (0, None)


def test_old_jobs_and_lost_workers_are_forgotten_after_their_time(world):
    old, young, waiting = (mail(world, f"mail:{n}") for n in range(3))
    with world.db.write() as session:
        for number, days in ((old, 8), (young, 6)):
            done = session.get_one(Job, number)
            done.state, done.done_at = "done", clock.utc_now() - timedelta(days=days)
        for name, days in (("gone", 2), ("here", 0)):
            moment = clock.utc_now() - timedelta(days=days)
            session.add(WorkerBeat(name=name, started_at=moment, seen_at=moment, detail={}))
    with world.db.write() as session:
        jobs.forget_old(session)
    assert world.read(lambda s: set(s.scalars(select(Job.id)))) == {young, waiting}
    assert [beat.name for beat in world.read(queries.workers)] == ["here"]
