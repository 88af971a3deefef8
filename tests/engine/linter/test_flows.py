"""Starts, ends, default flows and event gateways: each mistake gets one sentence that helps."""

import pytest

from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.linter.checking import around, check, told


def gateway(*flows, default=None):
    return (
        d.start(),
        d.user("u"),
        d.exclusive("g", default),
        d.end("a"),
        d.end("b"),
        d.chain("start", "u", "g"),
        *flows,
    )


def test_the_condition_of_a_default_flow_is_warned_of():
    flows = d.flow("g", "a", "k == 1"), d.flow("g", "b", "k == 2")
    findings = check(*gateway(*flows, default="g_b"))
    assert told(findings) == [("condition-ignored", "g_b", "warning")]


def test_a_single_flow_with_a_condition_needs_another_way_out():
    parts = gateway(d.flow("g", "a", "k == 1"))
    assert ("no-default", "g", "warning") in told(check(*parts))
    assert "no-default" not in {f.rule for f in check(*gateway(d.flow("g", "a")))}


def test_a_process_without_a_start_is_said_once():
    findings = check(d.user("u"), d.end(), d.chain("u", "end"))
    assert told(findings) == [("start-event", "p", "error")]


@pytest.mark.parametrize("kind", ["subProcess", "transaction"])
def test_a_subprocess_without_an_end_is_said_in_our_words(kind):
    sub = e.sub("sub", d.start("s1"), d.user("u"), d.chain("s1", "u"), tag=kind)
    findings = check(*around(("sub", sub)))
    assert told(findings)[0] == ("no-end-event", "sub", "error")
    assert "engine" not in {f.rule for f in findings}


def test_a_subprocess_without_a_start_is_said_once():
    sub = e.sub("sub", d.user("u"), d.end("e1"), d.chain("u", "e1"))
    assert told(check(*around(("sub", sub)))) == [("start-event", "sub", "error")]


def test_a_receive_task_behind_an_event_gateway_carries_no_boundary_event():
    parts = (
        d.start(),
        d.event_gateway("g"),
        d.node("receiveTask", "r", messageRef="m_m"),
        d.boundary("b", "r", d.duration("PT1H")),
        d.timer("t", "P1D"),
        *(d.end(), d.end("e2"), d.end("e3")),
        d.chain("start", "g", "r", "end"),
        d.chain("g", "t", "e2"),
        d.chain("b", "e3"),
    )
    assert told(check(*parts, messages=["m"])) == [("event-gateway", "r", "error")]


UNQUOTED = {
    "P8D": 'Write the duration or date with quotes: “"P8D"”.',
    "2026-12-01T10:00:00+01:00": (
        'Write the duration or date with quotes: “"2026-12-01T10:00:00+01:00"”.'
    ),
    "P1M2": (
        "'P1M2' is not a duration such as P8D, PT4H or P1DT12H. "
        'Write durations with quotes, as in "P8D".'
    ),
    "2026-13-01": (
        "'2026-13-01' is neither a duration such as P8D nor a date with offset. "
        'Write durations with quotes, as in "P8D".'
    ),
}


@pytest.mark.parametrize("source", UNQUOTED)
def test_a_time_without_quotes_is_named_as_it_stands(source):
    timer = d.timer("t", "P1D").replace('"P1D"', source)
    (finding,) = check(*around(("t", timer)))
    assert (finding.rule, finding.text) == ("timer", UNQUOTED[source])


ROUND = (
    d.start(),
    d.exclusive("m"),
    d.user("u"),
    d.parallel("f"),
    d.chain("start", "m", "u", "f", "end"),
    d.flow("f", "m"),
)


def test_a_loop_that_nothing_leaves_is_refused_though_it_has_an_end():
    assert told(check(*ROUND, d.end())) == [("no-path-to-end", "u", "error")]


def test_a_loop_beside_something_that_ends_everything_is_fine():
    assert told(check(*ROUND, d.terminate())) == []


def test_a_loop_that_a_choice_leaves_is_fine():
    choice = d.exclusive("f", "f_end"), d.flow("f", "m", "k == 1")
    assert told(check(*ROUND[:3], *choice, d.end(), ROUND[4])) == []


def test_a_step_outside_every_process_is_told():
    findings = check(*around(("u", d.user("u"))), root='<bpmn:task id="q"/>')
    assert ("unreachable", "q", "error") in told(findings)
