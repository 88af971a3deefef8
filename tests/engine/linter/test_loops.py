"""A loop around a call or subprocess waits only if something inside it does."""

import pytest

from engine.linter import lint
from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.linter.checking import VOCABULARY, told


def looping(step):
    """Return a process that does a step again until told otherwise."""
    return d.diagram(
        "p",
        d.start(),
        d.exclusive("m"),
        step,
        d.exclusive("x", "out"),
        d.end(),
        d.chain("start", "m", "again", "x"),
        d.flow("x", "m", "n == 1"),
        d.flow("x", "end", id_="out"),
    )


def inner(*steps):
    ids = [f"i{number}" for number in range(len(steps))]
    made = [make(id_) for make, id_ in zip(steps, ids, strict=True)]
    return (d.start("i_start"), *made, d.end("i_end"), d.chain("i_start", *ids, "i_end"))


def automatic(id_):
    return d.service(id_, "test.set")


def background(id_):
    return d.service(id_, "test.set", **{"async": "true"})


def human(id_):
    return d.user(id_)


def found(raw, **called):
    files = {"p/p.bpmn": raw}
    for name, content in called.items():
        files |= {f"{name}/{name}.bpmn": content, f"{name}/forms/any.form": d.FORM}
    return told(lint({**files, "p/forms/any.form": d.FORM}, VOCABULARY))


@pytest.mark.parametrize(
    ("step", "endless"), [(automatic, True), (human, False), (background, False)]
)
def test_a_loop_around_a_subprocess(step, endless):
    sub = d.node("subProcess", "again", "".join(inner(step)))
    expected = [("endless-loop", "again", "error")] if endless else []
    assert found(looping(sub)) == expected


@pytest.mark.parametrize(
    ("step", "endless"), [(automatic, True), (human, False), (background, False)]
)
def test_a_loop_around_a_called_process_and_what_that_calls(step, endless):
    deepest = d.diagram("deepest", *inner(step))
    middle = d.diagram("middle", *inner(lambda id_: d.call(id_, "deepest")))
    raw = looping(d.call("again", "middle"))
    expected = [("endless-loop", "again", "error")] if endless else []
    assert found(raw, middle=middle, deepest=deepest) == expected


def test_an_escalation_or_a_link_that_leads_back_makes_the_loop_endless():
    inside = (d.start("s"), e.end("up", e.escalation("AGAIN")), d.chain("s", "up"))
    raw = d.diagram(
        "p",
        d.start(),
        d.exclusive("m"),
        d.node("subProcess", "again", "".join(inside)),
        d.end(),
        d.chain("start", "m", "again", "end"),
        e.boundary("b", "again", e.escalation("AGAIN")),
        e.throw("back", e.link("L")),
        e.catch("here", e.link("L")),
        d.chain("b", "back"),
        d.chain("here", "m"),
        declared=e.declared(escalations=["AGAIN"]),
    )
    assert found(raw) == [("endless-loop", "again", "error")]


def test_a_way_around_the_wait_makes_the_loop_endless():
    called = d.diagram(
        "child",
        d.start(),
        d.exclusive("choose", "skip"),
        d.user("u"),
        d.end("a"),
        d.end("b"),
        d.chain("start", "choose"),
        d.flow("choose", "u", "k == 1"),
        d.flow("choose", "b", id_="skip"),
        d.chain("u", "a"),
    )
    raw = looping(d.call("again", "child"))
    assert found(raw, child=called) == [("endless-loop", "again", "error")]
