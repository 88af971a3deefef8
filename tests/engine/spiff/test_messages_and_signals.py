from datetime import timedelta

import pytest

from engine.errors import NotWaitingError
from engine.spiff.events import CorrelationKeyError, Thrown
from engine.spiff.parser import start_messages
from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.spiff.world import World

NAMES = e.declared(signals=["storm"])


def line(*parts, messages=("paid", "told"), data=None):
    """Return parts in a row between start and end; each is (id, xml)."""
    ids, nodes = [id_ for id_, _ in parts], [node for _, node in parts]
    chain = d.chain("start", *ids, "end")
    return World(
        d.start(), *nodes, d.end(), chain, messages=messages, declared=NAMES, data=data or {}
    )


def waiting(**values):
    return ("c", e.catch("c", e.message("paid", variable="how"), **values)), ("u", d.user("u"))


def test_a_catch_without_a_key_waits_for_messages_without_one():
    world = line(*waiting())
    (wait,) = world.machine.messages()
    assert (wait.element_id, wait.message, wait.kind, wait.key) == ("c", "paid", "message", "")
    with pytest.raises(NotWaitingError):
        world.send("paid", key="42")
    world.send("paid", amount=5)
    assert world.data("u")["how"] == {"amount": 5}


@pytest.mark.parametrize(("order", "key"), [(17, "17"), ("A-17", "A-17")])
def test_a_key_of_its_own_is_taken_from_the_data(order, key):
    world = line(*waiting(correlation_key="order"), data={"order": order})
    (wait,) = world.again().messages()
    assert wait.key == key
    for wrong in ("", "18"):
        with pytest.raises(NotWaitingError):
            world.send("paid", key=wrong)
    world.send("paid", key=key)
    assert world.at() == ["u"]


@pytest.mark.parametrize("order", [None, "", True, 1.5, [1], {"a": 1}, "x" * 101])
def test_a_key_that_is_no_text_stops_the_step_that_comes_to_it(order):
    with pytest.raises(CorrelationKeyError, match="'c'"):
        line(*waiting(correlation_key="order"), data={"order": order})


def test_each_of_a_hundred_waits_is_reached_by_its_own_key():
    world = World(
        d.start(),
        e.each(
            e.sub(
                "each",
                d.start("s"),
                e.catch("c", e.message("paid", variable="how"), correlation_key="order"),
                d.end("f"),
                d.chain("s", "c", "f"),
            ),
            "orders",
            item="order",
            result="how",
            results="all",
        ),
        d.user("u"),
        d.end(),
        d.chain("start", "each", "u", "end"),
        messages=["paid"],
        data={"orders": list(range(100))},
    )
    assert len(world.machine.messages()) == 100
    for number in reversed(range(100)):
        world.send("paid", key=str(number), n=number)
    assert world.data("u")["all"] == [{"n": number} for number in range(100)]


def test_two_catches_of_one_message_behind_a_gateway_are_told_apart_by_their_keys():
    world = World(
        d.start(),
        d.event_gateway("g"),
        e.catch("one", e.message("paid", variable="how"), correlation_key="a"),
        e.catch("two", e.message("paid", variable="how"), correlation_key="b"),
        d.user("x"),
        d.user("y"),
        d.end(),
        d.chain("start", "g", "one", "x", "end"),
        d.chain("g", "two", "y", "end"),
        messages=["paid"],
        data={"a": "A", "b": "B"},
    )
    assert world.listening() == ["one", "two"]
    world.send("paid", key="B", amount=5)
    assert world.at() == ["y"]
    assert world.data("y")["how"] == {"amount": 5}


def test_a_thrown_message_carries_its_payload_and_its_key():
    payload = e.message("told", payload="{'n': order + 1}")
    world = line(
        ("one", e.throw("one", payload)),
        ("two", e.throw("two", payload, correlation_key="order")),
        ("u", d.user("u")),
        data={"order": 7},
    )
    assert world.thrown == [
        Thrown("message", "told", {"n": 8}),
        Thrown("message", "told", {"n": 8}, "7"),
    ]
    assert world.again().thrown == []


def test_a_message_end_event_and_a_send_task_throw_too():
    world = World(
        d.start(),
        d.node("sendTask", "s", messageRef="m_told"),
        e.end("end", e.message("told", payload="{'last': True}")),
        d.chain("start", "s", "end"),
        messages=["told"],
    )
    assert world.thrown == [Thrown("message", "told"), Thrown("message", "told", {"last": True})]
    assert world.machine.completed


def test_a_payload_that_is_no_dict_stops_the_step():
    with pytest.raises(TypeError, match="'one'"):
        line(("one", e.throw("one", e.message("told", payload="5"))))


def test_a_message_that_is_caught_inside_does_not_come_out():
    world = World(
        d.start(),
        d.parallel("f"),
        d.catch("c", "told"),
        d.user("u"),
        d.throw("t", "told"),
        d.end(),
        d.chain("start", "f", "c", "end"),
        d.chain("f", "u", "t", "end"),
        messages=["told"],
    )
    world.complete("u")
    assert world.machine.completed
    assert world.thrown == []


def test_a_receive_task_waits_as_a_catch_event_does():
    receive = d.node(
        "receiveTask",
        "r",
        d.extensions(
            "<spiffworkflow:messageVariable>how</spiffworkflow:messageVariable>"
            + d.properties(correlation_key="order")
        ),
        messageRef="m_paid",
    )
    world = line(("r", receive), ("u", d.user("u")), data={"order": 3})
    world.send("paid", key="3", amount=1)
    assert world.data("u")["how"] == {"amount": 1}


@pytest.mark.parametrize("at_the_end", [True, False])
def test_a_signal_reaches_every_wait_of_the_instance_and_the_outside(at_the_end):
    tag = "endEvent" if at_the_end else "intermediateThrowEvent"
    thrower = d.node(tag, "t", e.signal("storm", payload="{'force': 9}"))
    world = World(
        d.start(),
        d.parallel("f"),
        e.catch("c", e.signal("storm", variable="wind")),
        d.user("c2"),
        d.user("watched"),
        e.boundary("b", "watched", e.signal("storm")),
        d.user("b2"),
        d.event_gateway("g"),
        e.catch("gc", e.signal("storm")),
        d.timer("gt", "P1D"),
        d.user("g2"),
        d.user("u"),
        thrower,
        d.end(),
        d.end("t_end"),
        d.chain("start", "f", "c", "c2", "end"),
        d.chain("f", "watched", "end"),
        d.chain("b", "b2", "end"),
        d.chain("f", "g", "gc", "g2", "end"),
        d.chain("g", "gt", "end"),
        d.chain("f", "u", "t"),
        "" if at_the_end else d.flow("t", "t_end"),
        declared=NAMES,
    )
    assert world.listening() == ["b", "c", "gc"]
    assert {wait.kind for wait in world.machine.messages()} == {"signal"}
    world.complete("u")
    assert world.at() == ["b2", "c2", "g2"]
    assert world.data("c2")["wind"] == {"force": 9}
    assert world.thrown == [Thrown("signal", "storm", {"force": 9})]


def test_a_signal_from_outside_reaches_them_too_and_a_message_of_its_name_does_not():
    world = line(("c", e.catch("c", e.signal("storm"))), ("u", d.user("u")), messages=["storm"])
    with pytest.raises(NotWaitingError):
        world.send("storm")
    world.signal("storm")
    assert world.at() == ["u"]
    with pytest.raises(NotWaitingError):
        world.signal("storm")


BOTH_STARTS = (
    d.start(),
    e.start("by_mail", e.message("mailed", variable="mail")),
    d.user("asked"),
    d.user("read"),
    d.end(),
    d.chain("start", "asked", "end"),
    d.chain("by_mail", "read", "end"),
)


def test_a_plain_start_does_not_wait_for_the_message_start():
    world = World(*BOTH_STARTS, messages=["mailed"])
    assert world.at() == ["asked"]
    assert not world.machine.messages()
    world.complete("asked")
    assert world.machine.completed


def test_a_message_start_takes_its_payload_and_only_its_own_way():
    world = World(
        *BOTH_STARTS,
        messages=["mailed"],
        data={"case_id": 1},
        message="mailed",
        payload={"subject": "Hi"},
    )
    assert world.at() == ["read"]
    assert world.data("read") == {"case_id": 1, "mail": {"subject": "Hi"}}
    assert not world.machine.messages()
    world.complete("read")
    assert world.machine.completed


@pytest.mark.parametrize(
    ("parts", "message"), [(BOTH_STARTS, "other"), (BOTH_STARTS[1:2] + BOTH_STARTS[3:5], None)]
)
def test_a_start_that_is_not_drawn_is_refused(parts, message):
    flows = () if message else (d.chain("by_mail", "read", "end"),)
    with pytest.raises(NotWaitingError):
        World(*parts, *flows, messages=["mailed"], message=message)


def test_an_event_subprocess_for_the_same_message_does_not_start_with_the_instance():
    world = World(
        *BOTH_STARTS,
        e.handler("h", e.message("mailed"), "look"),
        messages=["mailed"],
        message="mailed",
    )
    assert world.at() == ["read"]
    world.send("mailed")
    assert world.at() == ["look", "read"]


def test_the_messages_that_start_a_process_can_be_asked_for():
    diagram = d.diagram(
        "p",
        *BOTH_STARTS,
        e.handler("h", e.message("note"), "look"),
        messages=["mailed", "note"],
    )
    assert start_messages(diagram) == {"mailed"}
    assert start_messages(d.diagram("p", d.start())) == set()


def test_the_timers_of_a_gateway_survive_and_the_earlier_one_wins_in_another_process():
    world = World(
        d.start(),
        d.event_gateway("g"),
        d.timer("week", "P7D"),
        d.timer("day", "P1D"),
        d.user("a"),
        d.user("b"),
        d.end(),
        d.chain("start", "g", "week", "a", "end"),
        d.chain("g", "day", "b", "end"),
    )
    for hour in range(1, 24):
        world.later(hours=1)
        assert world.at() == [], hour
    assert world.due() == [("day", timedelta(days=1)), ("week", timedelta(days=7))]
    world.later(hours=1)
    assert world.at() == ["b"]
    assert not world.machine.timers()
