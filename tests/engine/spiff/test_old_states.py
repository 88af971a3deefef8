"""States written before the elements were made right go on; each file is one, without its byte.

The number in a file's name is the format it was written in.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from engine.spiff.machine import Machine
from tests.engine import diagrams as d
from tests.engine.spiff.test_machine import reply_or_week
from tests.engine.spiff.world import World

STATES = Path(__file__).parent / "states"


def continued(world, name):
    raw = bytes([1]) + (STATES / f"1_{name}.json").read_bytes().rstrip()
    world.machine = Machine.thawed(world.bundle, world._script(), raw)  # noqa: SLF001
    return world


def watched():
    return World(
        d.start(),
        d.user("on"),
        d.boundary("b", "on", d.duration("PT1H"), interrupting=False),
        d.boundary("c", "on", d.duration("P1D")),
        d.user("aside"),
        d.user("late"),
        d.user("after"),
        d.end(),
        d.end("f"),
        d.chain("start", "on", "after", "end"),
        d.chain("b", "aside", "f"),
        d.chain("c", "late", "f"),
    )


def test_a_wait_for_a_reply_goes_on():
    world = continued(reply_or_week(), "reply")
    world.send("reply", text="b")
    world.complete("answer")
    world.later(days=9)
    assert world.machine.completed


def test_timers_on_a_step_keep_their_times():
    world = continued(watched(), "before_timer")
    assert world.due() == [("b", timedelta(hours=1)), ("c", timedelta(days=1))]
    world.later(hours=1)
    assert world.at() == ["aside", "on"]
    world.later(days=1)
    assert world.at() == ["aside", "late"]


@pytest.mark.parametrize("order", [("on", "aside", "after"), ("aside", "on", "after")])
def test_a_timer_that_has_fired_beside_its_step_does_not_hold_it_up(order):
    world = continued(watched(), "after_timer")
    for step in order:
        world.complete(step)
    assert world.machine.completed


def test_a_branch_that_has_ended_still_gives_what_it_found_out():
    child = d.diagram(
        "child",
        d.start(),
        d.parallel("f"),
        d.user("a"),
        d.user("b"),
        d.end("ea"),
        d.end("eb"),
        d.chain("start", "f", "a", "ea"),
        d.chain("f", "b", "eb"),
    )
    world = World(
        d.start(),
        d.call("c", "child"),
        d.user("after"),
        d.end(),
        d.chain("start", "c", "after", "end"),
        files={"child/child.bpmn": child},
    )
    world = continued(world, "parked")
    world.complete("b", by_b=1)
    assert world.data("after") == {"by_a": 1, "by_b": 1}


def test_a_branch_that_waits_at_a_join_is_joined():
    world = World(
        d.start(),
        d.parallel("f"),
        d.user("a"),
        d.user("b"),
        d.parallel("j"),
        d.user("after"),
        d.end(),
        d.chain("start", "f", "a", "j", "after", "end"),
        d.chain("f", "b", "j"),
    )
    world = continued(world, "join")
    world.complete("b", by_b=1)
    assert world.data("after") == {"by_a": 1, "by_b": 1}
