"""Every visit: when it began and ended, by whom and why, told apart, on which version."""

import pytest
from sqlalchemy import select, update

from engine import durations, queries
from engine.history import Mark, decode, encode
from engine.models import HistoryEntry
from engine.visits import Visits
from tests.engine import diagrams as d

HOUR = 3600


def steps(world, instance):
    """Return the kept steps of each command."""
    query = select(HistoryEntry.steps).where(HistoryEntry.instance_id == instance)
    return world.read(lambda s: list(s.scalars(query.order_by(HistoryEntry.revision))))


def visits(world, instance, element=None):
    """Return the visits of one instance, read as the reports do."""
    with world.db.read() as session:
        version = queries.instance(session, instance).version_id
        found = [v for v in durations.visits(session, version) if v.instance_id == instance]
    assert {each.version_id for each in found} == {version}
    return [each.visit for each in found if element in {None, each.visit.element_id}]


def hours(visit):
    return None if visit.seconds is None else round(visit.seconds / HOUR)


@pytest.fixture
def interrupted(world):
    """A task with a deadline that interrupts it."""
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.user("answer"),
            d.boundary("deadline", "answer", d.duration("PT4H")),
            d.user("escalate"),
            d.end("end"),
            d.end("late"),
            d.chain("start", "answer", "end"),
            d.chain("deadline", "escalate", "late"),
        )
    )
    return world


def test_a_completed_visit_says_when_by_whom_and_why(interrupted):
    instance = interrupted.start()
    interrupted.later(hours=2)
    interrupted.complete("answer", actor="staff:7")

    (answer,) = visits(interrupted, instance, "answer")

    assert (hours(answer), answer.actor, answer.cause) == (2, "staff:7", "task")
    assert answer.cancelled_at is None
    (deadline,) = visits(interrupted, instance, "deadline")
    assert (hours(deadline), deadline.completed_at) == (2, None)
    assert steps(interrupted, instance) == [
        "main >start <answer <deadline",
        "main >answer >end !deadline",
    ]


def test_an_interrupted_visit_ends_as_cancelled_by_the_timer(interrupted):
    instance = interrupted.start()
    interrupted.later(hours=5)
    interrupted.run_jobs()

    (answer,) = visits(interrupted, instance, "answer")

    assert (hours(answer), answer.completed_at) == (5, None)
    assert (answer.actor, answer.cause) == ("system", "timer")
    (deadline,) = visits(interrupted, instance, "deadline")
    assert (hours(deadline), deadline.cause) == (5, "timer")
    (escalate,) = visits(interrupted, instance, "escalate")
    assert escalate.ended_at is None


def test_a_cancelled_instance_ends_all_its_visits_with_who_did_it(interrupted):
    instance = interrupted.start()
    interrupted.later(hours=1)
    with interrupted.db.write() as session:
        interrupted.engine.cancel(session, instance, "not wanted", "staff:9")

    (answer,) = visits(interrupted, instance, "answer")

    assert (hours(answer), answer.actor, answer.cause) == (1, "staff:9", "cancel")
    assert answer.completed_at is None
    assert steps(interrupted, instance)[-1] == ["", "not wanted"]
    (note,) = [s for s in interrupted.read(queries.history, [instance]) if s.state == "note"]
    assert note.element_id == "not wanted"


def test_a_gateway_tells_which_event_came_and_a_loop_tells_each_turn(reply_or_week):
    instance = reply_or_week.start()
    for _ in range(2):
        reply_or_week.complete("answer", text="well")
        reply_or_week.later(days=1)
        reply_or_week.send("reply")
    reply_or_week.complete("answer", text="well")
    reply_or_week.later(days=9)
    reply_or_week.run_jobs()

    waits = visits(reply_or_week, instance, "wait")

    assert [(hours(wait), wait.actor, wait.cause) for wait in waits] == [
        (24, "contact:1", "message"),
        (24, "contact:1", "message"),
        (9 * 24, "system", "timer"),
    ]
    assert len(visits(reply_or_week, instance, "reply")) == 2
    assert len(visits(reply_or_week, instance, "week")) == 1
    assert len(visits(reply_or_week, instance, "answer")) == 3


def test_what_a_terminating_end_takes_away_is_cancelled(world):
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.parallel("fork"),
            d.user("a"),
            d.user("b"),
            d.terminate("stop"),
            d.end("fine"),
            d.chain("start", "fork", "a", "stop"),
            d.chain("fork", "b", "fine"),
        )
    )
    instance = world.start()
    world.complete("a")
    (b,) = visits(world, instance, "b")
    assert b.cancelled_at is not None
    assert world.read(queries.instance, instance).status == "completed"


@pytest.fixture
def called_twice(world):
    """One process called by two branches at once."""
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.parallel("fork"),
            d.call("one", "sub"),
            d.call("two", "sub"),
            d.parallel("meet"),
            d.end(),
            d.chain("start", "fork", "one", "meet", "end"),
            d.chain("fork", "two", "meet"),
        ),
        sub=d.diagram(
            "sub",
            d.start("begin"),
            d.user("work"),
            d.boundary("late", "work", d.duration("PT9H")),
            d.end("over"),
            d.end("too_late"),
            d.chain("begin", "work", "over"),
            d.chain("late", "too_late"),
        ),
    )
    return world


@pytest.mark.parametrize("first", [0, 1])
def test_parallel_calls_of_one_process_are_told_apart_whoever_ends_first(called_twice, first):
    instance = called_twice.start()
    tasks = sorted(called_twice.tasks(), key=lambda task: task.id.hex)
    called_twice.later(hours=2)
    with called_twice.db.write() as session:
        called_twice.engine.complete_user_task(session, tasks[first].id, {}, "staff:1")
    called_twice.later(hours=8)
    called_twice.run_jobs()

    works = visits(called_twice, instance, "work")
    calls = visits(called_twice, instance, "one") + visits(called_twice, instance, "two")

    assert {(hours(work), work.completed_at is None) for work in works} == {(2, False), (10, True)}
    ended = {tag(mark) for row in steps(called_twice, instance)[1:] for mark in decode(row)[0]}
    assert tasks[first].id.hex[:6] in ended
    assert sorted(map(hours, calls)) == [2, 10]
    assert {work.actor for work in works} == {"staff:1", "system"}
    assert [hours(visit) for visit in visits(called_twice, instance, "end")] == [0]


def tag(mark):
    return mark.tag


def test_a_task_for_each_item_of_a_list_is_a_visit_of_its_own(world):
    each = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="false">'
        "<bpmn:loopDataInputRef>items</bpmn:loopDataInputRef>"
        '<bpmn:inputDataItem id="item" name="item"/></bpmn:multiInstanceLoopCharacteristics>'
    )
    many = d.user("many").replace("</bpmn:userTask>", each + "</bpmn:userTask>")
    world.deploy(main=d.diagram("main", d.start(), many, d.end(), d.chain("start", "many", "end")))
    instance = world.start(items=[1, 2, 3])
    tasks = world.tasks()
    for hour, position in enumerate([2, 0, 1], start=1):
        world.later(hours=1)
        with world.db.write() as session:
            task = tasks[position].id
            world.engine.complete_user_task(session, task, {}, f"staff:{hour}")

    found = visits(world, instance, "many")

    ended = {visit.actor: hours(visit) for visit in found}
    assert ended == {"staff:1": 1, "staff:2": 2, "staff:3": 3}
    assert len(found) == 3  # the turns, not the whole as a fourth
    assert world.read(queries.instance, instance).status == "completed"


def test_durations_add_up_over_instances_of_one_version(interrupted):
    first = interrupted.start(key="1")
    interrupted.later(hours=1)
    interrupted.complete("answer", key="1")
    interrupted.start(key="2")
    interrupted.later(hours=3)
    interrupted.complete("answer", key="2")
    interrupted.start(key="3")
    interrupted.later(hours=5)
    interrupted.run_jobs()
    interrupted.start(key="4")
    with interrupted.db.read() as session:
        row = queries.instance(session, first)
        found = {item.element_id: item for item in durations.durations(session, row.version_id)}
        later = durations.durations(session, row.version_id, started_from=row.updated_at)
        none = durations.durations(session, row.version_id + 1)
        some = list(
            durations.visits(session, row.version_id, process="main", element_id="escalate")
        )

    answer = found["answer"]
    assert (answer.completed, answer.cancelled, answer.open) == (2, 1, 1)
    assert round(answer.mean / HOUR) == 2
    assert (round(answer.shortest / HOUR), round(answer.longest / HOUR)) == (1, 3)
    assert found["start"].completed == 4
    assert found["escalate"].mean is None
    assert {item.element_id: item.completed for item in later}["start"] == 3
    assert none == []
    assert [each.visit.element_id for each in some] == ["escalate"]


def test_marks_come_back_as_they_were_written():
    marks = [
        Mark("completed", "main", "start"),
        Mark("entered", "main", "answer", "3fa92c"),
        Mark("cancelled", "sub", "work"),
        Mark("completed", "main", "end"),
    ]
    assert encode(marks) == "main >start <answer~3fa92c sub !work main >end"
    for note in ("", "She said: >no <way # ~"):
        assert decode(encode(marks, note)) == (marks, note)
    assert decode(encode([], "")) == ([], "")


def test_rows_written_before_are_still_read(interrupted):
    instance = interrupted.start()
    kept = [[">", "main", "start"], ["<", "main", "answer"], ["#", "message", "reply"]]
    with interrupted.db.write() as session:
        session.execute(update(HistoryEntry).values(steps=kept))

    found = interrupted.read(queries.history, [instance])

    assert [(s.state, s.process, s.element_id) for s in found] == [
        ("completed", "main", "start"),
        ("entered", "main", "answer"),
        ("note", "start", "reply"),
    ]


def test_an_end_of_what_never_began_is_no_visit():
    followed = Visits()
    step = queries.HistoryStep(None, 1, "system", "timer", "cancelled", "main", "a")
    assert followed.follow(step) == (None, False)
    assert followed.all == []
