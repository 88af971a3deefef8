import pytest

from engine.errors import BpmnError
from engine.spiff.events import UncaughtError
from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.spiff.world import World

NAMES = e.declared(signals=["storm"], errors=["broke", "other"], escalations=["late"])


def with_handler(handler, *parts, messages=("note",), **options):
    """Return work -> end beside an event subprocess."""
    steps = parts or (d.user("work"), d.end(), d.chain("start", "work", "end"))
    return World(d.start(), *steps, handler, messages=messages, declared=NAMES, **options)


def test_an_error_event_subprocess_waits_for_its_error():
    world = with_handler(e.handler("h", e.error("broke"), "repair", interrupting=True))
    assert world.at() == ["work"]


def test_an_error_end_event_starts_it_and_ends_the_rest():
    world = with_handler(
        e.handler("h", e.error("broke"), "repair", interrupting=True),
        d.parallel("f"),
        d.user("work"),
        d.user("aside"),
        e.end("broken", e.error("broke")),
        d.end(),
        d.chain("start", "f", "work", "broken"),
        d.chain("f", "aside", "end"),
    )
    world.complete("work")
    assert world.at() == ["repair"]
    world.complete("repair")
    assert world.machine.completed


def test_an_error_goes_to_the_handler_with_its_code_before_one_for_all_errors():
    world = World(
        d.start(),
        d.user("work"),
        e.end("broken", e.error("broke")),
        d.chain("start", "work", "broken"),
        e.handler("any", e.error(), "look", interrupting=True),
        e.handler("this", e.error("broke"), "repair", interrupting=True),
        e.handler("that", e.error("other"), "wonder", interrupting=True),
        declared=NAMES,
    )
    world.complete("work")
    assert world.at() == ["repair"]


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_starts_it(interrupting):
    world = with_handler(
        e.handler("h", e.escalation("late"), "boss", interrupting=interrupting),
        d.user("work"),
        e.throw("call", e.escalation("late")),
        d.user("more"),
        d.end(),
        d.chain("start", "work", "call", "more", "end"),
    )
    assert world.at() == ["work"]
    world.complete("work")
    assert world.at() == (["boss"] if interrupting else ["boss", "more"])


def test_an_error_inside_a_subprocess_starts_the_handler_around_it():
    world = with_handler(
        e.handler("h", e.error("broke"), "repair", interrupting=True),
        e.sub(
            "inner",
            d.start("s"),
            d.user("work"),
            e.end("broken", e.error("broke")),
            d.chain("s", "work", "broken"),
        ),
        d.user("after"),
        d.end(),
        d.chain("start", "inner", "after", "end"),
    )
    world.complete("work")
    assert world.at() == ["repair"]


def test_an_uncaught_error_is_said_and_not_swallowed():
    world = World(
        d.start(),
        d.user("work"),
        e.end("broken", e.error("broke")),
        d.chain("start", "work", "broken"),
        declared=NAMES,
    )
    with pytest.raises(UncaughtError, match="'broke' was thrown at 'broken' and nothing catches"):
        world.complete("work")


def test_an_operation_that_raises_a_bpmn_error_reaches_the_event_subprocess():
    handler = e.handler("h", e.error("broke", variable="why"), "repair", interrupting=True)
    world = with_handler(
        handler,
        d.user("work"),
        d.service("pay", "x.pay"),
        d.user("thanks"),
        d.end(),
        d.chain("start", "work", "pay", "thanks", "end"),
    )
    world.failing["x.pay"] = BpmnError("broke", {"reason": "no money"})
    world.complete("work")
    assert world.at() == ["repair"]
    assert world.data("repair")["why"] == {"reason": "no money"}


def broken(id_, definition, code, *, interrupting):
    """An event subprocess that asks a person and then ends in an error."""
    return e.on_event(
        id_,
        definition,
        d.user(f"{id_}_ask"),
        e.end(f"{id_}_end", e.error(code)),
        d.chain(f"{id_}_start", f"{id_}_ask", f"{id_}_end"),
        interrupting=interrupting,
    )


def test_an_error_in_one_event_subprocess_is_caught_by_another_of_the_same_scope():
    world = with_handler(
        broken("h", e.message("note"), "broke", interrupting=False),
        d.user("work"),
        d.end(),
        d.chain("start", "work", "end"),
        e.handler("r", e.error("broke"), "repair", interrupting=True),
    )
    world.send("note")
    world.complete("h_ask")
    assert world.at() == ["repair"]


def test_an_error_handler_that_fails_itself_is_not_started_again():
    inner = (
        d.start("s"),
        d.user("work"),
        e.end("first", e.error("broke")),
        d.chain("s", "work", "first"),
        broken("r", e.error("broke"), "broke", interrupting=True),
    )
    world = with_handler(
        e.handler("outer", e.error("broke"), "rescue", interrupting=True),
        e.sub("inner", *inner),
        d.end(),
        d.chain("start", "inner", "end"),
    )
    world.complete("work")
    assert world.at() == ["r_ask"]
    world.complete("r_ask")
    assert world.at() == ["rescue"]


def test_a_person_s_operation_inside_it_may_raise_an_error_that_the_scope_around_catches():
    world = with_handler(
        e.handler("h", e.message("note"), "look"),
        d.user("work"),
        d.end(),
        d.chain("start", "work", "end"),
        e.handler("r", e.error("broke"), "repair", interrupting=True),
    )
    world.send("note")
    world.fail("look", BpmnError("broke"))
    assert world.at() == ["repair"]
    world.complete("repair")
    assert world.machine.completed
