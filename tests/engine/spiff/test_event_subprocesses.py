from datetime import timedelta

import pytest

from engine.errors import NotWaitingError
from engine.spiff.machine import Machine
from engine.spiff.parser import parse
from engine.spiff.script import ScriptEngine
from engine.spiff.workflow import LimitError
from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.spiff.world import World

NAMES = e.declared(signals=["storm"], errors=["broke", "other"], escalations=["late"])


def with_handler(handler, *parts, messages=("note",), **options):
    """Return work -> end beside an event subprocess."""
    steps = parts or (d.user("work"), d.end(), d.chain("start", "work", "end"))
    return World(d.start(), *steps, handler, messages=messages, declared=NAMES, **options)


TRIGGERS = {
    "a message": (e.message("note"), lambda world: world.send("note")),
    "a signal": (e.signal("storm"), lambda world: world.signal("storm")),
    "a timer": (d.duration("PT1H"), lambda world: world.later(hours=1)),
}


@pytest.mark.parametrize("name", TRIGGERS)
def test_it_starts_beside_the_work_and_the_process_ends_after_both(name):
    definition, happen = TRIGGERS[name]
    world = with_handler(e.handler("h", definition, "look"))
    assert world.at() == ["work"]
    happen(world)
    assert world.at() == ["look", "work"]
    world.complete("work")
    assert world.at() == ["look"]
    world.complete("look")
    assert world.machine.completed


@pytest.mark.parametrize("name", TRIGGERS)
def test_an_interrupting_one_takes_the_place_of_the_work(name):
    definition, happen = TRIGGERS[name]
    world = with_handler(e.handler("h", definition, "look", interrupting=True))
    happen(world)
    assert world.at() == ["look"]
    assert not world.machine.messages()
    assert not world.machine.timers()
    world.complete("look")
    assert world.machine.completed


@pytest.mark.parametrize("name", TRIGGERS)
def test_nothing_that_only_listens_keeps_the_process_from_ending(name):
    definition, _ = TRIGGERS[name]
    world = with_handler(e.handler("h", definition, "look"))
    world.complete("work")
    assert world.machine.completed
    assert not world.machine.timers()
    assert not world.machine.messages()
    with pytest.raises(NotWaitingError):
        world.machine.send("note", {})


@pytest.mark.parametrize("kind", ["message", "signal"])
def test_it_starts_every_time_and_a_hundred_times_leave_no_trace(kind):
    definition = e.message("note") if kind == "message" else e.signal("storm")
    world = with_handler(e.handler("h", definition, "look"))
    for _ in range(120):
        world.send("note" if kind == "message" else "storm", kind=kind)
        assert world.at() == ["look", "work"]
        world.complete("look")
    assert abs(world.sizes[-1] - world.sizes[11]) < 20  # digits of times
    assert world.sizes[-1] < 1_500
    world.complete("work")
    assert world.machine.completed


def test_several_run_at_the_same_time():
    world = with_handler(e.handler("h", e.message("note"), "look"))
    for _ in range(3):
        world.send("note")
    assert world.at() == ["look", "look", "look", "work"]
    world.complete("work")
    for _ in range(3):
        assert not world.machine.completed
        world.complete("look")
    assert world.machine.completed


def test_a_new_instance_of_the_same_bundle_starts_as_the_first_did():
    world = with_handler(e.handler("h", e.message("note"), "look"))
    world.machine.send("note", {})
    script = ScriptEngine(world.now, lambda *_: {})
    second = Machine.new(world.bundle, script, {})
    assert sorted(wait.element_id for wait in second.waiting()) == ["h_start", "work"]


def test_what_came_along_and_what_the_open_steps_know_is_there():
    world = with_handler(
        e.handler("h", e.message("note", variable="said"), "look"),
        d.user("first"),
        d.user("work"),
        d.end(),
        d.chain("start", "first", "work", "end"),
        data={"case_id": 7},
    )
    world.complete("first", kind="repair")
    world.send("note", text="hello")
    assert world.data("look") == {"case_id": 7, "kind": "repair", "said": {"text": "hello"}}
    assert world.data("work") == {"case_id": 7, "kind": "repair"}


def test_the_main_path_still_loops_without_a_trace_while_something_listens():
    world = with_handler(
        e.handler("h", e.message("note"), "look"),
        d.exclusive("m"),
        d.user("work"),
        d.exclusive("x", "x_end"),
        d.end(),
        d.chain("start", "m", "work", "x"),
        d.flow("x", "m", "again"),
        d.flow("x", "end", id_="x_end"),
    )
    for _ in range(150):
        world.complete("work", again=True)
    assert abs(world.sizes[-1] - world.sizes[11]) < 20  # digits of times
    world.send("note")
    world.complete("work", again=False)
    assert world.at() == ["look"]


def test_it_works_inside_an_embedded_subprocess_and_ends_with_it():
    world = with_handler(
        e.sub(
            "inner",
            d.start("s"),
            d.user("work"),
            d.end("inner_end"),
            d.chain("s", "work", "inner_end"),
            e.handler("h", e.message("note"), "look"),
            e.handler("t", d.duration("P1D"), "hurry", interrupting=True),
        ),
        d.user("after"),
        d.end(),
        d.chain("start", "inner", "after", "end"),
    )
    world.send("note")
    assert world.at() == ["look", "work"]
    assert world.due() == [("t_start", timedelta(days=1))]
    world.complete("look")
    world.later(days=1)
    assert world.at() == ["hurry"]
    world.complete("hurry")
    assert world.at() == ["after"]
    assert not world.machine.timers()
    with pytest.raises(NotWaitingError):
        world.send("note")


def test_it_works_inside_a_called_process():
    child = d.diagram(
        "child",
        d.start(),
        d.user("work"),
        d.end(),
        d.chain("start", "work", "end"),
        e.handler("h", e.message("note"), "look"),
        messages=["note"],
    )
    world = with_handler(
        "",
        d.call("c", "child"),
        d.user("after"),
        d.end(),
        d.chain("start", "c", "after", "end"),
        files={"child/child.bpmn": child},
    )
    for _ in range(110):
        world.send("note")
        world.complete("look")
    assert abs(world.sizes[-1] - world.sizes[11]) < 20  # digits of times
    world.complete("work", outcome="fine")
    assert world.at() == ["after"]
    assert world.data("after")["outcome"] == "fine"


def test_interrupting_ends_called_processes_and_their_timers():
    child = d.diagram(
        "child",
        d.start(),
        d.user("work"),
        d.boundary("late", "work", d.duration("P1D")),
        d.end(),
        d.end("too_late"),
        d.chain("start", "work", "end"),
        d.chain("late", "too_late"),
    )
    world = with_handler(
        e.handler("h", e.message("note"), "look", interrupting=True),
        d.call("c", "child"),
        d.end(),
        d.chain("start", "c", "end"),
        files={"child/child.bpmn": child},
    )
    assert world.due() == [("late", timedelta(days=1))]
    world.send("note")
    assert world.at() == ["look"]
    assert not world.machine.timers()
    assert "work" not in world.again().frozen().decode("latin1")


def test_its_timer_shows_the_start_event_that_is_drawn():
    world = with_handler(e.handler("h", d.duration("P2D"), "look"))
    (timer,) = world.machine.timers()
    assert (timer.element_id, timer.due_at) == ("h_start", world.now + timedelta(days=2))
    assert world.bundle.elements[("p", "h_start")].kind == "startEvent"


def test_a_terminate_end_takes_listeners_and_running_ones_with_it():
    world = with_handler(
        e.handler("h", e.message("note"), "look"),
        d.user("work"),
        d.terminate(),
        d.chain("start", "work", "end"),
    )
    world.send("note")
    world.complete("work")
    assert world.machine.completed
    assert not world.machine.messages()


def test_parsing_does_not_depend_on_the_order_of_flows_and_subprocesses():
    parts = (
        e.handler("h", e.message("note"), "look"),
        d.end(),
        d.user("work"),
        d.start(),
        d.chain("start", "work", "end"),
    )
    assert parse({"p/p.bpmn": d.diagram("p", *parts, messages=["note"])}, "p").key == "p"


def test_a_terminate_end_inside_it_ends_only_it():
    stop = e.on_event(
        "h",
        e.message("note"),
        d.user("look"),
        d.terminate("h_end"),
        d.chain("h_start", "look", "h_end"),
    )
    world = with_handler(stop)
    world.send("note")
    world.complete("look")
    assert world.at() == ["work"]
    world.send("note")
    assert world.at() == ["look", "work"]


def test_one_that_throws_what_starts_it_is_stopped():
    echo = e.on_event(
        "h",
        e.signal("storm"),
        e.end("h_end", e.signal("storm")),
        d.chain("h_start", "h_end"),
    )
    world = with_handler(echo)
    with pytest.raises(LimitError):
        world.signal("storm")
