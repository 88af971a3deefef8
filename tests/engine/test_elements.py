"""Elements in the database: what reaches other instances, jobs, and what is told as a failure."""

import pytest
from sqlalchemy import select, update

from engine.errors import BpmnError, StepFailedError
from engine.models import Job, Subscription
from engine.repair import compare, repair
from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.conftest import Anything

NAMES = e.declared(signals=["storm"], errors=["broke"], escalations=["late"])


def declaring(process, *parts, messages=()):
    raw = d.diagram(process, *parts, messages=messages)
    return raw.replace(b"<bpmn:process ", f"{NAMES}<bpmn:process ".encode(), 1)


@pytest.fixture
def storm(world):
    """One process warns by a signal, another waits for it."""
    world.deploy(
        warns=declaring(
            "warns",
            d.start(),
            d.user("look"),
            e.end("end", e.signal("storm", payload="{'force': 9}")),
            d.chain("start", "look", "end"),
        ),
        main=declaring(
            "main",
            d.start(),
            e.catch("c", e.signal("storm", variable="wind")),
            d.user("shelter"),
            d.end(),
            d.chain("start", "c", "shelter", "end"),
        ),
    )
    return world


def test_a_signal_reaches_every_instance_that_waits_whatever_its_key(storm):
    for key in ("1", "2"):
        storm.start("main", key=key)
    storm.start("warns", key="3")
    storm.complete("look", key="3")
    for key in ("1", "2"):
        assert storm.at(key) == ["shelter"]
    assert storm.at("3") == []


def test_a_message_of_the_same_name_and_no_key_does_not_reach_them(storm):
    storm.start("main", key="1")
    assert storm.send("storm", key="") == 0
    assert storm.send("storm", key="1") == 0
    assert storm.at("1") == []


@pytest.fixture
def orders(world):
    """Waits with a key of its own; another process throws with one."""
    world.deploy(
        main=declaring(
            "main",
            d.start(),
            e.catch("c", e.message("paid", variable="how"), correlation_key="order"),
            d.user("ship"),
            d.end(),
            d.chain("start", "c", "ship", "end"),
            messages=["paid"],
        ),
        pays=declaring(
            "pays",
            d.start(),
            d.user("pay"),
            e.throw("t", e.message("paid"), correlation_key="order"),
            d.end(),
            d.chain("start", "pay", "t", "end"),
            messages=["paid"],
        ),
    )
    return world


def test_a_message_finds_the_instance_by_the_key_of_the_waiting_element(orders):
    orders.start(key="1", order="A-1")
    orders.start(key="2", order="A-2")
    assert orders.send("paid", key="1") == 0
    assert orders.send("paid", key="A-2", amount=5) == 1
    assert (orders.at("1"), orders.at("2")) == ([], ["ship"])


def test_a_process_throws_to_the_key_it_names(orders):
    orders.start(key="1", order="A-1")
    orders.start("pays", key="9", order="A-1")
    orders.complete("pay", key="9")
    assert orders.at("1") == ["ship"]


def test_a_key_of_its_own_may_be_the_same_as_the_business_key(orders):
    orders.start(key="1", order=1)
    assert orders.send("paid", key="1") == 1
    assert orders.at("1") == ["ship"]


@pytest.fixture
def paying(world):
    def deploy(step, **values):
        world.deploy(
            main=declaring(
                "main",
                d.start(),
                d.user("order"),
                step,
                e.boundary("no_money", "pay", e.error("broke", variable="why")),
                d.user("thanks"),
                d.user("remind"),
                d.end(),
                d.chain("start", "order", "pay", "thanks", "end"),
                d.chain("no_money", "remind", "end"),
            )
        )
        world.start()
        return world

    return deploy


SERVICE = d.service("pay", "test.shaky")
JOB = d.service("pay", "test.shaky", **{"async": "true"})


@pytest.mark.parametrize("step", [SERVICE, JOB, d.user("pay", "test.refuse")])
def test_a_bpmn_error_of_an_operation_goes_the_way_that_is_drawn(world, paying, step):
    @world.operations.operation("test.refuse")
    def refuse(call, form: Anything):
        raise BpmnError("broke")

    world = paying(step)
    world.failing = BpmnError("broke", {"reason": "no money"})
    world.complete("order")
    if step is JOB:
        assert world.run_jobs() == 1
    elif step is not SERVICE:
        world.complete("pay")
    assert world.at() == ["remind"]


@pytest.mark.parametrize("step", [SERVICE, JOB])
def test_a_bpmn_error_nobody_catches_fails_the_step_and_says_so(paying, step):
    world = paying(step)
    world.failing = BpmnError("unknown")
    if step is JOB:
        world.complete("order")
        with pytest.raises(StepFailedError) as failed:
            world.run_jobs()
    else:
        with pytest.raises(StepFailedError) as failed:
            world.complete("order")
        assert world.at() == ["order"]
    assert "'unknown' was thrown at 'pay' and nothing catches it" in str(failed.value.__cause__)


def test_an_error_end_nobody_catches_fails_the_step_and_says_so(world):
    world.deploy(
        main=declaring(
            "main",
            d.start(),
            d.user("work"),
            e.end("end", e.error("broke")),
            d.chain("start", "work", "end"),
        )
    )
    world.start()
    with pytest.raises(StepFailedError) as failed:
        world.complete("work")
    assert "nothing catches it" in str(failed.value.__cause__)
    assert world.at() == ["work"]


def test_reminders_are_timer_jobs_one_after_the_other(world):
    world.deploy(
        main=declaring(
            "main",
            d.start(),
            d.user("answer"),
            e.boundary("daily", "answer", e.cycle("R3/P1D"), interrupting=False),
            d.service("remind", "test.shaky"),
            d.end(),
            d.end("sent"),
            d.chain("start", "answer", "end"),
            d.chain("daily", "remind", "sent"),
        )
    )
    world.start()
    for turn in range(1, 4):
        assert world.run_jobs() == 0
        world.later(days=1)
        assert world.run_jobs() == 1
        assert len(world.called) == turn
    world.later(days=30)
    assert world.run_jobs() == 0
    assert world.at() == ["answer"]
    assert world.read(lambda session: session.scalars(select(Job)).all()) == []


def test_missed_turns_are_caught_up_one_command_each(world):
    world.deploy(
        main=declaring(
            "main",
            d.start(),
            d.user("work"),
            d.end(),
            d.chain("start", "work", "end"),
            e.on_event(
                "h",
                e.cycle("R4/PT1H"),
                d.service("remind", "test.shaky"),
                d.end("h_end"),
                d.chain("h_start", "remind", "h_end"),
            ),
        )
    )
    world.start()
    world.later(hours=3, minutes=1)
    assert [world.run_jobs() for _ in range(5)] == [1, 1, 1, 0, 0]
    assert len(world.called) == 3


def test_a_subscription_stays_as_it_is_while_it_fires_again_and_again(world):
    world.deploy(
        main=declaring(
            "main",
            d.start(),
            d.user("work"),
            d.end(),
            d.chain("start", "work", "end"),
            e.handler("h", e.message("note"), "look"),
            messages=["note"],
        )
    )
    world.start()

    def waits():
        return world.read(
            lambda s: s.execute(select(Subscription.task_id, Subscription.element_id)).all()
        )

    before = waits()
    for _ in range(3):
        assert world.send("note") == 1
        world.complete("look")
    assert waits() == before
    world.complete("work")
    assert waits() == []


def _are_mended(world):
    ids = [world.start(key="1", order="A-1"), world.start(key="2", order="A-2")]

    def complaints():
        with world.db.read() as session:
            found = compare(session, world.engine.definitions, ids)
            return [found[number].complaint for number in ids]

    assert complaints() == ["", ""]
    with world.db.write() as session:
        wrong = update(Subscription).where(Subscription.instance_id == ids[0])
        session.execute(wrong.values(key="somebody else"))
    assert complaints()[0]
    with world.db.write() as session:
        repair(session, world.engine.definitions, ids[0])
    assert complaints() == ["", ""]


def test_rows_of_keys_are_no_faults_and_wrong_ones_are_mended(orders):
    _are_mended(orders)


def test_rows_of_signals_are_no_faults_and_wrong_ones_are_mended(storm):
    _are_mended(storm)
