"""Errors that nothing catches are told before somebody's step fails for them."""

import pytest

from engine.linter import lint
from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.linter.checking import VOCABULARY

NAMES = e.declared(errors=["lost", "late"])
THROWS = (d.start(), d.user("u"), e.end("end", e.error("lost")), d.chain("start", "u", "end"))
INSIDE = e.sub("sub", d.start("s1"), e.end("bad", e.error("lost")), d.chain("s1", "bad"))


def caught(on, code):
    return (
        e.boundary("b", on, e.error(code)),
        d.user("mend"),
        d.end("mended"),
        d.chain("b", "mend", "mended"),
    )


def warned(**processes):
    files = {}
    for name, parts in processes.items():
        raw = d.diagram(name, *parts, declared=NAMES)
        files |= {f"{name}/{name}.bpmn": raw, f"{name}/forms/any.form": d.FORM}
    findings = lint(files, VOCABULARY)
    assert [f for f in findings if f.severity == "error"] == []
    return [(f.file, f.element_id) for f in findings if f.rule == "uncaught-error"]


def around(step, *more):
    return (d.start(), step, d.end(), d.chain("start", "sub", "end"), *more)


def test_an_error_that_leaves_the_process_is_warned_of():
    assert warned(p=THROWS) == [("p/p.bpmn", "end")]


@pytest.mark.parametrize("code", ["lost", ""])
def test_the_border_of_a_subprocess_catches_its_code_or_all(code):
    assert warned(p=around(INSIDE, *caught("sub", code))) == []


def test_the_border_of_a_subprocess_does_not_catch_another_code():
    assert warned(p=around(INSIDE, *caught("sub", "late"))) == [("p/p.bpmn", "bad")]


def test_an_event_subprocess_around_it_catches():
    handler = e.handler("es", e.error("lost"), "mend", interrupting=True)
    assert warned(p=around(INSIDE, handler)) == []


def test_an_event_subprocess_does_not_catch_what_it_throws_itself():
    handler = e.on_event(
        "es",
        e.error("lost"),
        e.end("again", e.error("lost")),
        d.chain("es_start", "again"),
        interrupting=True,
    )
    assert warned(p=around(INSIDE, handler)) == [("p/p.bpmn", "again")]


def test_the_border_of_a_call_catches_what_the_called_process_throws():
    assert warned(p=THROWS, calls=around(d.call("sub", "p"), *caught("sub", "lost"))) == []


def test_a_call_that_catches_nothing_passes_it_on():
    assert warned(p=THROWS, calls=around(d.call("sub", "p"))) == [("p/p.bpmn", "end")]


def test_a_call_within_a_subprocess_that_catches():
    inner = e.sub("sub", d.start("s1"), d.call("c", "p"), d.end("e1"), d.chain("s1", "c", "e1"))
    assert warned(p=THROWS, calls=around(inner, *caught("sub", "lost"))) == []
