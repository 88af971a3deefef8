"""A table of elements: what the engine cannot do is refused, what it can do is not."""

import pytest
from pydantic import BaseModel, ConfigDict

from engine.linter import Vocabulary, lint
from engine.registry import Operations
from tests.engine import diagrams as d
from tests.engine import elements as e

OPERATIONS = Operations()


class Anything(BaseModel):
    model_config = ConfigDict(extra="allow")


@OPERATIONS.operation("test.form")
def form(call, form: Anything):
    return None


def check(*parts, raw=None, files=None):
    content = raw if raw is not None else d.diagram("p", *parts)
    return lint(
        {"p/p.bpmn": content, "p/forms/any.form": d.FORM, **(files or {})}, Vocabulary(OPERATIONS)
    )


def around(*ids, between=()):
    return (d.start(), *between, d.end(), d.chain("start", *ids, "end"))


def beside(event_subprocess):
    return (*around("u", between=[d.user("u")]), event_subprocess)


def inside(id_, *parts):
    return around(id_, between=[e.sub(id_, *parts)])


def with_boundary(definition, **options):
    return (
        *around("u", between=[d.user("u")]),
        e.boundary("b", "u", definition, **options),
        d.end("f"),
        d.chain("b", "f"),
    )


def ending(definition):
    return (d.start(), e.end("end", definition), d.chain("start", "end"))


def starting(*starts):
    ids = [f"s{number}" for number, _ in enumerate(starts)]
    nodes = [e.start(id_, definition) for id_, definition in zip(ids, starts, strict=True)]
    return (*nodes, d.end(), *(d.flow(id_, "end") for id_ in ids))


def linked(*parts):
    flows = (d.chain("start", "t"), d.chain("c", "end"))
    return (d.start(), *parts, d.end(), *flows)


COMPENSATE = "<bpmn:compensateEventDefinition/>"
CONDITIONAL = (
    "<bpmn:conditionalEventDefinition><bpmn:condition>a == 1</bpmn:condition>"
    "</bpmn:conditionalEventDefinition>"
)
ELEMENTS = {
    "a compensation end": (ending(COMPENSATE), "not-supported", "end"),
    "a compensation boundary": (with_boundary(COMPENSATE), "not-supported", "b"),
    "a step for compensation": (
        around("t", between=[d.node("task", "t", isForCompensation="true")]),
        "not-supported",
        "t",
    ),
    "a conditional event": (
        around("c", between=[e.catch("c", CONDITIONAL)]),
        "not-supported",
        "c",
    ),
    "an ad hoc subprocess": (
        around("a", between=[e.sub("a", tag="adHocSubProcess")]),
        "not-supported",
        "a",
    ),
    "a data store": (
        (*around("u", between=[d.user("u")]), d.node("dataStoreReference", "store")),
        "not-supported",
        "store",
    ),
    "two triggers on one event": (
        around("c", between=[e.catch("c", e.signal("storm") + d.duration("P1D"))]),
        "not-supported",
        "c",
    ),
    "an end event that waits": (ending(d.duration("P1D")), "not-supported", "end"),
    "a catch of an error": (
        around("c", between=[e.catch("c", e.error("broke"))]),
        "not-supported",
        "c",
    ),
    "a catch of nothing": (around("c", between=[e.catch("c", "")]), "not-supported", "c"),
    "a boundary of nothing": (with_boundary(""), "not-supported", "b"),
    "a throw of an error": (
        around("t", between=[e.throw("t", e.error("broke"))]),
        "not-supported",
        "t",
    ),
    "a process started by a timer": (starting(d.duration("P1D")), "not-supported", "s0"),
    "a process started by a signal": (starting(e.signal("storm")), "not-supported", "s0"),
    "two plain starts": (starting("", ""), "start-event", "s1"),
    "two starts for one message": (
        starting("", e.message("note"), e.message("note")),
        "start-event",
        "s2",
    ),
    "a subprocess started by a message": (
        inside("i", e.start("s", e.message("note")), d.end("f"), d.chain("s", "f")),
        "not-supported",
        "s",
    ),
    "a subprocess with two starts": (
        inside("i", d.start("s"), d.start("s2"), d.end("f"), d.flow("s", "f"), d.flow("s2", "f")),
        "start-event",
        "i",
    ),
    "an event subprocess started by nothing": (
        beside(e.handler("h", "", "look")),
        "not-supported",
        "h_start",
    ),
    "an event subprocess started by a condition": (
        beside(e.handler("h", CONDITIONAL, "look")),
        "not-supported",
        "h_start",
    ),
    "an event subprocess for an error that does not interrupt": (
        beside(e.handler("h", e.error("broke"), "look")),
        "not-supported",
        "h_start",
    ),
    "an error boundary that does not interrupt": (
        with_boundary(e.error("broke"), interrupting=False),
        "not-supported",
        "b",
    ),
    "a flow into an event subprocess": (
        (*around("u", "h", between=[d.user("u")]), e.handler("h", e.message("note"), "look")),
        "event-subprocess",
        "h",
    ),
    "a boundary on an event subprocess": (
        (
            *beside(e.handler("h", e.message("note"), "look")),
            e.boundary("b", "h", d.duration("P1D")),
            d.end("f"),
            d.flow("b", "f"),
        ),
        "event-subprocess",
        "h",
    ),
    "an event subprocess for each": (
        beside(e.each(e.handler("h", e.message("note"), "look"), "items")),
        "event-subprocess",
        "h",
    ),
    "a signal without a name": (
        around("c", between=[e.catch("c", e.signal("unknown"))]),
        "no-signal",
        "c",
    ),
    "an error end without a code": (ending(e.error()), "no-error", "end"),
    "an error that is not declared": (with_boundary(e.error("unknown")), "no-error", "b"),
    "an escalation without a code": (ending(e.escalation()), "no-escalation", "end"),
    "a repeating timer that interrupts": (with_boundary(e.cycle("R3/P1D")), "timer", "b"),
    "a repeating timer in the flow": (
        around("c", between=[e.catch("c", e.cycle("R3/P1D"))]),
        "timer",
        "c",
    ),
    "a timer that repeats too often": (
        with_boundary(e.cycle("R/PT59S"), interrupting=False),
        "timer",
        "b",
    ),
    "a timer that repeats without a pause": (
        with_boundary(e.cycle("R/PT0S"), interrupting=False),
        "timer",
        "b",
    ),
    "a repetition without quotes": (
        with_boundary(e.cycle("R/P1D").replace('"R/P1D"', "R/P1D:"), interrupting=False),
        "timer",
        "b",
    ),
    "a link that leads nowhere": (
        linked(e.throw("t", e.link("A")), e.catch("c", e.link("B"))),
        "link",
        "t",
    ),
    "a link that comes from nowhere": (
        linked(e.throw("t", e.link("A")), e.catch("c", e.link("B"))),
        "link",
        "c",
    ),
    "a link into a subprocess": (
        (
            *around("i", between=[e.sub("i", d.start("s"), e.throw("t", e.link("A")))]),
            d.flow("s", "t"),
            e.catch("c", e.link("A")),
            d.flow("c", "end"),
        ),
        "link",
        "t",
    ),
    "a link without a name": (
        linked(e.throw("t", e.link("")), e.catch("c", e.link(""))),
        "link",
        "t",
    ),
    "a link loop in which nothing waits": (
        (
            d.start(),
            e.catch("c", e.link("A")),
            d.exclusive("x", "x_end"),
            e.throw("t", e.link("A")),
            d.end(),
            d.chain("start", "x"),
            d.flow("c", "x"),
            d.flow("x", "t", "n == 1"),
            d.flow("x", "end", id_="x_end"),
        ),
        "endless-loop",
        "c",
    ),
    "a link behind an event gateway": (
        (
            d.start(),
            d.event_gateway("g"),
            e.catch("c", e.link("A")),
            d.timer("t", "P1D"),
            d.end("e"),
            d.end("f"),
            d.chain("start", "g", "c", "e"),
            d.chain("g", "t", "f"),
        ),
        "event-gateway",
        "c",
    ),
    "a hostile correlation key": (
        around("c", between=[e.catch("c", e.message("note"), correlation_key="open(1)")]),
        "expression",
        "c",
    ),
    "a correlation key on a signal": (
        around("c", between=[e.catch("c", e.signal("storm"), correlation_key="a")]),
        "correlation-key",
        "c",
    ),
    "a step repeated over nothing": (
        around("u", between=[e.each(d.user("u"), "")]),
        "repeat",
        "u",
    ),
    "results without a result": (
        around("u", between=[e.each(d.user("u"), "items", results="all")]),
        "repeat",
        "u",
    ),
    "a hostile completion condition": (
        around("u", between=[e.each(d.user("u"), "items", until="open(1)")]),
        "expression",
        "u",
    ),
    "a loop without an end": (around("u", between=[e.loop(d.user("u"))]), "repeat", "u"),
    "a loop of a million turns": (
        around("u", between=[e.loop(d.user("u"), maximum=1_000_000)]),
        "repeat",
        "u",
    ),
    "a hostile loop condition": (
        around("u", between=[e.loop(d.user("u"), "open(1)")]),
        "expression",
        "u",
    ),
    "a cancel event outside a transaction": (
        with_boundary("<bpmn:cancelEventDefinition/>"),
        "transaction",
        "b",
    ),
    "a cancel end outside a transaction": (
        ending("<bpmn:cancelEventDefinition/>"),
        "transaction",
        "end",
    ),
}
NAMES = e.declared(signals=["storm"], errors=["broke"], escalations=["late"])


def declaring(*parts):
    raw = d.diagram("p", *parts, messages=["note"])
    return raw.replace(b"<bpmn:process ", f"{NAMES}<bpmn:process ".encode(), 1)


@pytest.mark.parametrize("name", ELEMENTS)
def test_what_the_engine_cannot_do_is_refused_with_a_sentence_at_its_element(name):
    parts, rule, element = ELEMENTS[name]
    errors = [f for f in check(raw=declaring(*parts)) if f.severity == "error"]
    assert (rule, element) in {(f.rule, f.element_id) for f in errors}, errors
    assert all(f.line > 0 and f.text.endswith((".", "?")) for f in errors if f.rule == rule)


ACCEPTED = {
    "an event subprocess for every trigger": beside(
        "".join(
            e.handler(f"h{number}", definition, f"look{number}", interrupting=interrupting)
            for number, (definition, interrupting) in enumerate(
                [
                    (e.message("note"), False),
                    (e.message("note"), True),
                    (e.signal("storm"), False),
                    (d.duration("P1D"), True),
                    (e.cycle("R/P1D"), False),
                    (e.error("broke"), True),
                    (e.error(), True),
                    (e.escalation("late"), False),
                ]
            )
        )
    ),
    "a signal at the end": ending(e.signal("storm")),
    "an error at the end": ending(e.error("broke")),
    "an escalation on the way": around("t", between=[e.throw("t", e.escalation("late"))]),
    "a throw of nothing": around("t", between=[e.throw("t", "")]),
    "a counted reminder": with_boundary(e.cycle("R3/PT24H"), interrupting=False),
    "a message boundary that does not interrupt": with_boundary(
        e.message("note"), interrupting=False, correlation_key="order"
    ),
    "a start for a message": starting("", e.message("note")),
    "a link": linked(e.throw("t", e.link("A")), e.catch("c", e.link("A"))),
    "a step for each": around(
        "u", between=[e.each(d.user("u"), "items", item="it", result="r", results="rs")]
    ),
    "a loop": around("u", between=[e.loop(d.user("u"), "more", maximum=5)]),
    "two timers behind one gateway": (
        d.start(),
        d.event_gateway("g"),
        d.timer("week", "P7D"),
        d.timer("day", "P1D"),
        d.end("a"),
        d.end("b"),
        d.chain("start", "g", "week", "a"),
        d.chain("g", "day", "b"),
    ),
    "a cancelled transaction": (
        *around("i"),
        e.sub(
            "i",
            d.start("s"),
            e.end("f", "<bpmn:cancelEventDefinition/>"),
            d.flow("s", "f"),
            tag="transaction",
        ),
        e.boundary("b", "i", "<bpmn:cancelEventDefinition/>"),
        d.end("undone"),
        d.flow("b", "undone"),
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_the_engine_can_do_is_not_refused(name):
    assert [f for f in check(raw=declaring(*ACCEPTED[name])) if f.severity == "error"] == []


def test_what_an_event_names_and_nobody_declares_is_told_once():
    found = check(*with_boundary(e.error("unknown")))
    assert [f.rule for f in found if f.severity == "error"] == ["no-error"]


def test_a_correlation_that_would_not_be_read_is_refused():
    rows = '<bpmn:correlationProperty id="order" name="order"/>'
    raw = declaring(*around()).replace(b"<bpmn:process ", f"{rows}<bpmn:process ".encode(), 1)
    assert ("not-supported", "order") in {(f.rule, f.element_id) for f in check(raw=raw)}


def test_a_process_that_only_a_message_starts_cannot_be_called():
    child = d.diagram(
        "child",
        e.start("s", e.message("note")),
        d.end(),
        d.chain("s", "end"),
        messages=["note"],
    )
    found = check(*around("c", between=[d.call("c", "child")]), files={"child/child.bpmn": child})
    assert [(f.rule, f.element_id, f.line > 0) for f in found] == [("engine", "c", True)]
