"""Ids a file brings: those that cannot be kept here become others, wherever they are named."""

import re

import pytest
from lxml import etree

from engine.conversion import convert
from engine.linter import lint
from tests.engine.conversion.player import VOCABULARY, Player

_NAMES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
    ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
)
_SHAPES = "".join(
    f'<bpmndi:BPMNShape id="shape{place}" bpmnElement="{step}">'
    f'<dc:Bounds x="{100 + 150 * place}" y="100" width="100" height="80"/></bpmndi:BPMNShape>'
    for place, step in enumerate(("Start", "prüfen", "groß?", "zu spät", "End", "ok.EndJoin"))
)
_FILE = f"""<bpmn:definitions {_NAMES} id="d" targetNamespace="x">
<bpmn:process id="p" isExecutable="true">
  <bpmn:laneSet id="lanes"><bpmn:lane id="lane" name="Office">
    <bpmn:flowNodeRef>prüfen</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
  <bpmn:startEvent id="Start"/>
  <bpmn:userTask id="prüfen" name="Check" camunda:formKey="embedded:app:x.html"/>
  <bpmn:boundaryEvent id="zu spät" attachedToRef="prüfen"><bpmn:timerEventDefinition>
    <bpmn:timeDuration>P2D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>
  <bpmn:exclusiveGateway id="groß?" default="nein" name="Large?"/>
  <bpmn:endEvent id="End"/>
  <bpmn:endEvent id="ok.EndJoin"/>
  <bpmn:sequenceFlow id="f1" sourceRef="Start" targetRef="prüfen"/>
  <bpmn:sequenceFlow id="f2" sourceRef="prüfen" targetRef="groß?"/>
  <bpmn:sequenceFlow id="f3" sourceRef="zu spät" targetRef="End"/>
  <bpmn:sequenceFlow id="nein" sourceRef="groß?" targetRef="End"/>
  <bpmn:sequenceFlow id="ja ☺" sourceRef="groß?" targetRef="ok.EndJoin">
    <bpmn:conditionExpression>${{large}}</bpmn:conditionExpression></bpmn:sequenceFlow>
</bpmn:process>
<bpmndi:BPMNDiagram id="b"><bpmndi:BPMNPlane id="pl" bpmnElement="p">{_SHAPES}
</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"""


@pytest.fixture
def converted():
    return convert({"p.bpmn": _FILE.encode()})


def test_every_renamed_id_is_noted_at_its_element(converted):
    told = {note.params["old"]: note.element_id for note in converted.notes if "old" in note.params}
    assert told.keys() == {"Start", "End", "ok.EndJoin", "prüfen", "zu spät", "groß?", "ja ☺"}
    assert all(re.fullmatch(r"[A-Za-z_]\w*", new, re.ASCII) for new in told.values())
    assert len(set(told.values())) == len(told)
    assert {told["Start"], told["End"]} == {"Start_1", "End_1"}


def test_what_named_an_id_names_the_new_one_and_the_linter_is_content(converted):
    findings = lint(converted.files, VOCABULARY, trial=True)
    assert [(f.rule, f.element_id) for f in findings if f.severity == "error"] == []
    root = etree.fromstring(converted.files["p/p.bpmn"])
    ids = set(root.xpath("//@id"))
    named = root.xpath(
        "//@sourceRef | //@targetRef | //@attachedToRef | //@default | //@bpmnElement"
    )
    named += [text.strip() for text in root.xpath("//*[local-name() = 'flowNodeRef']/text()")]
    assert set(named) <= ids


def test_it_runs_on_every_way_to_an_end(db):
    player = Player(db, files={"p.bpmn": _FILE.encode()})
    player.start("p", key="done")
    player.start("p", key="late")
    (step,) = player.at("done")
    player.complete(step, key="done")
    assert player.at("done") == []
    assert player.at("late") == [step]
    assert player.later(days=3) == 1
    assert player.at("late") == []


def test_many_without_ids_and_many_that_cannot_stay_take_no_time():
    steps = "".join("<bpmn:task/>" for _ in range(150)) + "".join(
        f'<bpmn:task id="ä{number}"/>' for number in range(150)
    )
    raw = _FILE.replace('<bpmn:startEvent id="Start"/>', f'<bpmn:startEvent id="Start"/>{steps}')
    made = convert({"p.bpmn": raw.encode()})
    root = etree.fromstring(made.files["p/p.bpmn"])
    ids = root.xpath("//*[local-name() = 'process']/*/@id")
    assert len(ids) == len(set(ids)) > 300
