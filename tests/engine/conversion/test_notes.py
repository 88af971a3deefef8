"""What a conversion says of each element, and that nothing goes without being said."""

import json

import pytest
from lxml import etree

from engine.conversion import Note, convert
from engine.linter import lint
from tests.engine import diagrams as d
from tests.engine.conversion.files import files_of, upload
from tests.engine.conversion.player import VOCABULARY

LOST = {
    "camunda7": {
        ("order_complaint", "attribute.dropped", "judge"),  # dueDate
        ("order_complaint", "form.missing", "approve"),
        ("order_complaint", "listener.dropped", "judge"),
        ("order_complaint", "process.setting", "order_complaint"),  # historyTimeToLive
        ("order_complaint", "service.by_hand", "load_order"),
        ("order_complaint", "service.by_hand", "refund"),
        ("order_complaint", "service.inputs", "load_order"),
        ("contract_cancellation", "listener.dropped", "archive"),
        ("contract_cancellation", "repeat.condition", "inform"),
        ("callback_request", "event.unreachable", "trouble"),
        ("callback_request", "event.variable", "trouble"),
        ("callback_request", "message.code", "tell"),
    },
    "camunda8": {
        ("address_change", "extension.dropped", "invoice"),
        ("address_change", "listener.dropped", "invoice"),
        ("address_change", "repeat.results", "change"),
        ("address_change", "service.by_hand", "invoice"),
        ("delivery_problem", "service.by_hand", "score"),
        ("warranty_claim", "extension.dropped", "examine"),  # taskSchedule
        ("warranty_claim", "form.part", "examine"),
        ("warranty_claim", "service.by_hand", "check"),
        ("warranty_claim", "service.by_hand", "send"),
        ("warranty_claim", "service.inputs", "check"),
    },
    "plain": set(),
}
CHANGED = {
    ("Process_returns", "process.executable", "Process_returns"),
    ("Process_returns", "step.waits", "t1"),
    ("Process_returns", "step.waits", "t2"),
    ("Process_returns", "step.waits", "t3"),
    ("Process_returns", "step.waits", "t5"),
    ("Process_returns", "form.made", "t6"),
    ("Process_returns", "gateway.asked", "g1"),
    ("Process_returns", "gateway.asked", "g2"),
    ("Process_returns", "timer.named", "w1"),
    ("Process_returns", "service.unsaid", "t4"),
    ("Process_returns", "data.annotation", "d1"),
}


def said(notes, severity):
    return {
        (note.file.split("/")[0], note.code, note.element_id)
        for note in notes
        if note.severity == severity
    }


@pytest.mark.parametrize("folder", LOST)
def test_what_is_lost_is_listed_by_element(folder):
    assert said(upload(folder).notes, "lost") == LOST[folder]


def test_what_changed_in_a_drawing_is_listed_by_element():
    found = said(upload("plain").notes, "changed")
    assert {item for item in found if item[0] == "Process_returns"} == CHANGED


@pytest.mark.parametrize("folder", LOST)
def test_the_converted_files_have_no_errors(folder):
    found = lint(upload(folder).files, VOCABULARY)
    assert [str(finding) for finding in found if finding.severity == "error"] == []


@pytest.mark.parametrize("folder", LOST)
def test_nothing_of_another_tool_is_left_and_everything_drawn_is_drawn_still(folder):
    before, after = set(), set()
    for name, raw in upload(folder).files.items():
        if name.endswith(".bpmn"):
            assert b"camunda.org" not in raw
            assert b"zeebe" not in raw
            after |= drawn(raw)
    for name, raw in files_of(folder).items():
        if name.endswith(".bpmn"):
            before |= drawn(raw)
    assert before - after - {"Process_returns"} == set()


def drawn(raw):
    root = etree.fromstring(raw)
    shapes = root.iter("{*}BPMNShape", "{*}BPMNEdge")
    known = {node.get("id") for node in root.iter("*")}
    ids = {shape.get("bpmnElement") for shape in shapes}
    assert ids <= known  # nothing is drawn that is not there
    return ids


@pytest.mark.parametrize("folder", LOST)
def test_notes_name_the_file_the_line_and_an_element_that_is_there(folder):
    conversion = upload(folder)
    ids = {
        name: {node.get("id") for node in etree.fromstring(raw).iter("*")}
        for name, raw in conversion.files.items()
        if name.endswith(".bpmn")
    }
    for note in conversion.notes:
        assert note.element_id in ids[note.file]
        lines = files_of(folder)[note.source].decode().splitlines()
        assert 0 <= note.line <= len(lines)
        assert note.text
        assert "{" not in note.text.replace("${", "").replace("#{", "")
        assert Note.of_json(json.loads(json.dumps(note.as_json()))) == note


def test_the_lost_stand_first():
    weights = [note.severity for note in upload("camunda7").notes]
    assert weights == sorted(weights, key=["lost", "changed", "kept"].index)


def test_files_in_our_dialect_are_the_very_same_bytes():
    ours = d.diagram("p", d.start(), d.user("u"), d.end(), d.chain("start", "u", "end"))
    files = {"p/p.bpmn": ours, "p/forms/any.form": d.FORM}
    conversion = convert(files)
    assert conversion.files == files
    assert conversion.notes == []
    mixed = convert({**files, **files_of("plain")})
    assert mixed.files["p/p.bpmn"] == ours
    assert mixed.files["p/forms/any.form"] == d.FORM


def test_what_was_converted_needs_no_second_conversion():
    once = upload("camunda7").files
    assert convert(once).files == once


def test_a_topic_that_is_an_operation_calls_it():
    raw = files_of("camunda7")["order_complaint.bpmn"]
    known = {"load-order", "imported.keep_answers"}
    conversion = convert({"a.bpmn": raw}, operations=known)
    text = conversion.files["order_complaint/order_complaint.bpmn"].decode()
    assert 'serviceTaskOperator id="load-order"' in text
    assert 'parameter id="number" type="any" value="order_number"' in text
    assert ("service.operation", "load_order") in {(n.code, n.element_id) for n in conversion.notes}


def test_a_process_may_not_take_the_place_of_one_of_the_product():
    raw = files_of("camunda7")["order_complaint.bpmn"]
    conversion = convert({"a.bpmn": raw}, reserved={"order_complaint"})
    assert "order_complaint_2/order_complaint_2.bpmn" in conversion.files
    assert "process.id" in {note.code for note in conversion.notes}


def test_a_decision_that_is_not_among_the_files_is_asked():
    raw = files_of("camunda7")["contract_cancellation.bpmn"]
    conversion = convert({"a.bpmn": raw})
    assert ("decision.by_hand", "notice") in {(n.code, n.element_id) for n in conversion.notes}
    form = json.loads(conversion.files["contract_cancellation/forms/notice.form"])
    asked = {part.get("key"): part["type"] for part in form["components"]}
    assert asked["notice_days"] == "number"


def test_room_is_made_for_an_added_step_and_every_line_still_touches_its_shapes():
    raw = upload("plain").files["lost_parcel/lost_parcel.bpmn"]
    root = etree.fromstring(raw)
    boxes = {
        shape.get("bpmnElement"): [
            float(shape[0].get(key)) for key in ("x", "y", "width", "height")
        ]
        for shape in root.iter("{*}BPMNShape")
    }
    assert "ask_b" in boxes
    ends = {edge.get("bpmnElement"): edge for edge in root.iter("{*}BPMNEdge")}
    for flow in root.iter("{*}sequenceFlow"):
        points = ends[flow.get("id")].findall("{*}waypoint")
        for point, shape in ((points[0], "sourceRef"), (points[-1], "targetRef")):
            x, y, width, height = boxes[flow.get(shape)]
            assert x <= float(point.get("x")) <= x + width, flow.get("id")
            assert y <= float(point.get("y")) <= y + height, flow.get("id")


def test_two_steps_may_call_their_items_the_same():
    each = (
        '<bpmn:multiInstanceLoopCharacteristics camunda:collection="lines" '
        'camunda:elementVariable="line"/>'
    )
    script = "<bpmn:script>execution.setVariable('lines', ['a', 'b'])</bpmn:script>"
    steps = [d.node("scriptTask", "make", script, scriptFormat="javascript")]
    steps += [d.node("userTask", name, each) for name in ("pack", "send")]
    chain = d.chain("start", "make", "pack", "send", "end")
    raw = d.diagram("p", d.start(), *steps, d.end(), chain)
    raw = raw.replace(b"xmlns:xsi", b'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi')
    converted = convert({"p/p.bpmn": raw}).files["p/p.bpmn"]
    items = list(etree.fromstring(converted).iter("{*}inputDataItem"))
    assert [item.get("name") for item in items] == ["line", "line"]
    assert len({item.get("id") for item in items}) == 2
