from datetime import UTC, datetime, timedelta

import orjson
import pytest

from engine.errors import NotWaitingError
from engine.spiff.events import Thrown
from engine.spiff.timers import TimerError, due_time
from engine.spiff.workflow import LimitError
from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.spiff.world import MONDAY, World


def reply_or_week():
    return World(
        d.start(),
        d.exclusive("m"),
        d.user("answer"),
        d.event_gateway("wait"),
        d.catch("reply", "reply", "message"),
        d.timer("week", "P8D", promise="close"),
        d.end("closed"),
        d.chain("start", "m", "answer", "wait", "reply", "m"),
        d.chain("wait", "week", "closed"),
        messages=["reply"],
    )


def test_a_week_is_over_at_its_due_time_and_not_a_second_before():
    world = reply_or_week()
    world.complete("answer")
    (timer,) = world.machine.timers()
    assert timer.due_at == MONDAY + timedelta(days=8)
    assert timer.properties == {"promise": "close"}
    world.later(days=8, seconds=-1)
    assert world.listening() == ["reply"]
    world.later(seconds=1)
    assert world.machine.completed


def test_a_message_that_arrives_after_the_due_time_but_before_the_timer_fired_wins_alone():
    world = reply_or_week()
    world.complete("answer")
    world.now += timedelta(days=9)
    world.send("reply", text="no")
    assert world.at() == ["answer"]
    assert not world.machine.timers()


def test_of_two_timers_behind_one_gateway_the_earlier_one_fires():
    world = World(
        d.start(),
        d.event_gateway("g"),
        d.timer("week", "P7D"),
        d.timer("day", "P1D"),
        d.user("a"),
        d.user("b"),
        d.end("e"),
        d.end("f"),
        d.chain("start", "g", "week", "a", "e"),
        d.chain("g", "day", "b", "f"),
    )
    assert [timer.element_id for timer in world.machine.timers()] == ["day", "week"]
    world.later(days=1)
    assert world.at() == ["b"]


def test_a_thousand_turns_leave_no_trace_in_the_state():
    world = reply_or_week()
    for _ in range(1_000):
        world.complete("answer", n=1)
        world.send("reply", text="no")
    assert world.at() == ["answer"]
    assert abs(world.sizes[-1] - world.sizes[11]) < 10  # digits of times
    assert world.sizes[-1] < 1_000


def test_pruned_and_unpruned_instances_behave_the_same(monkeypatch):
    def story():
        world = reply_or_week()
        trace = []
        for turn in range(12):
            world.complete("answer", n=turn)
            trace.append((world.at(), [t.due_at for t in world.machine.timers()]))
            world.later(hours=5)
            world.send("reply", text=str(turn))
            (wait,) = world.machine.waiting()
            trace.append((world.at(), dict(world.machine.task_data(wait.task_id))))
        return trace

    pruned = story()
    monkeypatch.setattr("engine.spiff.machine.prune", lambda _workflow: None)
    assert story() == pruned


def test_an_endless_automatic_loop_is_stopped():
    with pytest.raises(LimitError):
        World(
            d.start(),
            d.exclusive("j"),
            d.service("x", "test.note"),
            d.chain("start", "j", "x", "j"),
        )


def test_exponential_forks_are_stopped():
    blocks, ids = [], ["start"]
    for number in range(14):
        blocks += [
            d.parallel(f"s{number}"),
            d.parallel(f"j{number}"),
            d.service(f"a{number}", "x.y"),
            d.service(f"b{number}", "x.y"),
            d.flow(f"s{number}", f"a{number}"),
            d.flow(f"s{number}", f"b{number}"),
            d.flow(f"a{number}", f"j{number}"),
            d.flow(f"b{number}", f"j{number}"),
            d.flow(ids[-1], f"s{number}"),
        ]
        ids.append(f"j{number}")
    with pytest.raises((LimitError, RecursionError, ValueError)):
        World(d.start(), *blocks, d.end(), d.flow(ids[-1], "end"))


def test_a_called_process_returns_its_facts_and_a_terminate_end_stops_the_other_branch():
    child = d.diagram("child", d.start(), d.user("ask"), d.end(), d.chain("start", "ask", "end"))
    world = World(
        d.start(),
        d.parallel("fork"),
        d.call("work", "child"),
        d.user("aside"),
        d.terminate(),
        d.end("quiet"),
        d.chain("start", "fork", "work", "end"),
        d.chain("fork", "aside", "quiet"),
        files={"child/child.bpmn": child},
    )
    assert world.at() == ["aside", "ask"]
    world.complete("ask", outcome="fine")
    assert world.machine.completed


def test_an_asynchronous_service_task_waits_for_its_job():
    world = World(
        d.start(),
        d.service("slow", "x.slow", {"n": "1 + 1"}, **{"async": "true"}),
        d.user("u"),
        d.end(),
        d.chain("start", "slow", "u", "end"),
    )
    (wait,) = world.machine.waiting()
    assert wait.kind == "service"
    machine = world.again()
    assert machine.service(wait.task_id) == ("x.slow", {"n": 2})
    machine.complete(wait.task_id, {"done": True})
    assert world.at() == ["u"]
    assert world.called == []


def test_messages_that_nobody_waits_for_are_refused():
    world = reply_or_week()
    with pytest.raises(NotWaitingError):
        world.send("reply")


def test_what_a_process_throws_comes_out():
    world = World(
        d.start(),
        d.throw("tell", "told"),
        d.user("u"),
        d.end(),
        d.chain("start", "tell", "u", "end"),
        messages=["told"],
    )
    assert world.machine.thrown == [Thrown("message", "told")]


def test_an_interrupting_boundary_timer_takes_over():
    world = World(
        d.start(),
        d.user("slow"),
        d.boundary("late", "slow", d.duration("PT4H")),
        d.user("boss"),
        d.end("e"),
        d.end("f"),
        d.chain("start", "slow", "e"),
        d.chain("late", "boss", "f"),
    )
    world.later(hours=4)
    assert world.at() == ["boss"]
    assert not world.machine.timers()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P8D", timedelta(days=8)),
        ("PT4H", timedelta(hours=4)),
        ("P1DT12H", timedelta(days=1, hours=12)),
        ("P2W", timedelta(weeks=2)),
        ("P1M", timedelta(days=31)),
    ],
)
def test_durations_mean_what_iso_8601_says(text, expected):
    assert due_time(text, MONDAY) - MONDAY == expected


def test_a_month_from_the_last_of_january_is_the_last_of_february():
    assert due_time("P1M", datetime(2026, 1, 31, tzinfo=UTC)).date().isoformat() == "2026-02-28"


@pytest.mark.parametrize(
    "value",
    [
        "-PT1H",
        "",
        "P",
        "PT",
        "8 days",
        "2026-01-05T09:00:00",
        None,
        8,
        "P1Y2W",
        "P999Y",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_what_is_no_duration_is_refused(value):
    with pytest.raises(TimerError):
        due_time(value, MONDAY)


def loop_beside_an_open_branch():
    return World(
        d.start(),
        d.parallel("fork"),
        d.exclusive("m"),
        d.user("answer"),
        d.exclusive("again", "again_join"),
        d.user("aside"),
        d.parallel("join"),
        d.user("last"),
        d.end(),
        d.chain("start", "fork", "m", "answer", "again"),
        d.flow("again", "m", "more"),
        d.flow("again", "join", id_="again_join"),
        d.chain("fork", "aside", "join", "last", "end"),
    )


def test_a_loop_beside_an_open_branch_leaves_no_trace_either():
    world = loop_beside_an_open_branch()
    for _ in range(300):
        world.complete("answer", more=True)
    assert abs(world.sizes[-1] - world.sizes[11]) < 20  # digits of times
    assert world.at() == ["answer", "aside"]


@pytest.mark.parametrize("aside_first", [True, False])
def test_branches_join_the_same_with_and_without_pruning(monkeypatch, aside_first):
    def story():
        world, trace = loop_beside_an_open_branch(), []
        for turn in range(5):
            world.complete("answer", more=True, turn=turn)
            trace.append(world.at())
        if aside_first:
            world.complete("aside", aside=1)
        trace.append(world.at())
        world.complete("answer", more=False)
        trace.append(world.at())
        if not aside_first:
            world.complete("aside", aside=1)
        (wait,) = world.machine.waiting()
        trace.append((world.at(), dict(world.machine.task_data(wait.task_id))))
        world.complete("last")
        return [*trace, world.machine.completed]

    pruned = story()
    assert pruned[-2][0] == ["last"]
    monkeypatch.setattr("engine.spiff.machine.prune", lambda _workflow: None)
    assert story() == pruned


@pytest.mark.parametrize(
    "value",
    [1, True, 1.0, [True], [1], {"typename": "x"}, [{"typename": "UUID"}], {"b": 1, "a": 2}],
)
def test_process_data_come_back_from_storage_as_they_were(value):
    world = World(
        d.start(),
        d.parallel("f"),
        e.each(d.user("each"), "items", item="it"),
        d.user("step"),
        d.user("after"),
        d.end(),
        d.end("other"),
        d.chain("start", "f", "each", "end"),
        d.chain("f", "step", "after", "other"),
        data={"value": 1, "items": [value]},
    )
    world.complete("step", value=value)
    (after,) = (w for w in world.again().waiting() if w.element_id == "after")
    assert orjson.dumps(world.machine.task_data(after.task_id)["value"]) == orjson.dumps(value)


def test_a_thawed_state_freezes_to_the_same_bytes():
    world = World(
        d.start(),
        d.user("step"),
        d.user("after"),
        d.end(),
        d.chain("start", "step", "after", "end"),
    )
    world.complete("step", b=1, a=2)
    raw = world.machine.frozen()
    assert world.again().frozen() == raw
    world.complete("after", a=3, b=4)
    assert world.machine.completed
