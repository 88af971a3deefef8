"""Hostile in how things are connected: scopes, loops, calls."""

from tests.engine import diagrams as d
from tests.engine import elements as e
from tests.engine.hostile.parts import (
    SOUND,
    Hostile,
    at,
    between,
    calling,
    chain_of,
    forks,
    inside,
    xml,
)

FLOW_FILES = {
    # how things are connected
    "a flow to nowhere": at(
        "dangling-flow", "u_gone", *between(d.user("u"), first="u"), d.flow("u", "gone")
    ),
    "a flow into a subprocess": at(
        "crossing-flow",
        "u_in",
        *between(
            d.user("u"),
            inside(d.start("s"), d.user("in"), d.end("e"), d.chain("s", "in", "e")),
            first="u",
            last="sub",
        ),
        d.flow("u", "in"),
    ),
    "a flow out of a subprocess": at(
        "crossing-flow",
        "in_u",
        *between(
            d.user("u"),
            inside(d.start("s"), d.user("in"), d.end("e"), d.chain("s", "in", "e")),
            first="sub",
            last="u",
        ),
        d.flow("in", "u"),
    ),
    "a boundary event on itself": at(
        "boundary-host|dangling-boundary",
        "b",
        *between(d.user("u"), first="u"),
        d.boundary("b", "b", d.duration("PT1H")),
        d.flow("b", "end"),
    ),
    "boundary events on each other": at(
        "boundary-host|dangling-boundary",
        "b",
        *between(d.user("u"), first="u"),
        d.boundary("b", "c", d.duration("PT1H")),
        d.boundary("c", "b", d.duration("PT1H")),
        d.flow("b", "end"),
        d.flow("c", "end"),
    ),
    "a boundary event on a gateway": at(
        "boundary-host",
        "b",
        *between(d.exclusive("x"), first="x"),
        d.boundary("b", "x", d.duration("PT1H")),
        d.flow("b", "end"),
    ),
    "a boundary event on nothing": at(
        "dangling-boundary",
        "b",
        *between(d.user("u"), first="u"),
        d.boundary("b", "gone", d.duration("PT1H")),
        d.flow("b", "end"),
    ),
    "a boundary event on a step elsewhere": at(
        "boundary-host",
        "b",
        *between(
            inside(d.start("s"), d.user("in"), d.end("e"), d.chain("s", "in", "e")), first="sub"
        ),
        d.boundary("b", "in", d.duration("PT1H")),
        d.flow("b", "end"),
    ),
    "a way into a start": at(
        "crossing-flow",
        "u_start",
        *between(d.user("u"), first="u"),
        d.flow("u", "start"),
    ),
    "a way out of an end": at(
        "crossing-flow", "end_u", *between(d.user("u"), first="u"), d.flow("end", "u")
    ),
    "unreachable": at(
        "unreachable", "v", *between(d.user("u"), first="u"), d.user("v"), d.flow("v", "end")
    ),
    "no way to an end": at(
        "no-path-to-end",
        "u",
        d.start(),
        d.exclusive("m"),
        d.user("u"),
        d.chain("start", "m", "u", "m"),
    ),
    "a way into a join that is there twice": at(
        "duplicate-id",
        "x_j",
        *between(d.parallel("f"), d.exclusive("x"), d.parallel("j"), first="f", last="j"),
        d.chain("f", "x", "j"),
        d.flow("f", "j"),
        d.flow("x", "j"),
    ),
    "401 nodes": at("too-large", "p", *chain_of(399)),
    "1,900 nodes in a process that is not run": xml(
        SOUND.decode().replace(
            "</bpmn:definitions>",
            '<bpmn:process id="q" isExecutable="false">'
            + "".join(chain_of(1_900)).replace('"start"', '"qs"').replace('"end"', '"qe"')
            + "</bpmn:process></bpmn:definitions>",
        ),
        "too-large|one-process",
        element="q",
        line=True,
    ),
    "15,000 flows": at(
        "too-large",
        "",
        *between(d.user("u"), first="u"),
        *(d.flow("u", "end", id_=f"f{n}") for n in range(15_000)),
        line=False,
    ),
    "fourteen forks": at("too-many-paths", "start", *forks(14)),
    "forty forks": at("too-many-paths", "start", *forks(40)),
    # loops and calls
    "a loop of gateways": at(
        "endless-loop",
        "m",
        d.start(),
        d.exclusive("m"),
        d.exclusive("x", "out"),
        d.end(),
        d.chain("start", "m", "x"),
        d.flow("x", "m", "1 == 1"),
        d.flow("x", "end", id_="out"),
    ),
    "a loop of parallel forks": at(
        "endless-loop",
        "f",
        d.start(),
        d.parallel("f"),
        d.end(),
        d.chain("start", "f", "end"),
        d.flow("f", "f"),
    ),
    "a loop of subprocesses that never wait": at(
        "endless-loop",
        "sub",
        d.start(),
        d.exclusive("m"),
        inside(d.start("s"), d.service("w", "test.note"), d.end("e"), d.chain("s", "w", "e")),
        d.exclusive("x", "out"),
        d.end(),
        d.chain("start", "m", "sub", "x"),
        d.flow("x", "m", "1 == 1"),
        d.flow("x", "end", id_="out"),
    ),
    "a loop of scripts": at(
        "endless-loop",
        "m",
        d.start(),
        d.exclusive("m"),
        d.node("scriptTask", "s", "<bpmn:script>a = 1</bpmn:script>"),
        d.exclusive("x", "out"),
        d.end(),
        d.chain("start", "m", "s", "x"),
        d.flow("x", "m", "1 == 1"),
        d.flow("x", "end", id_="out"),
    ),
    "a loop of messages thrown": at(
        "endless-loop",
        "m",
        d.start(),
        d.exclusive("m"),
        d.throw("t", "told"),
        d.exclusive("x", "out"),
        d.end(),
        d.chain("start", "m", "t", "x"),
        d.flow("x", "m", "1 == 1"),
        d.flow("x", "end", id_="out"),
        messages=["told"],
    ),
    "a loop of errors caught": at(
        "endless-loop",
        "sub",
        d.start(),
        d.exclusive("m"),
        inside(
            d.start("s"),
            e.end("e", e.error("er")),
            d.flow("s", "e"),
        ),
        e.boundary("b", "sub", e.error("er")),
        d.end(),
        d.chain("start", "m", "sub", "end"),
        d.flow("b", "m"),
        declared=e.declared(errors=["er"]),
    ),
    "a process that calls itself": at("call-cycle", "c", *between(d.call("c", "p"), first="c")),
    "three processes that call each other": Hostile(
        {
            "p/p.bpmn": calling("p", "q"),
            "q/q.bpmn": calling("q", "r"),
            "r/r.bpmn": calling("r", "p"),
        },
        frozenset({"call-cycle"}),
        "c",
    ),
    "a call to a path": at("unknown-process", "c", *between(d.call("c", "../q"), first="c")),
    "a call to nobody": at(
        "unknown-process", "c", *between(d.node("callActivity", "c"), first="c")
    ),
}
