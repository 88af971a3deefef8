from datetime import timedelta

import pytest

from engine import inspection, queries
from engine.trace import Trace
from tests.engine import diagrams as d


@pytest.fixture
def calling(world):
    """Classify, then straight to the end, or by the called process and again if objected."""
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.exclusive("again"),
            d.user("classify", "test.form"),
            d.exclusive("way", "skip"),
            d.call("closing", "closure"),
            d.exclusive("outcome", "done"),
            d.exclusive("merge"),
            d.end("end"),
            d.chain("start", "again", "classify", "way"),
            d.flow("way", "closing", "wanted == True"),
            d.flow("way", "merge", id_="skip"),
            d.chain("closing", "outcome"),
            d.flow("outcome", "merge", id_="done"),
            d.flow("outcome", "again", "objected == True"),
            d.chain("merge", "end"),
        ),
        closure=d.diagram(
            "closure",
            d.start("begin"),
            d.user("answer", "test.form"),
            d.event_gateway("wait"),
            d.catch("reply", "reply", "message"),
            d.timer("week", "P8D"),
            d.exclusive("join"),
            d.end("over"),
            d.chain("begin", "answer", "wait"),
            d.chain("wait", "reply", "join", "over"),
            d.chain("wait", "week", "join"),
            messages=["reply"],
        ),
    )
    return world


def look(world, instance_id):
    with world.db.read() as session:
        row = queries.instance(session, instance_id)
        definition = world.engine.definitions.get(session, row.version_id)
        return Trace(definition, queries.history(session, [instance_id])), row


def path(world, instance_id, process):
    trace, row = look(world, instance_id)
    return trace.path(process, row.waiting_at)


def test_the_way_so_far_and_where_it_waits(calling):
    instance = calling.start()
    calling.complete("classify", wanted=True)

    own, called = path(calling, instance, "main"), path(calling, instance, "closure")

    assert own.now == ["closing"]
    assert {"start", "again", "classify", "way"} < set(own.done)
    assert {"classify_way", "way_closing"} < set(own.done)
    assert "skip" not in own.done
    assert called.now == ["answer"]
    assert set(called.done) == {"begin", "begin_answer"}


def test_a_flow_between_two_passed_elements_is_drawn_only_if_it_was_taken(calling):
    instance = calling.start()
    calling.complete("classify", wanted=True)
    calling.complete("answer", objected=False)
    calling.send("reply")

    own, called = path(calling, instance, "main"), path(calling, instance, "closure")

    assert "done" in own.done  # outcome → merge
    assert "skip" not in own.done  # way → merge: both passed, never taken
    assert "outcome_again" not in own.done
    assert {"wait_reply", "reply_join"} < set(called.done)
    assert not {"wait_week", "week_join", "week"} & set(called.done)
    assert own.now == called.now == []


def test_a_second_round_keeps_both(calling):
    instance = calling.start()
    calling.complete("classify", wanted=True)
    calling.complete("answer", objected=True)
    calling.send("reply")
    calling.complete("classify", wanted=True, objected=False)
    calling.complete("answer", objected=False)
    calling.later(days=9)
    calling.run_jobs()

    trace, _ = look(calling, instance)
    called = path(calling, instance, "closure")

    assert {"wait_reply", "wait_week", "week_join"} < set(called.done)
    assert "outcome_again" in path(calling, instance, "main").done
    assert [v.element_id for v in trace.visits].count("closing") == 2
    longest = max(trace.visits, key=lambda visit: visit.completed_at - visit.entered_at)
    assert {longest.element_id} <= {"closing", "wait"}


def test_parallel_branches_meet_with_all_their_flows(world):
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.parallel("fork"),
            d.user("a"),
            d.user("b"),
            d.parallel("meet"),
            d.end(),
            d.chain("start", "fork", "a", "meet", "end"),
            d.chain("fork", "b", "meet"),
        )
    )
    instance = world.start()
    world.complete("b")
    assert path(world, instance, "main").now == ["a"]
    world.complete("a")

    assert {"a_meet", "b_meet", "meet_end"} < set(path(world, instance, "main").done)


def test_who_and_how_long(calling):
    instance = calling.start()
    calling.later(hours=3)
    calling.complete("classify", wanted=True, actor="staff:7")

    trace, row = look(calling, instance)
    visit = next(v for v in trace.visits if v.element_id == "classify")

    assert visit.actor == "staff:7"
    assert visit.completed_at - visit.entered_at >= timedelta(hours=3)
    assert [v.element_id for v in trace.waiting(row.waiting_at)] == ["answer"]
    assert trace.processes() == ["main", "closure"]
    assert trace.called("main", "closing") == "closure"


def test_process_data_are_read_without_running_anything(calling):
    instance = calling.start(case_id=7)
    calling.complete("classify", wanted=True)
    before = list(calling.called)

    found = calling.read(inspection.variables, calling.engine.definitions, instance)

    assert {item.name: item.value for item in found} == {"case_id": 7, "wanted": True}
    assert {item.element_id for item in found} == {""}
    assert calling.called == before


def test_branches_that_see_different_data_are_told_apart(world):
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.parallel("fork"),
            d.user("a"),
            d.user("a2"),
            d.user("b"),
            d.parallel("meet"),
            d.end(),
            d.chain("start", "fork", "a", "a2", "meet", "end"),
            d.chain("fork", "b", "meet"),
        )
    )
    instance = world.start(colour="red")
    world.complete("a", colour="blue")

    found = world.read(inspection.variables, world.engine.definitions, instance)

    assert {(item.element_id, item.value) for item in found} == {("a2", "blue"), ("b", "red")}


def test_an_ended_instance_has_no_data(calling):
    instance = calling.start()
    calling.complete("classify", wanted=False)

    assert calling.read(inspection.variables, calling.engine.definitions, instance) == []


def test_a_long_life_is_told_in_full(calling):
    instance = calling.start()
    for _ in range(60):
        calling.complete("classify", wanted=True)
        calling.complete("answer", objected=True)
        calling.send("reply")

    trace, _ = look(calling, instance)

    assert len(trace.visits) == 1 + 60 * 11 + 2
