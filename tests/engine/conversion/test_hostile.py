"""Whatever is uploaded as a diagram of another tool: an answer in seconds, never an exception."""

import json
import random
import time
from itertools import pairwise

import pytest

from engine.conversion import convert
from engine.linter import lint
from tests.engine.conversion.files import OPERATIONS, files_of
from tests.engine.conversion.player import VOCABULARY

BPMN = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
CAMUNDA = 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'


def file(body, process='id="p" isExecutable="true"'):
    return (
        f"<definitions {BPMN} {CAMUNDA}><process {process}>{body}</process></definitions>".encode()
    )


def around(step):
    return file(
        f'<startEvent id="s"/>{step}<endEvent id="e"/>'
        '<sequenceFlow id="a" sourceRef="s" targetRef="u"/>'
        '<sequenceFlow id="b" sourceRef="u" targetRef="e"/>'
    )


HOSTILE = {
    "nothing": b"",
    "no xml": b"${7*7}",
    "bomb": b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><definitions>&y;</definitions>',
    "entity of a file": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "deep": b"<a>" * 5000,
    "no process": f"<definitions {BPMN}/>".encode(),
    "empty process": file(""),
    "no ids": file("<startEvent/><userTask/><sequenceFlow/><exclusiveGateway/>", "x='y'"),
    "process id leads away": file('<startEvent id="s"/>', 'id="../../etc"'),
    "loop without a start": file(
        '<exclusiveGateway id="g"/><exclusiveGateway id="h"/>'
        '<sequenceFlow id="a" sourceRef="g" targetRef="h"/>'
        '<sequenceFlow id="b" sourceRef="h" targetRef="g"/>'
        '<sequenceFlow id="c" sourceRef="h" targetRef="g"/>'
    ),
    "flows to nowhere": file(
        '<startEvent id="s"/><exclusiveGateway id="g"/>'
        '<sequenceFlow id="a" sourceRef="g" targetRef="x"/>'
        '<sequenceFlow id="b" sourceRef="y" targetRef="g"/>'
        '<sequenceFlow id="c" sourceRef="g" targetRef=""/>'
    ),
    "the same id everywhere": file(
        '<startEvent id="p"/><userTask id="p"/><sequenceFlow id="p" sourceRef="p" targetRef="p"/>'
    ),
    "code in an expression": around(
        "<serviceTask id=\"u\" camunda:expression=\"${''.getClass().forName('x')}\"/>"
    ),
    "a script that is code": around(
        '<scriptTask id="u" scriptFormat="groovy"><script>"rm".execute()</script></scriptTask>'
    ),
    "a form that is no form": around(
        '<userTask id="u"><extensionElements><camunda:formData>'
        '<camunda:formField id="csrf_token" type="enum"/><camunda:formField/>'
        '<camunda:formField id="__class__" type="long" defaultValue="NaN"/>'
        '<camunda:formField id="x" defaultValue="&#10;&#9;"/><camunda:formField id="x"/>'
        "</camunda:formData></extensionElements></userTask>"
    ),
    "a pattern that explodes": around(
        '<userTask id="u"><extensionElements><camunda:formData><camunda:formField id="x">'
        '<camunda:validation><camunda:constraint name="pattern" config="(a+)+$"/>'
        "</camunda:validation></camunda:formField></camunda:formData></extensionElements></userTask>"
    ),
    "a timer of a million years": around(
        '<intermediateCatchEvent id="u"><timerEventDefinition><timeDuration>P9999999Y'
        "</timeDuration></timerEventDefinition></intermediateCatchEvent>"
    ),
    "a call of everything": around('<callActivity id="u" calledElement="${x}"/>'),
    "a repetition without end": around(
        '<userTask id="u"><multiInstanceLoopCharacteristics><loopCardinality>99999999999'
        "</loopCardinality></multiInstanceLoopCharacteristics></userTask>"
    ),
    "very many steps": file("".join(f'<task id="t{n}"/>' for n in range(15_000))),
    "very many gateways": file(
        '<startEvent id="s"/>'
        + "".join(f'<exclusiveGateway id="g{n}"/>' for n in range(1_500))
        + "".join(
            f'<sequenceFlow id="f{n}{m}" sourceRef="g{n}" targetRef="g{n + 1}"/>'
            for n in range(1_499)
            for m in range(2)
        )
    ),
    "a long condition": file(
        '<startEvent id="s"/><exclusiveGateway id="g"/><endEvent id="e"/><endEvent id="f"/>'
        '<sequenceFlow id="a" sourceRef="s" targetRef="g"/>'
        '<sequenceFlow id="b" sourceRef="g" targetRef="e"><conditionExpression>${'
        + "("
        * 5_000
        + "a}</conditionExpression></sequenceFlow>"
        '<sequenceFlow id="c" sourceRef="g" targetRef="f"/>'
    ),
    "odd numbers in the picture": file(
        '<startEvent id="s"/><exclusiveGateway id="g"/><endEvent id="e"/><endEvent id="f"/>'
        '<sequenceFlow id="a" sourceRef="s" targetRef="g"/>'
        '<sequenceFlow id="b" sourceRef="g" targetRef="e"/>'
        '<sequenceFlow id="c" sourceRef="g" targetRef="f"/>'
        '</process><x:BPMNShape xmlns:x="http://www.omg.org/spec/BPMN/20100524/DI" bpmnElement="g">'
        '<y:Bounds xmlns:y="http://www.omg.org/spec/DD/20100524/DC" x="NaN" y="inf" width="1e999"/>'
        '</x:BPMNShape><process id="q">'
    ),
    "a process within a process": file(
        '<startEvent id="s"/><userTask id="u"/><endEvent id="e"/>'
        '<sequenceFlow id="a" sourceRef="s" targetRef="u"/>'
        '<sequenceFlow id="b" sourceRef="u" targetRef="e"/>'
        '<process id="q"><userTask id="v"/></process>'
    ),
    "398 processes beside 18,000 elements": file(
        "".join(f'</process><process id="p{n}"><task id="t{n}"/>' for n in range(398))
        + "<category/>" * 18_000
    ),
    "200 processes in 15,000 pools": file(
        "".join(f'</process><process id="p{n}"><task id="t{n}"/>' for n in range(200))
        + "".join(f'<participant id="m{n}" processRef="p{n % 200}"/>' for n in range(15_000))
    ),
    "9,000 fields of one name": around(
        '<userTask id="u"><extensionElements><camunda:formData>'
        + '<camunda:formField id="é" type="string"/>' * 9_000
        + "</camunda:formData></extensionElements></userTask>"
    ),
    "15,000 properties": around(
        '<userTask id="u"><extensionElements><camunda:properties>'
        + "".join(f'<camunda:property name="a{n}" value="x"/>' for n in range(15_000))
        + "</camunda:properties></extensionElements></userTask>"
    ),
    "1,000 conditions of sixty comparisons": file(
        '<startEvent id="s"/><exclusiveGateway id="g" default="d"/><endEvent id="e"/>'
        '<sequenceFlow id="a" sourceRef="s" targetRef="g"/>'
        '<sequenceFlow id="d" sourceRef="g" targetRef="e"/>'
        + "".join(
            f'<sequenceFlow id="f{n}" sourceRef="g" targetRef="e"><conditionExpression>${{'
            + " &amp;&amp; ".join(f"b{name} &gt; {n}" for name in range(60))
            + "}</conditionExpression></sequenceFlow>"
            for n in range(1_000)
        )
    ),
}


def answered(files):
    before = time.process_time()
    conversion = convert(files, operations=OPERATIONS)
    assert time.process_time() - before < 5
    assert all(note.text for note in conversion.notes)
    return conversion


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_diagram_gets_an_answer(name):
    conversion = answered({"evil.bpmn": HOSTILE[name]})
    found = lint(conversion.files, VOCABULARY)
    runs = {"code in an expression", "a script that is code", "a form that is no form"}
    runs |= {"a pattern that explodes", "a call of everything", "a repetition without end"}
    runs |= {"a process within a process", "9,000 fields of one name", "15,000 properties"}
    runs |= {"odd numbers in the picture", "process id leads away", "a long condition"}
    assert any(finding.severity == "error" for finding in found) == (name not in runs)
    assert not any(b"getClass" in raw for n, raw in conversion.files.items() if b"<script" in raw)


@pytest.mark.parametrize("seed", range(60))
def test_damaged_files_get_an_answer(seed):
    chance = random.Random(seed)  # noqa: S311 - a replayable choice, no secret
    files = files_of(chance.choice(["camunda7", "camunda8", "plain"]))
    for name in files:
        raw = bytearray(files[name])
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(raw))
            until = min(len(raw), at + chance.randint(1, 40))
            piece = bytes(raw[chance.randrange(len(raw)) :][: chance.randint(0, 40)])
            raw[at:until] = piece if chance.random() < 0.5 else b""
        files[name] = bytes(raw)
    answered(files)


@pytest.mark.parametrize("seed", range(60))
def test_files_with_words_exchanged_get_an_answer(seed):
    """Damage that stays well-formed goes deeper: attributes and tags of one place in another."""
    chance = random.Random(seed)  # noqa: S311 - a replayable choice, no secret
    files = files_of(chance.choice(["camunda7", "camunda8", "plain"]))
    for name, raw in files.items():
        words = sorted(set(raw.decode().replace("<", " ").replace('"', " ").split()))
        for _ in range(8):
            old, new = chance.choice(words), chance.choice(words)
            raw = raw.replace(old.encode(), new.encode(), chance.randint(1, 3))  # noqa: PLW2901
        files[name] = raw
    lint(answered(files).files, VOCABULARY)


@pytest.mark.parametrize("together", [True, False], ids=["one file", "two files"])
def test_two_processes_of_one_id_are_both_there(together):
    one, two = (around(f'<userTask id="u" name="{name}"/>').decode() for name in ("Ask", "Answer"))
    joined = one.replace("</definitions>", two[two.index("<process") :])
    files = {"a.bpmn": joined} if together else {"a.bpmn": one, "b.bpmn": two}
    found = answered({name: raw.encode() for name, raw in files.items()}).files
    assert b'"Ask"' in found["p/p.bpmn"]
    assert b'"Answer"' in found["p_2/p_2.bpmn"]


ODD = [["x"], {}, 5, None, True]


@pytest.mark.parametrize("word", ["type", "subtype", "key", "id", "label", "values", "validate"])
def test_a_form_with_anything_anywhere_gets_an_answer(word):
    step = around(
        '<userTask id="u"><extensionElements>'
        '<z:formDefinition xmlns:z="http://camunda.org/schema/zeebe/1.0" formId="f"/>'
        "</extensionElements></userTask>"
    )
    parts = [{"type": "textfield", "key": f"a{n}", word: odd} for n, odd in enumerate(ODD)]
    parts += [{"type": "datetime", "key": f"b{n}", word: odd} for n, odd in enumerate(ODD)]
    form = {"id": "f", "components": [*parts, *ODD]}
    answered({"a.bpmn": step, "f.form": json.dumps(form).encode()})


def test_forms_that_would_take_the_same_name_all_stay():
    """Two uploaded ones, in names that mean the same here, and one that is made for a step."""

    def form(name):
        field = {"type": "textfield", "key": name.lower(), "id": "x", "label": name}
        return json.dumps({"type": "default", "id": name, "components": [field]}).encode()

    names = {"u": "a-b", "v": "A_b", "w": "W2"}
    steps = "".join(
        f'<userTask id="{step}" camunda:formRef="{name}"/>' for step, name in names.items()
    )
    ways = ("s", "w2", "u", "v", "w", "e")
    flows = "".join(
        f'<sequenceFlow id="f{at}" sourceRef="{source}" targetRef="{target}"/>'
        for at, (source, target) in enumerate(pairwise(ways))
    )
    drawn = f'<startEvent id="s"/><userTask id="w2"/>{steps}<endEvent id="e"/>{flows}'
    forms = {f"{name}.form": form(name) for name in names.values()}

    files = convert({"p.bpmn": file(drawn), **forms}).files

    made = sorted(name.lower() for name in files if name.endswith(".form"))
    assert made == [
        "p/forms/a_b.form",
        "p/forms/a_b_2.form",
        "p/forms/w2.form",
        "p/forms/w2_2.form",
    ]
    kept = [json.loads(raw)["id"] for name, raw in files.items() if name.endswith(".form")]
    assert sorted(set(names.values()) & set(kept)) == sorted(names.values())
    diagram = files["p/p.bpmn"].decode()
    for name in files.keys() - {"p/p.bpmn"}:
        assert f'value="{name[8:-5]}"' in diagram


def test_a_drawing_that_asks_thousands_of_questions_is_read_in_seconds():
    """380 nodes, each gateway with twenty conditions on values that nobody sets."""

    def work_out(step):
        return f'<serviceTask id="{step}" camunda:expression="${{2}}" camunda:resultVariable="r"/>'

    parts, last = [], "s"
    for number in range(190):
        gateway, step = f"g{number}", f"t{number}"
        parts.append(f'<exclusiveGateway id="{gateway}"/>{work_out(step)}')
        parts.append(f'<sequenceFlow id="f{number}" sourceRef="{last}" targetRef="{gateway}"/>')
        parts.append(f'<sequenceFlow id="h{number}" sourceRef="{gateway}" targetRef="{step}"/>')
        parts += [
            f'<sequenceFlow id="z{number}_{way}" sourceRef="{gateway}" targetRef="e">'
            f"<conditionExpression>${{q{number}_{way} == 1}}</conditionExpression></sequenceFlow>"
            for way in range(20)
        ]
        last = step
    drawn = '<startEvent id="s"/><endEvent id="e"/>' + "".join(parts)

    began = time.process_time()
    conversion = convert({"p.bpmn": file(drawn)})

    assert time.process_time() - began < 10
    unset = [note for note in conversion.notes if note.code == "value.unset"]
    assert len(unset) == 3_800 - 150
    for name, raw in conversion.files.items():
        if name.endswith(".form"):
            assert len(json.loads(raw)["components"]) <= 151
