"""Every id that is named must exist, and fit."""

import pytest

from engine.linter import lint
from tests.engine import diagrams as d
from tests.engine.linter.checking import VOCABULARY, around, check, told

SIMPLE = around(("u", d.user("u")))


def lane(inner, name="Group"):
    return (
        f'<bpmn:laneSet id="set"><bpmn:lane id="l" name="{name}">{inner}</bpmn:lane></bpmn:laneSet>'
    )


def subprocess(inner):
    return d.node("subProcess", "sub", inner)


NESTED = subprocess(d.start("s1") + d.user("v") + d.end("e1") + d.chain("s1", "v", "e1"))

LOOSE = {
    "a lane over nobody": (
        (lane("<bpmn:flowNodeRef>gone</bpmn:flowNodeRef>"), *SIMPLE),
        "",
        ("dangling-reference", "l"),
    ),
    "a default flow of another gateway": (
        (
            d.start(),
            d.user("u"),
            d.exclusive("x", "u_x"),
            d.end("a"),
            d.end("b"),
            d.chain("start", "u", "x"),
            d.flow("x", "a", "k == 1"),
            d.flow("x", "b", "k == 2"),
        ),
        "",
        ("dangling-reference", "x"),
    ),
    "a flow into a subprocess": (
        (d.start(), NESTED, d.end(), d.chain("start", "sub", "end"), d.flow("start", "v", id_="f")),
        "",
        ("crossing-flow", "f"),
    ),
    "a flow out of an end": (
        (*SIMPLE, d.flow("end", "u", id_="f")),
        "",
        ("crossing-flow", "f"),
    ),
    "a flow into a start": (
        (*SIMPLE, d.exclusive("m"), d.flow("u", "start", id_="f")),
        "",
        ("crossing-flow", "f"),
    ),
    "a pool of no process": (
        SIMPLE,
        (
            '<bpmn:collaboration id="c"><bpmn:participant id="pool" processRef="gone"/>'
            "</bpmn:collaboration>"
        ),
        ("dangling-reference", "pool"),
    ),
}


@pytest.mark.parametrize("name", LOOSE)
def test_a_loose_reference_is_refused_where_it_stands(name):
    parts, root, place = LOOSE[name]
    found = [each for each in check(*parts, root=root) if each.severity == "error"]
    assert place in [(each.rule, each.element_id) for each in found]
    assert all(each.line > 1 for each in found)


def test_lines_that_only_explain_are_warned_of():
    note = '<bpmn:association id="a" sourceRef="u" targetRef="gone"/>'
    assert told(check(*SIMPLE, note)) == [("dangling-reference", "a", "warning")]


def test_a_lane_without_a_name_is_warned_of():
    parts = (lane("<bpmn:flowNodeRef>u</bpmn:flowNodeRef>", name=" "), *SIMPLE)
    assert told(check(*parts)) == [("lane-name", "l", "warning")]


def test_a_drawing_that_shows_too_much_or_too_little_is_warned_of():
    shapes = "".join(
        f'<di:BPMNShape id="s_{each}" bpmnElement="{each}"/>' for each in ("start", "end", "gone")
    )
    drawing = (
        '<di:BPMNDiagram xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" id="dia">'
        f'<di:BPMNPlane id="plane" bpmnElement="p">{shapes}</di:BPMNPlane></di:BPMNDiagram>'
    )
    found = check(*SIMPLE, root=drawing)
    assert told(found) == [("drawing", "", "warning"), ("drawing", "u", "warning")]
    assert "gone" in found[0].text


def test_an_id_that_the_drawing_does_not_show_is_warned_of():
    raw = d.diagram("p", d.start(), d.user("prüfen"), d.end(), d.chain("start", "prüfen", "end"))
    space = 'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
    ids = ("start", "prüfen", "end", "start_prüfen", "prüfen_end")
    shapes = "".join(f'<bpmndi:BPMNShape {space} bpmnElement="{each}"/>' for each in ids)
    drawn = raw.replace(b"</bpmn:definitions>", f"{shapes}</bpmn:definitions>".encode())
    findings = lint({"p/p.bpmn": drawn, "p/forms/any.form": d.FORM}, VOCABULARY)
    told_of = {(f.rule, f.element_id, f.severity) for f in findings}
    names = ("prüfen", "start_prüfen", "prüfen_end")
    assert told_of == {("drawing", each, "warning") for each in names}


def test_what_the_engine_says_of_an_element_names_it_as_drawn():
    reference = "<bpmn:sourceRef>none</bpmn:sourceRef><bpmn:targetRef>x</bpmn:targetRef>"
    inner = f'<bpmn:dataInputAssociation id="a">{reference}</bpmn:dataInputAssociation>'
    (finding,) = check(*around(("u", d.user("u")), ("t", d.node("task", "t", inner))))
    assert (finding.rule, finding.element_id) == ("engine", "t")
    assert "“sourceRef”" in finding.text
    assert "0x" not in finding.text
