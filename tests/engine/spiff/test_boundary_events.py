from datetime import timedelta

import pytest

from engine.errors import BpmnError
from engine.spiff.events import UncaughtError
from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.spiff.world import World

NAMES = e.declared(signals=["storm"], errors=["broke", "other"], escalations=["late"])


def child(*parts):
    return d.diagram("child", *parts)


CHILD = child(d.start(), d.user("work"), d.end(), d.chain("start", "work", "end"))
INNER = e.sub("on", d.start("s"), d.user("work"), d.end("f"), d.chain("s", "work", "f"))
ACTIVITIES = {
    "a user task": (d.user("on"), "on"),
    "a call activity": (d.call("on", "child"), "work"),
    "an embedded subprocess": (INNER, "work"),
}
TRIGGERS = {
    "a message": (e.message("ping"), lambda world: world.send("ping")),
    "a signal": (e.signal("storm"), lambda world: world.signal("storm")),
}


def watched(activity, definition, *, interrupting, code=CHILD):
    return World(
        d.start(),
        activity,
        e.boundary("b", "on", definition, interrupting=interrupting),
        d.user("aside"),
        d.user("after"),
        d.end("e"),
        d.end("g"),
        d.chain("start", "on", "after", "e"),
        d.chain("b", "aside", "g"),
        messages=["ping"],
        declared=NAMES,
        files={"child/child.bpmn": code},
    )


@pytest.mark.parametrize("on", ACTIVITIES)
@pytest.mark.parametrize("by", TRIGGERS)
def test_one_that_does_not_interrupt_fires_every_time_without_a_trace(on, by):
    activity, step = ACTIVITIES[on]
    definition, happen = TRIGGERS[by]
    world = watched(activity, definition, interrupting=False)
    for _ in range(110):
        happen(world)
        assert world.at() == sorted(["aside", step])
        world.complete("aside")
    assert abs(world.sizes[-1] - world.sizes[11]) < 20  # digits of times
    happen(world)
    happen(world)
    assert world.at() == sorted(["aside", "aside", step])
    world.complete(step)
    assert world.at() == ["after", "aside", "aside"]
    assert not world.machine.messages()
    for step in ("aside", "after", "aside"):
        assert not world.machine.completed
        world.complete(step)
    assert world.machine.completed


@pytest.mark.parametrize("on", ACTIVITIES)
@pytest.mark.parametrize("by", TRIGGERS)
def test_an_interrupting_one_fires_once_and_ends_the_activity(on, by):
    activity, _ = ACTIVITIES[on]
    definition, happen = TRIGGERS[by]
    world = watched(activity, definition, interrupting=True)
    happen(world)
    assert world.at() == ["aside"]
    assert not world.machine.messages()
    world.complete("aside")
    assert world.machine.completed


def test_what_waits_keeps_its_id_so_that_no_subscription_is_written_again():
    world = watched(d.user("on"), e.message("ping"), interrupting=False)
    before = world.machine.messages()
    world.send("ping")
    assert world.again().messages() == before


def test_two_boundary_events_for_one_message_interrupt_only_once():
    world = World(
        d.start(),
        d.user("on"),
        e.boundary("b", "on", e.message("ping")),
        e.boundary("c", "on", e.message("ping")),
        d.user("aside"),
        d.user("other"),
        d.end(),
        d.chain("start", "on", "end"),
        d.chain("b", "aside", "end"),
        d.chain("c", "other", "end"),
        messages=["ping"],
    )
    world.send("ping")
    assert len(world.at()) == 1


@pytest.mark.parametrize("thrown", ["broke", "other"])
def test_an_error_end_event_is_caught_by_its_code_alone(thrown):
    inner = child(
        d.start(), d.user("work"), e.end("stop", e.error(thrown)), d.chain("start", "work", "stop")
    ).replace(b"<bpmn:process ", NAMES.encode() + b"<bpmn:process ", 1)
    world = watched(d.call("on", "child"), e.error("broke"), interrupting=True, code=inner)
    if thrown == "broke":
        world.complete("work")
        assert world.at() == ["aside"]
        assert "after" not in world.done()
    else:
        with pytest.raises(UncaughtError, match="'other'"):
            world.complete("work")


def test_an_error_ends_the_other_branches_of_its_subprocess_at_once():
    world = watched(
        e.sub(
            "on",
            d.start("s"),
            d.user("work"),
            d.parallel("f"),
            e.end("stop", e.error("broke")),
            d.service("more", "x.more"),
            d.end("more_end"),
            d.chain("s", "work", "f", "stop"),
            d.chain("f", "more", "more_end"),
        ),
        e.error("broke"),
        interrupting=True,
    )
    world.complete("work")
    assert world.at() == ["aside"]
    assert world.called == []


def test_an_error_never_reaches_a_handler_on_another_activity():
    broken = (
        d.start("s"),
        d.user("work"),
        e.end("stop", e.error("broke")),
        d.chain("s", "work", "stop"),
    )
    world = World(
        d.start(),
        d.parallel("f"),
        e.sub("on", *broken),
        e.sub("beside", d.start("s2"), d.user("calm"), d.end("e2"), d.chain("s2", "calm", "e2")),
        e.boundary("wrong", "beside", e.error("broke")),
        e.boundary("right", "on", e.error("broke")),
        d.user("a"),
        d.user("b"),
        d.end(),
        d.chain("start", "f", "on", "end"),
        d.chain("f", "beside", "end"),
        d.chain("wrong", "a", "end"),
        d.chain("right", "b", "end"),
        declared=NAMES,
    )
    world.complete("work")
    assert world.at() == ["b", "calm"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_is_caught_with_or_without_ending_the_activity(interrupting):
    inner = e.sub(
        "on",
        d.start("s"),
        d.user("work"),
        e.throw("up", e.escalation("late", payload="{'days': 3}")),
        d.user("more"),
        d.end("f"),
        d.chain("s", "work", "up", "more", "f"),
    )
    caught = e.escalation("late", variable="how")
    world = watched(inner, caught, interrupting=interrupting)
    world.complete("work")
    assert world.at() == (["aside"] if interrupting else ["aside", "more"])
    assert world.data("aside")["how"] == {"days": 3}


def test_an_escalation_nobody_catches_changes_nothing():
    world = World(
        d.start(),
        e.throw("up", e.escalation("late")),
        d.user("more"),
        d.end(),
        d.chain("start", "up", "more", "end"),
        declared=NAMES,
    )
    assert world.at() == ["more"]


def paying(**values):
    return World(
        d.start(),
        d.user("order"),
        d.service("pay", "x.pay", **values),
        e.boundary("no_money", "pay", e.error("broke", variable="why")),
        d.user("thanks"),
        d.user("remind"),
        d.end(),
        d.chain("start", "order", "pay", "thanks", "end"),
        d.chain("no_money", "remind", "end"),
        declared=NAMES,
    )


def test_an_operation_may_raise_a_bpmn_error_that_the_diagram_catches():
    world = paying()
    world.failing["x.pay"] = BpmnError("broke", {"reason": "no money"})
    world.complete("order")
    assert world.at() == ["remind"]
    assert world.data("remind")["why"] == {"reason": "no money"}


def test_an_operation_that_does_not_fail_goes_on():
    world = paying()
    world.complete("order")
    assert world.at() == ["thanks"]


def test_a_bpmn_error_that_nobody_catches_is_said():
    world = paying()
    world.failing["x.pay"] = BpmnError("other")
    with pytest.raises(UncaughtError, match="'other' was thrown at 'pay'"):
        world.complete("order")


def test_a_job_may_end_in_a_bpmn_error():
    world = paying(**{"async": "true"})
    world.complete("order")
    assert world.at() == ["pay"]
    world.fail("pay", BpmnError("broke"))
    assert world.at() == ["remind"]
    with pytest.raises(UncaughtError):
        world.fail("remind", BpmnError("broke"))


def test_of_two_timers_the_earlier_one_comes_first_when_both_are_late():
    world = World(
        d.start(),
        d.user("on"),
        d.boundary("second", "on", d.duration("PT2H")),
        d.boundary("first", "on", d.duration("PT1H"), interrupting=False),
        d.user("a"),
        d.user("b"),
        d.end(),
        d.chain("start", "on", "end"),
        d.chain("first", "a", "end"),
        d.chain("second", "b", "end"),
    )
    assert world.due() == [("first", timedelta(hours=1)), ("second", timedelta(hours=2))]
    world.later(hours=3)
    assert world.at() == ["a", "b"]


def test_a_timer_that_is_late_is_not_lost_when_another_step_is_completed_first():
    world = World(
        d.start(),
        d.parallel("f"),
        d.user("slow"),
        d.boundary("late", "slow", d.duration("PT1H"), interrupting=False),
        d.user("boss"),
        d.user("aside"),
        d.user("more"),
        d.end(),
        d.chain("start", "f", "slow", "end"),
        d.chain("f", "aside", "more", "end"),
        d.chain("late", "boss", "end"),
    )
    world.now += timedelta(hours=2)
    world.complete("aside")
    world.later()
    assert world.at() == ["boss", "more", "slow"]
    assert not world.machine.timers()


def test_a_transaction_that_is_cancelled_takes_the_way_of_its_cancel_event():
    world = World(
        d.start(),
        e.sub(
            "on",
            d.start("s"),
            d.user("work"),
            e.end("stop", "<bpmn:cancelEventDefinition/>"),
            d.chain("s", "work", "stop"),
            tag="transaction",
        ),
        e.boundary("b", "on", "<bpmn:cancelEventDefinition/>"),
        d.user("undo"),
        d.user("after"),
        d.end(),
        d.chain("start", "on", "after", "end"),
        d.chain("b", "undo", "end"),
    )
    world.complete("work")
    assert world.at() == ["undo"]


def test_a_terminate_end_inside_a_subprocess_ends_only_that():
    world = World(
        d.start(),
        e.sub(
            "on",
            d.start("s"),
            d.parallel("f"),
            d.user("work"),
            d.user("other"),
            d.terminate("stop"),
            d.end("quiet"),
            d.chain("s", "f", "work", "stop"),
            d.chain("f", "other", "quiet"),
        ),
        d.user("after"),
        d.end(),
        d.chain("start", "on", "after", "end"),
    )
    world.complete("work")
    assert world.at() == ["after"]
