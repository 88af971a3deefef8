from datetime import UTC, datetime, timedelta

import pytest

from engine.spiff.cycles import FOR_EVER, parse_cycle
from engine.spiff.timers import TimerError
from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.spiff.world import MONDAY, World

DAY = timedelta(days=1)


def reminding(text):
    return World(
        d.start(),
        d.user("answer"),
        e.boundary("daily", "answer", e.cycle(text), interrupting=False, promise="remind"),
        d.service("remind", "x.remind"),
        d.end(),
        d.end("sent"),
        d.chain("start", "answer", "end"),
        d.chain("daily", "remind", "sent"),
    )


def test_a_counted_reminder_comes_each_day_and_then_no_more():
    world = reminding("R3/P1D")
    for turn in range(1, 4):
        assert world.due() == [("daily", turn * DAY)]
        world.later(days=1)
        assert len(world.called) == turn
    assert world.due() == []
    assert world.at() == ["answer"]
    world.complete("answer")
    assert world.machine.completed


def test_each_turn_is_a_timer_of_its_own_with_what_the_diagram_says():
    world = reminding("R2/P1D")
    (first,) = world.machine.timers()
    world.later(days=1)
    (second,) = world.machine.timers()
    assert first.task_id != second.task_id
    assert first.properties == second.properties == {"promise": "remind"}


def test_two_hundred_reminders_leave_no_trace():
    world = reminding("R/PT1H")
    for _ in range(200):
        world.later(hours=1)
    assert len(world.called) == 200
    assert abs(world.sizes[-1] - world.sizes[11]) < 20  # digits of times
    assert world.due() == [("daily", timedelta(hours=201))]


def test_no_reminder_comes_once_the_step_is_done():
    world = reminding("R/PT1H")
    world.later(hours=1)
    world.complete("answer")
    assert world.machine.completed
    assert not world.machine.timers()


def test_counted_turns_that_were_missed_come_one_a_command():
    world = reminding("R5/PT1H")
    world.later(hours=3, minutes=30)
    assert len(world.called) == 1
    assert world.due() == [("daily", timedelta(hours=2))]
    world.later()
    world.later()
    world.later()
    assert len(world.called) == 3
    assert world.due() == [("daily", timedelta(hours=4))]


def test_an_endless_reminder_comes_once_for_all_it_missed_and_keeps_its_hours():
    world = reminding("R/PT1H")
    world.later(days=400, minutes=30)
    assert len(world.called) == 1
    assert world.due() == [("daily", 400 * DAY + timedelta(hours=1))]
    world.later()
    assert len(world.called) == 1


def test_an_event_subprocess_may_remind_too():
    world = World(
        d.start(),
        d.user("work"),
        d.end(),
        d.chain("start", "work", "end"),
        e.on_event(
            "h",
            e.cycle("R/P1D"),
            d.service("remind", "x.remind"),
            d.end("h_end"),
            d.chain("h_start", "remind", "h_end"),
        ),
    )
    for _ in range(110):
        world.later(days=1)
    assert len(world.called) == 110
    assert abs(world.sizes[-1] - world.sizes[11]) < 20  # digits of times
    world.complete("work")
    assert world.machine.completed


@pytest.mark.parametrize(
    ("text", "expected"),
    [("R3/PT24H", (3, "PT24H")), ("R/P1D", (FOR_EVER, "P1D")), ("R1/PT60S", (1, "PT60S"))],
)
def test_repetitions_are_read_as_iso_8601_writes_them(text, expected):
    assert parse_cycle(text, MONDAY) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("R/PT0S", "R/PT59S", "R0/P1D", "R1001/P1D", "R-1/P1D", "P1D", "R", "R/", "", None, 3),
        *("R3/2026-01-01T00:00:00Z/PT1H", "R/P", "R3/-PT1H", "R99999/P1D"),
    ],
)
def test_what_repeats_too_often_or_is_no_repetition_is_refused(text):
    with pytest.raises(TimerError):
        parse_cycle(text, MONDAY)


def test_a_monthly_reminder_comes_on_the_last_day_of_shorter_months():
    start = datetime(2026, 1, 31, 9, tzinfo=UTC)
    assert parse_cycle("R/P1M", start) == (FOR_EVER, "P1M")


def test_a_wrong_repetition_in_the_data_stops_the_step_that_comes_to_it():
    definition = e.cycle("x").replace('"x"', "pace")
    parts = (
        d.start(),
        d.user("answer"),
        e.boundary("b", "answer", definition, interrupting=False),
        d.end(),
        d.end("f"),
        d.chain("start", "answer", "end"),
        d.chain("b", "f"),
    )
    assert World(*parts, data={"pace": "R2/P1D"}).due() == [("b", DAY)]
    with pytest.raises(TimerError, match="less than 60 seconds"):
        World(*parts, data={"pace": "R/PT1S"})
