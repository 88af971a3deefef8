"""A table of broken and hostile files; each is refused at the right element, quickly."""

import time

import pytest
from pydantic import BaseModel

from engine.linter import Vocabulary, lint
from engine.registry import Operations
from tests.engine import diagrams as d

OPERATIONS = Operations()


class Nothing(BaseModel):
    pass


class Told(BaseModel):
    text: str = ""


class Counted(BaseModel):
    count: int


@OPERATIONS.operation("test.form")
def form(call, form: Told):
    return None


@OPERATIONS.operation("test.note")
def note(call, parameters: Nothing):
    return None


@OPERATIONS.operation("test.count")
def count(call, parameters: Counted):
    return None


VOCABULARY = Vocabulary(OPERATIONS, choices={"status": frozenset({"open"})})


def check(*parts, messages=(), files=None, raw=None):
    content = raw if raw is not None else d.diagram("p", *parts, messages=messages)
    return lint({"p/p.bpmn": content, "p/forms/any.form": d.FORM, **(files or {})}, VOCABULARY)


def around(*ids, between=()):
    return (d.start(), *between, d.end(), d.chain("start", *ids, "end"))


def condition(text):
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return (
        d.start(),
        d.exclusive("x", "dflt"),
        d.end("a"),
        d.end("b"),
        d.chain("start", "x"),
        d.flow("x", "a", text, id_="cond"),
        d.flow("x", "b", id_="dflt"),
    )


def script(text):
    inner = f"<bpmn:script>{text}</bpmn:script>"
    return around("s", between=[d.node("scriptTask", "s", inner)])


def timer_of(text):
    definition = (
        '<bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">'
        f"{text}</bpmn:timeDuration></bpmn:timerEventDefinition>"
    )
    return around("t", between=[d.node("intermediateCatchEvent", "t", definition)])


def forks(blocks):
    parts, last = [], "start"
    for n in range(blocks):
        parts += [
            d.parallel(f"s{n}"),
            d.parallel(f"j{n}"),
            d.service(f"a{n}", "test.note"),
            d.service(f"b{n}", "test.note"),
            d.flow(last, f"s{n}"),
            d.chain(f"s{n}", f"a{n}", f"j{n}"),
            d.chain(f"s{n}", f"b{n}", f"j{n}"),
        ]
        last = f"j{n}"
    return (d.start(), *parts, d.end(), d.flow(last, "end"))


BROKEN = {
    "a user task without a form": (around("u", between=[d.user("u", form="gone")]), "no-form", "u"),
    "an unknown operation": (
        around("u", between=[d.user("u", "os.system")]),
        "unknown-operation",
        "u",
    ),
    "an unknown service": (
        around("s", between=[d.service("s", "os.remove")]),
        "unknown-operation",
        "s",
    ),
    "a missing parameter": (
        around("s", between=[d.service("s", "test.count")]),
        "missing-parameter",
        "s",
    ),
    "a parameter too many": (
        around("s", between=[d.service("s", "test.note", {"x": "1"})]),
        "unknown-parameter",
        "s",
    ),
    "a hostile parameter": (
        around("s", between=[d.service("s", "test.count", {"count": "open(1)"})]),
        "expression",
        "s",
    ),
    "a python import": (script("import os"), "no-script", "s"),
    "a python loop": (script("while True: pass"), "no-script", "s"),
    "a python call": (script("x = __import__(1)"), "no-script", "s"),
    "an escape in a condition": (
        condition("().__class__.__mro__[1].__subclasses__()"),
        "expression",
        "cond",
    ),
    "a bomb in a condition": (condition("10**10**10 > 1"), "expression", "cond"),
    "a lambda in a condition": (condition("(lambda: 1)()"), "expression", "cond"),
    "a syntax error": (condition("kind =="), "expression", "cond"),
    "a timer without quotes": (timer_of("P8D"), "timer", "t"),
    "a timer that is no duration": (timer_of("'8 days'"), "timer", "t"),
    "a timer with two times": (
        timer_of("'P8D'</bpmn:timeDuration><bpmn:timeDuration>'P9D'"),
        "timer",
        "t",
    ),
    "a negative timer": (timer_of("'-PT1H'"), "timer", "t"),
    "a timer of a thousand years": (timer_of("'P999Y'"), "timer", "t"),
    "an unreachable step": (
        (*around("u", between=[d.user("u")]), d.user("lost"), d.flow("lost", "end")),
        "unreachable",
        "lost",
    ),
    "a step without a way out": (
        (
            d.start(),
            d.parallel("f"),
            d.end(),
            d.exclusive("m"),
            d.user("u"),
            d.chain("start", "f", "end"),
            d.chain("f", "m", "u", "m"),
        ),
        "no-path-to-end",
        "m",
    ),
    "a dangling flow": (
        (d.start(), d.end(), d.flow("start", "nowhere")),
        "dangling-flow",
        "start_nowhere",
    ),
    "an endless loop": (
        (
            d.start(),
            d.exclusive("m"),
            d.service("s", "test.note"),
            d.exclusive("x", "m_out"),
            d.end(),
            d.chain("start", "m", "s", "x"),
            d.flow("x", "m", "n == 1"),
            d.flow("x", "end", id_="m_out"),
        ),
        "endless-loop",
        "m",
    ),
    "exponential forks": (forks(14), "too-many-paths", "start"),
    "a process that calls itself": (around("c", between=[d.call("c", "p")]), "call-cycle", "c"),
    "a call to nowhere": (around("c", between=[d.call("c", "gone")]), "unknown-process", "c"),
    "a status that does not exist": (
        around("u", between=[d.user("u", status="Done")]),
        "unknown-value",
        "u",
    ),
    "a complex gateway": (
        around("g", between=[d.node("complexGateway", "g")]),
        "not-supported",
        "g",
    ),
    "a condition on a task's flow": (
        (
            d.start(),
            d.user("u"),
            d.end(),
            d.chain("start", "u"),
            d.flow("u", "end", "a == 1", id_="f"),
        ),
        "condition-ignored",
        "f",
    ),
    "a user task behind an event gateway": (
        (
            d.start(),
            d.event_gateway("g"),
            d.user("u"),
            d.timer("t", "P1D"),
            d.end("e"),
            d.end("f"),
            d.chain("start", "g", "u", "e"),
            d.chain("g", "t", "f"),
        ),
        "event-gateway",
        "u",
    ),
    "a message without a name": (around("c", between=[d.catch("c", "unknown")]), "no-message", "c"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_diagrams_are_refused_at_their_element(name):
    parts, rule, element = BROKEN[name]
    before = time.process_time()
    found = check(*parts)
    assert time.process_time() - before < 5
    errors = [f for f in found if f.severity == "error"]
    assert (rule, element) in {(f.rule, f.element_id) for f in errors}, errors
    assert all(f.line > 0 for f in errors if f.element_id)


HOSTILE_XML = {
    "no xml": b"hello",
    "nothing": b"",
    "binary": bytes(range(256)),
    "entity bomb": b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>',
    "external entity": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "plain doctype": b'<!DOCTYPE html><definitions xmlns="x"/>',
    "too deep": b"<a>" * 150 + b"</a>" * 150,
    "far too deep": b"<a>" * 100_000,
    "too large": b"<a>" + b" " * 2_100_000 + b"</a>",
    "cut off": d.diagram("p", *around("u", between=[d.user("u")]))[:-40],
    "other xml": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
}


@pytest.mark.parametrize("name", HOSTILE_XML)
def test_hostile_files_are_refused(name):
    before = time.process_time()
    found = check(raw=HOSTILE_XML[name])
    assert time.process_time() - before < 5
    assert [f for f in found if f.severity == "error"]


@pytest.mark.parametrize("kind", ["true", "false"])
@pytest.mark.parametrize("times", ["2", "999999999", "count", "__import__('os')"])
def test_a_number_of_times_is_refused_as_the_engine_makes_them_all_at_once(kind, times):
    repeated = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{kind}">'
        f"<bpmn:loopCardinality>{times}</bpmn:loopCardinality>"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    found = check(d.start(), d.node("task", "m", repeated), d.end(), d.chain("start", "m", "end"))
    assert ("not-supported", "m") in {(f.rule, f.element_id) for f in found}


def _many(text):
    parts = "".join(text.format(number) for number in range(15_000))
    return d.diagram("p", d.start(), d.end(), d.chain("start", "end")).replace(
        b"</bpmn:process>", f"{parts}</bpmn:process>".encode()
    )


MANY = {
    "steps": '<bpmn:task id="t{0}"/>',
    "steps elsewhere": '<bpmn:subProcess id="s{0}"/>',
    "flows": '<bpmn:sequenceFlow id="f{0}" sourceRef="start" targetRef="end"/>',
    "signals and what refers to them": (
        '<bpmn:signal id="g{0}" name="n"/><bpmn:signalEventDefinition signalRef="g{0}"/>'
        '<bpmn:dataObjectReference id="o{0}"/>'
    ),
    "links": (
        '<bpmn:intermediateThrowEvent id="t{0}"><bpmn:linkEventDefinition name="l"/>'
        "</bpmn:intermediateThrowEvent>"
    ),
    "ids used twice": '<bpmn:documentation id="x{0}"/><bpmn:documentation id="x{0}"/>',
}


@pytest.mark.parametrize("name", MANY)
def test_very_many_parts_are_refused_in_seconds(name):
    before = time.process_time()
    found = check(raw=_many(MANY[name]))
    assert time.process_time() - before < 5
    assert [f for f in found if f.severity == "error"]


def test_a_sound_diagram_has_no_findings():
    assert check(*around("u", between=[d.user("u", status="open")])) == []


def test_a_gateway_without_default_is_a_warning_and_not_an_error():
    found = check(
        d.start(),
        d.user("u"),
        d.exclusive("x"),
        d.end("a"),
        d.end("b"),
        d.chain("start", "u", "x"),
        d.flow("x", "a", "k == 1"),
        d.flow("x", "b", "k == 2"),
    )
    assert [(f.rule, f.severity) for f in found] == [("no-default", "warning")]


def test_files_of_other_kinds_are_refused():
    found = check(*around("u", between=[d.user("u")]), files={"p/run.py": b"import os"})
    assert ("file-type", "error") in {(f.rule, f.severity) for f in found}
