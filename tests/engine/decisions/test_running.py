"""Decisions called by a running process, on both databases."""

from datetime import UTC, datetime

import pytest

from engine import deployment
from engine.errors import DiagramError, StepFailedError
from engine.spiff.machine import Machine
from engine.spiff.parser import parse
from engine.spiff.script import ScriptEngine
from tests.engine import diagrams as d
from tests.engine.decisions.tables import decision, dmn


def rule(id_, decision_id):
    called = f"<spiffworkflow:calledDecisionId>{decision_id}</spiffworkflow:calledDecisionId>"
    return d.node("businessRuleTask", id_, d.extensions(called))


PROCESS = d.diagram(
    "main",
    d.start(),
    d.user("ask"),
    rule("rate", "priority"),
    d.exclusive("x", "calm"),
    d.user("hurry"),
    d.user("wait"),
    d.end("a"),
    d.end("b"),
    d.chain("start", "ask", "rate", "x"),
    d.flow("x", "hurry", "priority == 'high'"),
    d.flow("x", "wait", id_="calm"),
    d.chain("hurry", "a"),
    d.chain("wait", "b"),
)


def files(table):
    return {
        "main/main.bpmn": PROCESS,
        "main/forms/any.form": d.FORM,
        "main/decisions/priority.dmn": dmn(table),
    }


def deploy(world, table):
    with world.db.write() as session:
        deployment.deploy(session, files(table), world.vocabulary, actor="staff:1")


RULES = [['"complaint"', '"high"'], ["-", '"low"']]


@pytest.mark.parametrize(("kind", "step"), [("complaint", "hurry"), ("question", "wait")])
def test_a_decision_leads_the_case_on(world, kind, step):
    deploy(world, decision("priority", ["kind"], ["priority"], RULES))
    world.start()

    world.complete("ask", kind=kind, text="")

    assert world.at() == [step]


def test_a_list_replaces_the_list_that_was_there():
    """The library would merge the lists; here a step's value is what the step says."""
    table = decision("tags", ["kind"], ["tags"], [['"x"', '"new"']], policy="COLLECT")
    parts = (d.start(), rule("r", "tags"), d.user("u"), d.end(), d.chain("start", "r", "u", "end"))
    bundle = parse({"p/p.bpmn": d.diagram("p", *parts), "p/decisions/t.dmn": dmn(table)}, "p")
    engine = ScriptEngine(datetime(2026, 1, 5, tzinfo=UTC), lambda *_: {})
    given = {"kind": "x", "tags": ["old", "older"]}

    machine = Machine.new(bundle, engine, given)

    (wait,) = machine.waiting()
    assert machine.task_data(wait.task_id) == {"kind": "x", "tags": ["new"]}
    assert given["tags"] == ["old", "older"]
    thawed = Machine.thawed(bundle, engine, machine.frozen())
    assert thawed.task_data(wait.task_id)["tags"] == ["new"]


def test_a_decision_is_taken_for_each_item_of_a_list():
    over = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="true">'
        "<bpmn:loopDataInputRef>kinds</bpmn:loopDataInputRef>"
        "<bpmn:loopDataOutputRef>found</bpmn:loopDataOutputRef>"
        '<bpmn:inputDataItem id="kind"/><bpmn:outputDataItem id="priority"/>'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    called = "<spiffworkflow:calledDecisionId>priority</spiffworkflow:calledDecisionId>"
    task = d.node("businessRuleTask", "r", d.extensions(called) + over)
    parts = (d.start(), task, d.user("u"), d.end(), d.chain("start", "r", "u", "end"))
    table = decision("priority", ["kind"], ["priority"], RULES)
    bundle = parse({"p/p.bpmn": d.diagram("p", *parts), "p/decisions/t.dmn": dmn(table)}, "p")
    engine = ScriptEngine(datetime(2026, 1, 5, tzinfo=UTC), lambda *_: {})

    machine = Machine.new(bundle, engine, {"kinds": ["question", "complaint", "question"]})

    (wait,) = machine.waiting()
    assert machine.task_data(wait.task_id)["found"] == ["low", "high", "low"]


def test_a_decision_without_one_answer_leaves_nothing_behind(world):
    deploy(world, decision("priority", ["kind"], ["priority"], RULES, policy="UNIQUE"))
    world.start()

    with pytest.raises(StepFailedError):
        world.complete("ask", kind="complaint")

    assert world.at() == ["ask"]


def test_a_broken_table_is_not_deployed(world):
    table = decision("priority", ["kind"], ["priority"], [["<", '"high"']])
    with pytest.raises(DiagramError) as refused:
        deploy(world, table)
    (finding,) = refused.value.findings
    assert (finding.rule, finding.element_id) == ("expression", "priority_r1_c0")
    assert finding.file == "main/decisions/priority.dmn"
    assert finding.line == 4
