"""Kept messages are delivered once: by a process to itself, and by several at one moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from engine import inspection
from tests.engine import diagrams as d
from tests.engine.conftest import Anything
from tests.engine.test_messages import buffered, send

WEEK = timedelta(days=7)


@pytest.fixture
def hearing_twice(world):
    """ask, which sends a kept `note` to its own instance -> note -> between -> note -> ship."""

    @world.operations.operation("test.keep")
    def keep(call, form: Anything):
        send(world, "note", key=call.key, session=call.session, keep_for=WEEK, uid="one")

    def deploy(*between):
        ids = [name for name, _ in between]
        parts = [part for _, part in between]
        world.deploy(
            main=d.diagram(
                "main",
                d.start(),
                d.user("ask", "test.keep"),
                d.catch("first", "note", "said"),
                *parts,
                d.catch("second", "note", "said"),
                d.user("ship", "test.form"),
                d.end(),
                d.chain("start", "ask", "first", *ids, "second", "ship", "end"),
                messages=["note"],
            )
        )
        return world.start()

    return deploy


def test_a_kept_message_of_an_instance_to_itself_reaches_only_its_next_wait(hearing_twice, world):
    instance = hearing_twice()
    world.complete("ask")
    assert world.at() == []  # at the second wait: nothing came for it
    (kept,) = buffered(world)
    assert (kept.delivered_to, kept.delivered_at is not None) == (instance, True)


def test_a_kept_message_of_an_instance_to_itself_does_not_come_again_later(hearing_twice, world):
    hearing_twice(("between", d.user("between", "test.form")))
    world.complete("ask")
    world.complete("between")
    assert world.at() == []
    with world.db.write() as session:
        assert world.engine.deliver_kept(session) == 0


def test_one_message_sent_by_many_at_once_starts_one_instance(world):
    world.deploy(
        main=d.diagram(
            "main",
            d.node("startEvent", "start", d.message_definition("order")),
            d.user("ask", "test.form"),
            d.end(),
            d.chain("start", "ask", "end"),
            messages=["order"],
        )
    )
    together = Barrier(4)

    def order(_):
        together.wait()
        return send(world, "order", uid="order-7", keep_for=WEEK)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(order, range(4))) == [0, 0, 0, 1]
    assert world.at() == ["ask"]


@pytest.fixture
def failing_after(world):
    """ask -> `note` -> an operation that fails -> done; beside it task `other`."""
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.user("ask", "test.form"),
            d.parallel("fork"),
            d.catch("note", "note", "message"),
            d.service("do", "test.shaky"),
            d.user("other", "test.form"),
            d.end("one"),
            d.end("two"),
            d.chain("start", "ask", "fork", "note", "do", "one"),
            d.chain("fork", "other", "two"),
            messages=["note"],
        )
    )
    world.failing = RuntimeError("the printer is on fire")
    return world


def test_a_kept_message_whose_step_fails_does_not_undo_the_work_before_it(failing_after):
    world = failing_after
    instance = world.start()
    assert send(world, "note", keep_for=WEEK) == 0

    world.complete("ask", text="done")

    assert world.at() == ["other"]
    assert world.called == [("ask", {"text": "done"})]
    (kept,) = buffered(world)
    assert (kept.delivered_at, kept.delivered_to) == (None, None)
    (incident,) = world.read(inspection.open_incidents)
    assert (incident.instance_id, incident.element_id) == (instance, "do")
    assert "the printer is on fire" in incident.message

    world.failing = None
    with world.db.write() as session:
        assert world.engine.deliver_kept(session) == 1
    assert world.called[1] == ("do", {})


def test_several_kept_messages_whose_step_fails_stay_kept_with_one_incident(failing_after):
    world = failing_after
    instance = world.start()
    for uid in ("first", "second"):
        send(world, "note", keep_for=WEEK, uid=uid)

    world.complete("ask", text="done")

    assert [kept.delivered_to for kept in buffered(world)] == [None, None]
    assert len(world.read(inspection.open_incidents)) == 1
    world.failing = None
    with world.db.write() as session:
        assert world.engine.deliver_kept(session) == 1
    assert [kept.delivered_to for kept in buffered(world)] == [instance, None]


def test_a_kept_message_that_a_process_cannot_take_is_one_incident_and_stops_no_other(world):
    """The process that begins with it is deployed after the message came, and fails at once."""
    for key in ("bad", "good"):
        assert send(world, f"{key}_order", key=key, keep_for=WEEK) == 0
    for name, first in (("bad", d.service("do", "test.shaky")), ("good", d.user("do"))):
        begins = d.node("startEvent", "start", d.message_definition(f"{name}_order"))
        parts = (begins, first, d.end(), d.chain("start", "do", "end"))
        world.deploy(**{name: d.diagram(name, *parts, messages=[f"{name}_order"])})
    world.failing = RuntimeError("the printer is on fire")

    for _ in range(3):
        with world.db.write() as session:
            world.engine.deliver_kept(session)

    assert (world.at("bad"), world.at("good")) == ([], ["do"])
    (incident,) = world.read(inspection.open_incidents)
    assert "the printer is on fire" in incident.message
    assert [kept.delivered_at is not None for kept in buffered(world)] == [False, True]

    world.failing = None
    with world.db.write() as session:
        assert world.engine.deliver_kept(session) == 1
