"""What a diagram that passed the linter can still try: stopped in time, and nothing changed."""

import hashlib
import time
from random import Random

import pytest
from sqlalchemy import func, select

from engine import clock, queries
from engine.definitions import pack
from engine.errors import StepFailedError
from engine.models import (
    HistoryEntry,
    Job,
    ProcessDefinition,
    ProcessInstance,
    ProcessVersion,
    UserTask,
)
from tests.engine import diagrams as d
from tests.engine.properties.words import Anything


def each(id_, inner="", *, sequential=False, tag="userTask"):
    return d.node(
        tag,
        id_,
        d.extensions(d.properties(formKey="any", operation="test.form"))
        + f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        "<bpmn:loopDataInputRef>items</bpmn:loopDataInputRef>"
        f"</bpmn:multiInstanceLoopCharacteristics>{inner}",
    )


def asked(*parts, flows):
    """start -> ask -> the rest: the first command is fine, the second one is the bomb."""
    return (d.start(), d.user("ask"), *parts, d.end(), *flows)


def loop(*between, messages=()):
    ids = [part.split('"')[1] for part in between]
    return (
        *(d.exclusive("m"), d.exclusive("x", "m_out"), *between),
        d.chain("ask", "m", *ids, "x"),
        d.flow("x", "m", "ask != 'never'"),
        d.flow("x", "end", id_="m_out"),
    )


def subprocess():
    steps = [f"t{number}" for number in range(30)]
    return "".join(
        [
            d.start("s"),
            *(d.service(step, "test.form") for step in steps),
            d.user("rest"),
            d.end("e"),
        ]
    ) + d.chain("s", *steps, "rest", "e")


def restless():
    return d.start("s") + d.service("t", "test.form") + d.end("e") + d.chain("s", "t", "e")


BOMBS = {
    "a list of 100,000 items at once": (
        asked(each("each"), flows=[d.chain("start", "ask", "each", "end")]),
        {"items": [0] * 100_000},
        "at most 100 turns",
    ),
    "a list of 100,000 items one by one": (
        asked(each("each", sequential=True), flows=[d.chain("start", "ask", "each", "end")]),
        {"items": [0] * 100_000},
        "at most 100 turns",
    ),
    "a hundred subprocesses of thirty steps at once": (
        asked(
            each("each", subprocess(), tag="subProcess"),
            flows=[d.chain("start", "ask", "each", "end")],
        ),
        {"items": list(range(100))},
        "more than 2000 tasks",
    ),
    "no list": (
        asked(each("each"), flows=[d.chain("start", "ask", "each", "end")]),
        {"items": "text"},
        "must be a list",
    ),
    "data that grow": (
        asked(d.user("next"), flows=[d.chain("start", "ask", "next", "end")]),
        {"items": ["x" * 1_000] * 270},
        "at most 262144",
    ),
    "data that grow and cannot be compressed": (
        asked(d.user("next"), flows=[d.chain("start", "ask", "next", "end")]),
        {"items": Random(1).randbytes(70_000).hex()},  # noqa: S311 - noise, no secret
        "at most 65536",
    ),
    "an endless loop": (
        asked(*loop(d.service("s", "test.form")), flows=[d.chain("start", "ask")]),
        {"ask": "x"},
        "more than 1000 automatic steps",
    ),
    "an endless loop of timers that are due at once": (
        asked(*loop(d.timer("t", "PT0S")), flows=[d.chain("start", "ask")]),
        {"ask": "x"},
        "more than 1000 automatic steps",
    ),
    "an endless loop of subprocesses": (
        asked(*loop(d.node("subProcess", "sub", restless())), flows=[d.chain("start", "ask")]),
        {"ask": "x"},
        "more than 1000 automatic steps",
    ),
    "an endless loop of call activities": (
        asked(*loop(d.call("c", "child")), flows=[d.chain("start", "ask")]),
        {"ask": "x"},
        "more than 1000 automatic steps",
    ),
    "a date before all calendars": (
        asked(
            d.node(
                "intermediateCatchEvent",
                "t",
                "<bpmn:timerEventDefinition><bpmn:timeDate>when</bpmn:timeDate>"
                "</bpmn:timerEventDefinition>",
            ),
            flows=[d.chain("start", "ask", "t", "end")],
        ),
        {"when": "0001-01-01T00:00:00+14:00"},
        "before all calendars",
    ),
}


def deployed(world, parts):
    child = d.diagram("child", d.start(), d.end(), d.chain("start", "end"))
    main = d.diagram("main", *parts)
    files = {"main/main.bpmn": main, "child/child.bpmn": child, "main/forms/any.form": d.FORM}
    past_the_linter(world, files)


def past_the_linter(world, files):
    """Write a version as deploying would, without asking the linter."""
    with world.db.write() as session:
        definition = ProcessDefinition(key="main", name="main")
        session.add(definition)
        session.flush()
        version = ProcessVersion(
            definition_id=definition.id,
            version=1,
            bundle_hash=hashlib.sha256(pack(files)).hexdigest(),
            files=pack(files),
            findings=[],
            comment="",
            deployed_by="staff:1",
            deployed_at=clock.utc_now(),
        )
        session.add(version)
        session.flush()
        definition.active_version_id = version.id


def rows(world):
    counts = [
        world.read(lambda s, m=model: s.scalar(select(func.count()).select_from(m)))
        for model in (HistoryEntry, Job, UserTask)
    ]
    return counts, world.read(lambda s: s.scalar(select(ProcessInstance.state)))


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_stopped_with_a_clear_sentence_and_nothing_is_changed(world, name):
    parts, form, sentence = BOMBS[name]
    deployed(world, parts)
    world.start()
    before = rows(world)
    started = time.process_time()
    with pytest.raises(StepFailedError) as failed:
        world.complete("ask", **form)
    assert time.process_time() - started < 5
    assert sentence in str(failed.value.__cause__)
    assert rows(world) == before
    assert world.at() == ["ask"]


def test_data_that_grow_at_each_turn_are_stopped_before_they_fill_the_house(world):
    @world.operations.operation("test.grow")
    def grow(call, form: Anything):
        return {"log": [*call.data.get("log", []), "x" * 2_000]}

    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.exclusive("m"),
            d.user("again", "test.grow"),
            d.exclusive("x", "out"),
            d.end(),
            d.chain("start", "m", "again", "x"),
            d.flow("x", "m", "len(log) > 0"),
            d.flow("x", "end", id_="out"),
        )
    )
    instance = world.start()
    with pytest.raises(StepFailedError) as failed:
        any(world.complete("again").status != "running" for _ in range(400))
    assert "keep ids and decisions" in str(failed.value.__cause__)
    head = world.read(queries.instance, instance)
    assert head.state_bytes <= 64 * 1024
    assert world.at() == ["again"]


@pytest.mark.parametrize("teller", ["operation", "diagram"])
def test_a_process_that_answers_itself_for_ever_is_stopped(world, teller):
    @world.operations.operation("test.echo")
    def echo(call, parameters: Anything):
        world.engine.correlate(call.session, "again", key=call.key, payload={}, actor="system")

    world.deploy(
        main=d.diagram(
            "main",
            d.start(),
            d.exclusive("m"),
            d.catch("c", "again"),
            d.service("s", "test.echo") if teller == "operation" else d.throw("s", "again"),
            d.exclusive("x", "out"),
            d.end(),
            d.chain("start", "m", "c", "s", "x"),
            d.flow("x", "m", "True"),
            d.flow("x", "end", id_="out"),
            messages=["again"],
        )
    )
    world.start()
    before = rows(world)
    with pytest.raises(StepFailedError) as failed:
        world.send("again")
    assert "without end" in str(failed.value.__cause__)
    assert rows(world) == before
