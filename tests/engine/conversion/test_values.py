"""Values that forms set and expressions read: what has another name or shape here still arrives."""

import json
from datetime import timedelta

import pytest

from engine import clock
from engine.conversion import convert
from tests.engine import diagrams as d
from tests.engine.conversion.files import OPERATIONS
from tests.engine.conversion.player import Player

CAMUNDA = {
    "camunda7": 'xmlns:camunda="http://camunda.org/schema/1.0/bpmn"',
    "camunda8": 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"',
}


def drawn(tool, *parts, declared=""):
    """Return a file as one of Camunda's modelers saves it: a process `p` of these parts."""
    raw = d.diagram("p", *parts, declared=declared).decode()
    spiff = 'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    assert spiff in raw
    return {"p.bpmn": raw.replace(spiff, CAMUNDA[tool]).encode()}


def asking(id_, **fields):
    """Return a user task of Camunda 7 with form fields: their types by id."""
    rows = "".join(
        f'<camunda:formField id="{name}" type="{kind}"/>' for name, kind in fields.items()
    )
    return d.node("userTask", id_, d.extensions(f"<camunda:formData>{rows}</camunda:formData>"))


def showing(id_, form):
    """Return a user task of Camunda 8 with a form of the upload."""
    inner = f'<zeebe:formDefinition formId="{form}"/><zeebe:userTask/>'
    return d.node("userTask", id_, d.extensions(inner))


def form(name, *components):
    source = {"type": "default", "schemaVersion": 16, "id": name, "components": components}
    return {f"{name}.form": json.dumps(source).encode()}


def way(condition, *before):
    """Return a start, the steps before, and a gateway with a conditional and a default way."""
    ids = [text.split('id="', 1)[1].split('"', 1)[0] for text in before]
    return (
        d.start(),
        *before,
        d.exclusive("g", "g_no"),
        d.end("yes"),
        d.end("no"),
        d.chain("start", *ids, "g"),
        d.flow("g", "yes", condition),
        d.flow("g", "no"),
    )


def notes(files):
    return {(n.code, n.element_id) for n in convert(files, operations=OPERATIONS).notes}


def test_a_field_with_letters_of_its_own_is_read_under_its_new_key(db):
    played = Player(db, files=drawn("camunda7", *way("${größe > 3}", asking("a", größe="long"))))
    case = played.start("p")
    played.complete("a", gr_e="5")
    assert "yes" in played.ways(case)


def test_two_fields_that_would_have_one_key_have_two(db):
    step = asking("a", größe="long", gräße="long")
    played = Player(db, files=drawn("camunda7", *way("${größe > gräße}", step)))
    case = played.start("p")
    played.complete("a", gr_e="5", gr_e_2="4")
    assert "yes" in played.ways(case)


INVOICES = {
    "in a group with a path": {
        "type": "group",
        "path": "invoice",
        "label": "Invoice",
        "components": [{"type": "number", "key": "total", "label": "Total"}],
    },
    "with dots in its key": {"type": "number", "key": "invoice.total", "label": "Total"},
}


@pytest.mark.parametrize("how", INVOICES)
def test_a_field_of_a_record_is_read_under_its_new_key(db, how):
    parts = way("=invoice.total &gt; 3", showing("a", "f"))
    files = drawn("camunda8", *parts) | form("f", INVOICES[how])
    assert ("form.turned", "a") in notes(files)
    played = Player(db, files=files)
    case = played.start("p")
    played.complete("a", invoice_total="5")
    assert "yes" in played.ways(case)


def test_a_record_that_nothing_sets_is_asked_field_by_field(db):
    condition = '=order.total &gt; 100 and order.customer.vip and order.kind = "new"'
    played = Player(db, files=drawn("camunda8", *way(condition, showing("a", "none"))))
    case = played.start("p")
    played.complete("a", order_total="200", order_customer_vip="true", order_kind="new")
    assert "yes" in played.ways(case)


def test_a_step_over_a_list_that_nothing_makes_happens_once_and_this_is_said(db):
    loop = (
        '<bpmn:multiInstanceLoopCharacteristics camunda:collection="voters" '
        'camunda:elementVariable="voter"/>'
    )
    vote = asking("vote", yes="boolean").replace("</bpmn:userTask>", f"{loop}</bpmn:userTask>")
    files = drawn("camunda7", *way("${voter == 'me'}", asking("who"), vote))
    assert {("repeat.open", "vote"), ("value.asked", "g")} <= notes(files)
    assert ("repeat.list", "vote") not in notes(files)
    played = Player(db, files=files)
    case = played.start("p")
    played.complete("who")
    assert played.at() == ["vote"]
    played.complete("vote", voter="me")
    assert "yes" in played.ways(case)


def test_a_timer_waits_until_the_day_a_form_asks_for(db):
    date = (
        "<bpmn:timerEventDefinition><bpmn:timeDate>${until}</bpmn:timeDate>"
        "</bpmn:timerEventDefinition>"
    )
    wait = d.node("intermediateCatchEvent", "w", date)
    steps = (
        *(d.start(), asking("a", until="date"), wait, d.end()),
        d.chain("start", "a", "w", "end"),
    )
    files = drawn("camunda7", *steps)
    assert ("timer.offset", "w") in notes(files)
    played = Player(db, files=files)
    case = played.start("p")
    played.complete("a", until=_in_ten_days(played))
    assert played.later(days=8) == 0
    assert played.later(days=3) == 1
    assert played.status(case) == "completed"


def _in_ten_days(played):
    with played.db.read() as session:
        return (clock.business_now(session) + timedelta(days=10)).date().isoformat()


def test_a_condition_of_feel_that_cannot_be_said_is_really_asked(db):
    parts = way("=is defined(code)", showing("a", "none"))
    other = d.end("third"), d.flow("g", "third", "=code = 1")
    played = Player(db, files=drawn("camunda8", *parts, *other))
    case = played.start("p")
    played.complete("a", g_yes_holds="true", code="2")
    assert "yes" in played.ways(case)


@pytest.mark.parametrize(
    ("flows", "left_out"),
    [
        ((d.flow("g", "yes", "${x &gt; 1}"), d.flow("g", "no", "${x &lt; 2}")), "g_no"),
        ((d.flow("g", "no", "${x &gt; 1}"),), "g_no"),
    ],
)
def test_a_condition_that_decides_nothing_is_left_out_and_this_is_said(flows, left_out):
    step = asking("a", x="long")
    ends = (d.end("yes"), d.end("no")) if len(flows) > 1 else (d.end("no"),)
    default = "g_no" if len(flows) > 1 else None
    gateway = d.exclusive("g", default)
    parts = (d.start(), step, gateway, *ends, d.chain("start", "a", "g"), *flows)
    assert ("condition.dropped", left_out) in notes(drawn("camunda7", *parts))


@pytest.mark.parametrize("name", ["order-${n}", '="storm-" + region'.replace('"', "&quot;")])
def test_a_name_that_was_worked_out_is_told(name):
    declared = f'<bpmn:signal id="s" name="{name}"/>'
    throw = d.node("intermediateThrowEvent", "t", '<bpmn:signalEventDefinition signalRef="s"/>')
    parts = (d.start(), throw, d.end(), d.chain("start", "t", "end"))
    assert ("event.name", "s") in notes(drawn("camunda7", *parts, declared=declared))
