"""Messages before their wait, once by id, by key, to many at once, and as beginnings."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from engine import clock, jobs, message_buffer, queries
from engine.errors import StepFailedError
from engine.models import BufferedMessage, HistoryEntry, Subscription
from engine.spiff.events import Thrown
from tests.engine import diagrams as d
from tests.engine.conftest import Anything

WEEK = timedelta(days=7)


@pytest.fixture
def waiter(world):
    """ask -> wait for `paid` -> done?"""
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.user("ask", "test.form"),
            d.catch("paid", "paid", "payment"),
            d.user("ship", "test.form"),
            d.end(),
            d.chain("start", "ask", "paid", "ship", "end"),
            messages=["paid"],
        )
    )
    return world


def send(world, message, key="42", *, session=None, **options):
    options = {"payload": {"amount": 7}, "actor": "system", **options}
    if session is not None:
        return world.engine.correlate(session, message, key=key, **options)
    with world.db.write() as own:
        return world.engine.correlate(own, message, key=key, **options)


def buffered(world):
    query = select(BufferedMessage).order_by(BufferedMessage.id)
    return world.read(lambda session: list(session.scalars(query)))


def count(world, model):
    return world.read(lambda session: session.scalar(select(func.count()).select_from(model)))


def test_a_message_that_comes_too_early_is_delivered_when_the_process_waits(waiter):
    instance = waiter.start()
    assert send(waiter, "paid", keep_for=WEEK) == 0
    assert waiter.at() == ["ask"]
    waiter.complete("ask", text="go")
    assert waiter.at() == ["ship"]
    (kept,) = buffered(waiter)
    assert (kept.delivered_to, kept.delivered_at is not None) == (instance, True)
    assert count(waiter, Subscription) == 0


def test_a_message_without_time_to_live_that_nobody_waits_for_is_gone(waiter):
    waiter.start()
    assert send(waiter, "paid") == 0
    waiter.complete("ask", text="go")
    assert waiter.at() == []
    assert buffered(waiter) == []


def test_a_message_that_expired_is_not_delivered(waiter):
    waiter.start()
    send(waiter, "paid", keep_for=timedelta(seconds=1))
    with waiter.db.write() as session:
        past = clock.real_now(session) - timedelta(seconds=1)
        session.execute(update(BufferedMessage).values(expires_at=past))
    waiter.complete("ask", text="go")
    assert waiter.at() == []
    assert buffered(waiter)[0].delivered_at is None


def test_a_kept_message_reaches_only_the_instance_with_its_key(waiter):
    waiter.start(key="1")
    waiter.start(key="2")
    send(waiter, "paid", key="2", keep_for=WEEK)
    waiter.complete("ask", key="1", text="go")
    waiter.complete("ask", key="2", text="go")
    assert (waiter.at("1"), waiter.at("2")) == ([], ["ship"])


@pytest.mark.parametrize("keep_for", [timedelta(0), WEEK])
def test_the_same_id_twice_is_one_message(world, keep_for):
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.exclusive("join"),
            d.catch("tick", "tick", "last"),
            d.user("see", "test.form"),
            d.end(),
            d.exclusive("again", "more"),
            d.chain("start", "join", "tick", "see", "again"),
            d.flow("again", "end", "text == 'stop'"),
            d.flow("again", "join", id_="more"),
            messages=["tick"],
        )
    )
    world.start()
    assert send(world, "tick", uid="mail-1", keep_for=keep_for) == 1
    assert send(world, "tick", uid="mail-1", keep_for=keep_for) == 0
    world.complete("see", text="more")
    assert send(world, "tick", uid="mail-1", keep_for=keep_for) == 0
    assert world.at() == []
    assert send(world, "tick", uid="mail-2", keep_for=keep_for) == 1
    assert world.at() == ["see"]


def test_of_two_kept_messages_a_loop_gets_one_a_turn_in_their_order(world):
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.exclusive("join"),
            d.catch("tick", "tick", "last"),
            d.user("see", "test.form"),
            d.chain("start", "join", "tick", "see", "again"),
            d.exclusive("again", "more"),
            d.end(),
            d.flow("again", "end", "text == 'stop'"),
            d.flow("again", "join", id_="more"),
            messages=["tick"],
        )
    )
    for number in (1, 2):
        with world.db.write() as session:
            world.engine.correlate(
                session,
                "tick",
                key="42",
                payload={"number": number},
                actor="system",
                keep_for=WEEK,
            )
    instance = world.start()
    assert world.at() == ["see"]
    assert [kept.delivered_to for kept in buffered(world)] == [instance, None]
    world.complete("see", text="more")
    assert [kept.delivered_to for kept in buffered(world)] == [instance, instance]


def test_what_missed_its_wait_by_a_moment_is_brought_together_by_the_watch(waiter):
    waiter.start()
    waiter.complete("ask", text="go")
    with waiter.db.write() as session:  # as if it was written while the other did not see it
        now = clock.real_now(session)
        session.add(
            BufferedMessage(
                uid="late",
                message="paid",
                key="42",
                payload={},
                actor="system",
                received_at=now,
                expires_at=now + WEEK,
            )
        )
    with waiter.db.write() as session:
        assert waiter.engine.deliver_kept(session) == 1
    assert waiter.at() == ["ship"]
    with waiter.db.write() as session:
        assert waiter.engine.deliver_kept(session) == 0


@pytest.fixture
def listeners(world):
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.node(
                "intermediateCatchEvent", "hear", '<bpmn:signalEventDefinition signalRef="s_all"/>'
            ),
            d.user("act", "test.form"),
            d.end(),
            d.chain("start", "hear", "act", "end"),
        ).replace(b"<bpmn:process", b'<bpmn:signal id="s_all" name="recall"/><bpmn:process')
    )
    return world


@pytest.mark.parametrize("many", [3, 30])
def test_a_signal_reaches_everybody_who_waits_a_few_at_once_many_by_jobs(listeners, many):
    for number in range(many):
        listeners.start(key=str(number))
    with listeners.db.write() as session:
        assert listeners.engine.broadcast(session, Thrown("signal", "recall"), "staff:1") == many
    claimed = listeners.claim_jobs(kinds=(jobs.SIGNAL,), limit=50)
    assert len(claimed) == (many if many > 20 else 0)
    for job in claimed:
        with listeners.db.write() as session:
            assert listeners.engine.deliver_signal(session, job)
        with listeners.db.write() as session:
            assert not listeners.engine.deliver_signal(session, job)
    assert all(listeners.at(str(number)) == ["act"] for number in range(many))


def test_a_message_starts_an_instance_of_each_process_that_begins_with_it(world):
    def begins_with(name, message):
        return d.diagram(
            name,
            d.node("startEvent", "came", d.message_definition(message, "order")),
            d.user("see", "test.form"),
            d.end(),
            d.chain("came", "see", "end"),
            messages=[message],
        )

    world.deploy(
        one=begins_with("one", "ordered"),
        two=begins_with("two", "ordered"),
        three=begins_with("three", "returned"),
    )
    assert send(world, "ordered", key="7") == 2
    rows = world.read(queries.instances_of, "7")
    assert sorted((row.process, row.waiting_at[0]) for row in rows) == [
        ("one", "see"),
        ("two", "see"),
    ]
    entries = world.read(lambda session: list(session.scalars(select(HistoryEntry))))
    assert {entry.cause for entry in entries} == {"start"}


def test_the_message_that_starts_a_process_changes_with_its_version(world):
    def version(message):
        return d.diagram(
            "main",
            d.node("startEvent", "came", d.message_definition(message)),
            d.user("see", "test.form"),
            d.end(),
            d.chain("came", "see", "end"),
            messages=[message],
        )

    world.deploy(main=version("ordered"))
    world.deploy(main=version("requested"))
    assert send(world, "ordered") == 0
    assert send(world, "requested") == 1


@pytest.fixture
def ticker(world):
    """Counts each `tick` and waits for the next, without anybody's help."""
    ticks = []

    @world.operations.operation("test.count")
    def count_tick(call, parameters: Anything):
        ticks.append(call.data["last"]["amount"])

    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.user("ask"),
            d.exclusive("join"),
            d.catch("tick", "tick", "last"),
            d.service("count", "test.count"),
            d.exclusive("again", "more"),
            d.end(),
            d.chain("start", "ask", "join", "tick", "count", "again"),
            d.flow("again", "end", "last == 'stop'"),
            d.flow("again", "join", id_="more"),
            messages=["tick"],
        )
    )
    world.ticks = ticks
    return world


def test_a_process_that_waits_again_at_once_gets_each_kept_message_once_in_order(ticker):
    ticker.start()
    for amount in range(60):
        assert send(ticker, "tick", payload={"amount": amount}, keep_for=WEEK) == 0
    ticker.complete("ask")
    assert ticker.ticks == list(range(60))
    assert all(row.delivered_at for row in buffered(ticker))


def test_a_message_that_is_kept_and_finds_somebody_who_waits_is_delivered_once(ticker):
    ticker.start()
    ticker.complete("ask")
    assert send(ticker, "tick", payload={"amount": 1}, uid="mail-1", keep_for=WEEK) == 1
    assert send(ticker, "tick", payload={"amount": 1}, uid="mail-1", keep_for=WEEK) == 0
    assert ticker.ticks == [1]


def test_the_watch_brings_each_message_that_missed_its_wait_once(ticker):
    ticker.start()
    ticker.complete("ask")
    with ticker.db.write() as session:
        for number in range(3):
            message_buffer.register(
                session,
                f"mail-{number}",
                "tick",
                key="42",
                payload={"amount": number},
                actor="system",
                keep_for=WEEK,
            )
    with ticker.db.write() as session:
        ticker.engine.deliver_kept(session)
    assert ticker.ticks == [0, 1, 2]
    assert all(row.delivered_at for row in buffered(ticker))


def test_a_message_from_an_own_operation_reaches_a_wait_of_the_same_instance_by_its_key(world):
    @world.operations.operation("test.pay")
    def pay(call, form: Anything):
        send(world, "paid", key="order-7", session=call.session)

    waiting = d.node(
        "intermediateCatchEvent",
        "paid",
        d.extensions(d.properties(correlation_key="'order-7'")) + d.message_definition("paid"),
    )
    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.parallel("fork"),
            d.user("pay", "test.pay"),
            waiting,
            d.user("ship"),
            d.end(),
            d.end("other"),
            d.chain("start", "fork", "pay", "end"),
            d.chain("fork", "paid", "ship", "other"),
            messages=["paid"],
        )
    )
    world.start()
    world.complete("pay")
    assert world.at() == ["ship"]


def test_processes_that_start_each_other_without_end_are_stopped(world):
    world.deploy(
        main=d.diagram(
            "main",
            d.node("startEvent", "start", d.message_definition("go")),
            d.throw("again", "go"),
            d.end(),
            d.chain("start", "again", "end"),
            messages=["go"],
        )
    )
    with pytest.raises(StepFailedError) as failed:
        send(world, "go")
    assert "without end" in str(failed.value.__cause__)
    assert count(world, HistoryEntry) == 0
