"""Parallel gateways that wait for what does not come: never, or not always."""

import pytest

from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.linter.checking import check

NEVER, SOMETIMES = "error", "warning"
A, B = d.user("a"), d.user("b")
CHOICE = (d.exclusive("g", "g_b"), d.flow("g", "a", "k == 1"), d.flow("g", "b"))
"""A gateway behind the start that takes one of two steps."""

HANGS = {
    "behind a choice": (
        (*CHOICE, A, B, d.parallel("j"), d.chain("start", "g"), d.chain("a", "j", "end"), "b"),
        NEVER,
    ),
    "behind the first of two events": (
        (
            d.event_gateway("g"),
            d.timer("a", "PT1H"),
            d.timer("b", "PT2H"),
            d.parallel("j"),
            d.chain("start", "g", "a", "j", "end"),
            d.flow("g", "b"),
            "b",
        ),
        NEVER,
    ),
    "behind a step and the timer that ends it": (
        (
            A,
            d.boundary("b", "a", d.duration("PT1H")),
            d.parallel("j"),
            d.chain("start", "a", "j", "end"),
            "b",
        ),
        NEVER,
    ),
    "where a loop comes back": (
        (
            d.parallel("j"),
            A,
            d.exclusive("b", "b_end"),
            d.chain("start", "j", "a", "b", "end"),
            d.flow("b", "j", "k == 1"),
        ),
        NEVER,
    ),
    "behind links that are thrown by choice": (
        (
            *CHOICE,
            A,
            B,
            e.throw("t", e.link("on")),
            e.catch("c", e.link("on")),
            d.parallel("j"),
            d.chain("start", "g"),
            d.chain("a", "t"),
            d.chain("c", "j", "end"),
            "b",
        ),
        NEVER,
    ),
    "when one branch goes round again": (
        (
            d.exclusive("m"),
            d.parallel("f"),
            A,
            B,
            d.exclusive("g", "g_j"),
            d.parallel("j"),
            d.chain("start", "m", "f", "a", "j", "end"),
            d.chain("f", "b", "g", "j"),
            d.flow("g", "m", "k == 1"),
        ),
        SOMETIMES,
    ),
    "when one branch may end": (
        (
            d.parallel("f"),
            A,
            B,
            d.exclusive("g", "g_j"),
            d.end("out"),
            d.parallel("j"),
            d.chain("start", "f", "a", "j", "end"),
            d.chain("f", "b", "g", "j"),
            d.flow("g", "out", "k == 1"),
        ),
        SOMETIMES,
    ),
    "behind an inclusive choice": (
        (
            d.node("inclusiveGateway", "g", default="g_b"),
            d.flow("g", "a", "k == 1"),
            d.flow("g", "b"),
            d.flow("g", "c", "k == 2"),
            A,
            B,
            d.user("c"),
            d.parallel("j"),
            d.chain("start", "g"),
            d.chain("a", "j", "end"),
            d.chain("c", "j"),
            "b",
        ),
        NEVER,  # the default flow is taken alone
    ),
}


def parts(*drawn):
    """Return a process of these parts; `"b"` stands for the flow from there to the join."""
    return (
        d.start(),
        d.end(),
        *(d.flow("b", "j") if part == "b" else part for part in drawn),
    )


def told(findings):
    return [(f.element_id, f.severity) for f in findings if f.rule == "deadlock"]


@pytest.mark.parametrize("case", HANGS)
def test_a_join_that_waits_for_ever_is_told_before_it_does(case):
    drawn, severity = HANGS[case]
    assert told(check(*parts(*drawn))) == [("j", severity)]


PASSES = {
    "both branches of a fork": (
        d.parallel("f"),
        A,
        B,
        d.parallel("j"),
        d.chain("start", "f", "a", "j", "end"),
        d.flow("f", "b"),
        "b",
    ),
    "a choice that ends within its branch": (
        d.parallel("f"),
        d.exclusive("g", "g_a"),
        A,
        d.user("c"),
        d.exclusive("m"),
        B,
        d.parallel("j"),
        d.chain("start", "f", "g", "a", "m", "j", "end"),
        d.flow("g", "c", "k == 1"),
        d.flow("c", "m"),
        d.flow("f", "b"),
        "b",
    ),
    "a fork within each round of a loop": (
        d.exclusive("m"),
        d.parallel("f"),
        A,
        B,
        d.parallel("j"),
        d.exclusive("g", "g_end"),
        d.chain("start", "m", "f", "a", "j", "g", "end"),
        d.flow("f", "b"),
        "b",
        d.flow("g", "m", "k == 1"),
    ),
    "an inclusive split that an inclusive join brings together": (
        d.parallel("f"),
        d.node("inclusiveGateway", "g", default="g_a"),
        d.flow("g", "c", "k == 1"),
        A,
        d.user("c"),
        d.node("inclusiveGateway", "m"),
        B,
        d.parallel("j"),
        d.chain("start", "f", "g", "a", "m", "j", "end"),
        d.flow("c", "m"),
        d.flow("f", "b"),
        "b",
    ),
    "a reminder beside a step": (
        d.parallel("f"),
        A,
        d.boundary("t", "a", d.duration("PT1H"), interrupting=False),
        d.user("c"),
        d.end("out"),
        B,
        d.parallel("j"),
        d.chain("start", "f", "a", "j", "end"),
        d.chain("t", "c", "out"),
        d.flow("f", "b"),
        "b",
    ),
    "a branch that may end everything": (
        d.parallel("f"),
        A,
        B,
        d.exclusive("g", "g_j"),
        d.terminate("out"),
        d.parallel("j"),
        d.chain("start", "f", "a", "j", "end"),
        d.chain("f", "b", "g", "j"),
        d.flow("g", "out", "k == 1"),
    ),
}


@pytest.mark.parametrize("case", PASSES)
def test_a_join_that_gets_all_it_waits_for_is_left_in_peace(case):
    findings = check(*parts(*PASSES[case]))
    assert [f for f in findings if f.severity == "error"] == []
    assert told(findings) == []


def test_joins_inside_a_subprocess_are_looked_at_as_well():
    inside = (
        d.start("s1"),
        d.exclusive("g", "g_b"),
        A,
        B,
        d.parallel("j"),
        d.end("e1"),
        d.chain("s1", "g"),
        d.flow("g", "a", "k == 1"),
        d.flow("g", "b"),
        d.chain("a", "j", "e1"),
        d.flow("b", "j"),
    )
    sub = d.node("subProcess", "sub", "".join(inside))
    findings = check(d.start(), sub, d.end(), d.chain("start", "sub", "end"))
    assert told(findings) == [("j", NEVER)]


def test_a_diagram_of_more_positions_than_are_looked_at_is_left_alone():
    forks = 12
    drawn = [d.start(), d.parallel("f"), d.parallel("j"), d.end(), d.chain("start", "f")]
    for number in range(forks):
        gateway, left, right = f"g{number}", f"l{number}", f"r{number}"
        drawn += [
            d.exclusive(gateway, f"{gateway}_{left}"),
            *(d.user(left), d.user(right), d.end(f"e{number}")),
            *(d.flow("f", gateway), d.flow(gateway, left), d.flow(gateway, right, "k == 1")),
            *(d.flow(left, "j"), d.flow(right, f"e{number}")),
        ]
    assert told(check(*drawn, d.flow("j", "end"))) == []
