from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from engine import incidents, inspection, jobs, queries
from engine.errors import (
    AlreadyDoneError,
    AppError,
    ClaimedByOtherError,
    InvalidInputError,
    NotFoundError,
    NotWaitingError,
    StepFailedError,
)
from engine.models import HistoryEntry, Job, ProcessInstance, Subscription
from engine.spiff.codec import plain
from tests.engine import diagrams as d


def count(world, model):
    return world.read(lambda s: s.scalar(select(func.count()).select_from(model)))


def test_a_started_instance_waits_at_its_first_user_task(reply_or_week):
    instance = reply_or_week.start(case_id=7)
    (task,) = reply_or_week.tasks()
    assert (task.element_id, task.form_key, task.instance_id) == ("answer", "any", instance)
    head = reply_or_week.read(queries.instance, instance)
    assert (head.status, head.waiting_at, head.revision) == ("running", ["answer"], 1)


def test_the_operation_of_a_task_gets_its_form_and_hears_which_timers_were_armed(reply_or_week):
    reply_or_week.start()
    reply_or_week.complete("answer", text="hello")
    assert reply_or_week.called == [("answer", "hello"), ("after", ["week"])]


def test_a_form_that_does_not_fit_changes_nothing(reply_or_week):
    reply_or_week.start()
    with pytest.raises(InvalidInputError) as refused:
        reply_or_week.complete("answer", wrong=1)
    assert list(refused.value.fields) == ["text"]
    assert reply_or_week.at() == ["answer"]


def test_the_timer_row_is_due_when_the_diagram_says_and_goes_when_the_customer_replies(
    reply_or_week,
):
    instance = reply_or_week.start()
    result = reply_or_week.complete("answer", text="a")
    (job,) = reply_or_week.read(queries.jobs_of, instance)
    assert job.due_at - result.now == timedelta(days=8)
    assert count(reply_or_week, Subscription) == 1
    assert reply_or_week.send("reply", text="no") == 1
    assert (count(reply_or_week, Job), count(reply_or_week, Subscription)) == (0, 0)
    assert reply_or_week.at() == ["answer"]


def test_on_day_seven_it_waits_and_on_day_eight_it_closes(reply_or_week):
    instance = reply_or_week.start()
    reply_or_week.complete("answer", text="a")
    reply_or_week.later(days=7, hours=23)
    assert reply_or_week.run_jobs() == 0
    reply_or_week.later(hours=1)
    assert reply_or_week.run_jobs() == 1
    head = reply_or_week.read(queries.instance, instance)
    assert (head.status, head.state_bytes) == ("completed", 0)
    assert (count(reply_or_week, Job), count(reply_or_week, Subscription)) == (0, 0)


def test_a_claimed_timer_whose_customer_replied_meanwhile_fires_nothing(reply_or_week):
    reply_or_week.start()
    reply_or_week.complete("answer", text="a")
    reply_or_week.later(days=8)
    (job,) = reply_or_week.claim_jobs()
    reply_or_week.send("reply", text="wait!")
    with reply_or_week.db.write() as session:
        assert reply_or_week.engine.fire_due(session, [job]) == set()
    assert reply_or_week.at() == ["answer"]


def test_a_worker_that_comes_back_with_an_old_token_fires_nothing(reply_or_week):
    reply_or_week.start()
    reply_or_week.complete("answer", text="a")
    reply_or_week.later(days=8)
    (old,) = reply_or_week.claim_jobs(lease_seconds=-1.0)
    (new,) = reply_or_week.claim_jobs()
    assert new.token == old.token + 1
    with reply_or_week.db.write() as session:
        assert reply_or_week.engine.fire_due(session, [old]) == set()
    with reply_or_week.db.write() as session:
        assert reply_or_week.engine.fire_due(session, [new]) == {new.id}


def test_a_second_completion_is_told_who_was_first_and_when(reply_or_week):
    reply_or_week.start()
    task = reply_or_week.task("answer")
    reply_or_week.complete("answer", text="a")
    with pytest.raises(AlreadyDoneError) as told, reply_or_week.db.write() as session:
        reply_or_week.engine.complete_user_task(session, task.id, {"text": "b"}, "staff:2")
    assert told.value.params["by"] == "staff:1"
    assert told.value.params["at"] is not None


def test_of_twelve_people_who_complete_one_task_at_once_one_wins(reply_or_week):
    reply_or_week.start()
    task, gate = reply_or_week.task("answer"), Barrier(12)

    def try_it(number):
        gate.wait()
        try:
            with reply_or_week.db.write() as session:
                reply_or_week.engine.complete_user_task(
                    session, task.id, {"text": str(number)}, f"staff:{number}"
                )
        except AlreadyDoneError:
            return 0
        return 1

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(try_it, range(12))) == 1
    assert [entry for entry in reply_or_week.called if entry[0] == "answer"].__len__() == 1


@pytest.mark.requirement("CARE-04")
def test_the_second_claimer_is_told_who_has_it_and_cannot_answer(reply_or_week):
    reply_or_week.start()
    task, engine, db = reply_or_week.task("answer"), reply_or_week.engine, reply_or_week.db
    with db.write() as session:
        engine.claim(session, task.id, "staff:1")
    with pytest.raises(ClaimedByOtherError) as told, db.write() as session:
        engine.claim(session, task.id, "staff:2")
    assert told.value.params["by"] == "staff:1"
    with pytest.raises(ClaimedByOtherError):
        reply_or_week.complete("answer", actor="staff:2", text="mine")
    assert reply_or_week.task("answer").claimed_by == "staff:1"
    with db.write() as session:
        engine.release(session, task.id, "staff:1")
    reply_or_week.complete("answer", actor="staff:2", text="mine")
    assert reply_or_week.called[0] == ("answer", "mine")


def test_messages_reach_only_the_instance_with_their_key(reply_or_week):
    for key in ("1", "2"):
        reply_or_week.start(key=key)
        reply_or_week.complete("answer", key=key, text="a")
    assert reply_or_week.send("reply", key="2", text="x") == 1
    assert (reply_or_week.at("1"), reply_or_week.at("2")) == ([], ["answer"])
    assert reply_or_week.send("reply", key="3") == 0


def test_unknown_tasks_and_instances_are_not_found(reply_or_week):
    engine, db = reply_or_week.engine, reply_or_week.db
    with pytest.raises(NotFoundError), db.write() as session:
        engine.complete_user_task(session, uuid4(), {}, "staff:1")
    with pytest.raises(NotFoundError), db.write() as session:
        engine.start(session, "nothing", key="1", data={}, actor="system")


def test_a_cancelled_instance_has_no_tasks_timers_or_messages_left(reply_or_week):
    instance = reply_or_week.start()
    reply_or_week.complete("answer", text="a")
    with reply_or_week.db.write() as session:
        reply_or_week.engine.cancel(session, instance, "asked by the customer", "staff:9")
    head = reply_or_week.read(queries.instance, instance)
    assert head.status == "cancelled"
    assert (count(reply_or_week, Job), count(reply_or_week, Subscription)) == (0, 0)
    last = reply_or_week.read(queries.history, [instance])[-1]
    assert (last.actor, last.state, last.element_id) == ("staff:9", "note", "asked by the customer")
    assert reply_or_week.heard[-1].status == "cancelled"
    with pytest.raises(NotWaitingError), reply_or_week.db.write() as session:
        reply_or_week.engine.cancel(session, instance, "again", "staff:9")


def test_history_has_one_row_a_command_with_every_step_in_order(reply_or_week):
    instance = reply_or_week.start()
    reply_or_week.complete("answer", text="a")
    reply_or_week.send("reply", text="no")
    assert count(reply_or_week, HistoryEntry) == 3
    steps = reply_or_week.read(queries.history, [instance])
    assert [(s.revision, s.state, s.element_id) for s in steps if s.state != "note"] == [
        (1, "completed", "start"), (1, "completed", "m"), (1, "entered", "answer"),
        (2, "completed", "answer"), (2, "entered", "wait"),
        (3, "completed", "wait"), (3, "completed", "reply"), (3, "completed", "m"),
        (3, "entered", "answer"),
    ]  # fmt: skip


def shaky(world, **properties):
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.user("go"),
            d.service("call", "test.shaky", {"n": "n"}, **properties),
            d.user("then"),
            d.end(),
            d.chain("start", "go", "call", "then", "end"),
        )
    )
    world.start()


def test_a_failing_inline_operation_rolls_the_command_back_and_names_the_real_error(world):
    shaky(world)
    world.failing = ConnectionError("the warehouse does not answer")
    with pytest.raises(StepFailedError) as failed:
        world.complete("go", n=1)
    assert (failed.value.element_id, failed.value.operation) == ("call", "test.shaky")
    assert isinstance(failed.value.__cause__, ConnectionError)
    with world.db.write() as session:
        number = incidents.record(session, failed.value)
    assert world.at() == ["go"]
    (incident,) = world.read(inspection.open_incidents)
    assert (incident.id, incident.message) == (
        number, "ConnectionError: the warehouse does not answer")  # fmt: skip
    world.failing = None
    world.complete("go", n=1)
    assert world.at() == ["then"]


def test_what_a_person_did_wrong_passes_through_an_operation_unchanged(world):
    shaky(world)
    world.failing = NotFoundError()
    with pytest.raises(NotFoundError):
        world.complete("go", n=1)


def test_a_database_that_goes_away_inside_an_operation_is_no_failed_step(world):
    shaky(world)
    world.failing = OperationalError("SELECT 1", {}, Exception("the connection is gone"))
    with pytest.raises(OperationalError):
        world.complete("go", n=1)
    world.failing = None
    world.complete("go", n=1)
    assert world.at() == ["then"]


def run_service(world):
    (job,) = world.claim_jobs()
    try:
        with world.db.write() as session:
            return world.engine.run_service(session, job)
    except AppError as error:
        with world.db.write() as session:
            jobs.fail(session, job, error, speed=0.0)
        return False


def test_an_asynchronous_operation_is_retried_becomes_an_incident_and_goes_on_after_retry(world):
    shaky(world, **{"async": "true"})
    world.complete("go", n=5)
    assert world.at() == []
    world.failing = ConnectionError("no route")
    for _ in range(5):
        assert run_service(world) is False
    assert world.claim_jobs() == []
    (incident,) = world.read(inspection.open_incidents)
    assert incident.message == "ConnectionError: no route"
    (told,) = world.read(queries.incidents_of, incident.instance_id)
    assert "NameError" not in told.detail
    world.failing = None
    with world.db.write() as session:
        world.engine.retry(session, incident.id, "staff:9")
    assert run_service(world) is True
    assert world.called[-1] == ("call", {"n": 5})
    assert world.at() == ["then"]
    assert world.read(inspection.open_incidents) == []
    assert world.claim_jobs() == []


def test_a_message_an_operation_sends_to_its_own_instance_arrives_after_the_command(world):
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.user("say", "test.tell_myself"),
            d.catch("hear", "note"),
            d.user("then"),
            d.end(),
            d.chain("start", "say", "hear", "then", "end"),
            messages=["note"],
        )
    )
    world.start()
    world.complete("say")
    assert world.at() == ["then"]


def test_a_message_a_process_throws_reaches_another_instance_with_the_same_key(world):
    world.deploy(
        main=d.diagram("main", d.start(), d.catch("hear", "note"), d.user("then"), d.end(),
                       d.chain("start", "hear", "then", "end"), messages=["note"]),
        other=d.diagram("other", d.start(), d.throw("say", "note"), d.end(),
                        d.chain("start", "say", "end"), messages=["note"]),
    )  # fmt: skip
    world.start("main")
    world.start("other", key="7")
    assert world.at() == []
    world.start("other")
    assert world.at() == ["then"]


def test_two_replies_at_once_are_both_taken_one_after_the_other(reply_or_week):
    for number in range(6):
        reply_or_week.start(key=str(number))
        reply_or_week.complete("answer", key=str(number), text="a")
    gate = Barrier(2)

    def reply(_):
        moved = 0
        for number in range(6):
            gate.wait()
            moved += reply_or_week.send("reply", key=str(number), text="x")
        return moved

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(reply, range(2))) == 6


def test_the_sixtieth_objection_stores_what_the_fifth_did(reply_or_week):
    instance = reply_or_week.start()
    sizes = []
    for _ in range(60):
        reply_or_week.complete("answer", text="a")
        reply_or_week.send("reply", text="no")
        state = reply_or_week.read(lambda s: s.get_one(ProcessInstance, instance).state)
        sizes.append(len(plain(state[1:])))  # compressed, ids make noise
    assert abs(sizes[-1] - sizes[5]) < 20
