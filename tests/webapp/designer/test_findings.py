"""Findings of every kind of file: in the reader's language, with their lines, on the drawing."""

import pytest
from lxml import html
from playwright.sync_api import expect

from engine import deployment
from engine.linter import trial
from processes.people.models import Staff
from tests.engine import diagrams as d
from tests.engine.decisions.tables import decision, dmn
from tests.webapp.conftest import page
from tests.webapp.designer.pages import findings, send
from webapp.designer.rules import RULES

TABLE = dmn(decision("rate", ["kind"], ["priority"], [["<", "1"]], policy="ANY"))
FORM = b"""{"components": [
  {"type": "textfield", "key": "a", "label": "A"},
  {"type": "textfield", "key": "b", "label": "B", "conditional": {"hide": "=a ="}}
]}"""


@pytest.fixture
def speaking(designer):
    """Let the designer read another language."""

    def speak(language):
        with designer.product.db.write() as session:
            session.query(Staff).filter_by(username="designerUser").one().locale = language

    return speak


def opened(designer, answer, number=0):
    """Follow the link of a finding; return the link and the page it leads to."""
    link = html.fromstring(answer.text).xpath("//ul[@class='findings']/li/a")[number]
    return link, html.fromstring(page(designer.client.get(link.get("href"))))


def here(tree):
    return tree.xpath("string(//pre[@class='excerpt']/span[@class='here'])")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "There is no operation called closure.explode."),
        ("nl", "Er is geen bewerking met de naam closure.explode."),
        ("de", "Es gibt keine Operation namens closure.explode."),
    ],
)
def test_a_finding_is_read_in_the_designers_own_language(designer, speaking, language, words):
    speaking(language)
    answer = designer.upload({"x.bpmn": designer.closure(**{"closure.close": "closure.explode"})})
    assert words in findings(answer)[0]
    tree = html.fromstring(answer.text)
    assert tree.xpath("//ul[@class='findings']//*[@lang]") == []


def test_the_sentence_inside_a_sentence_is_translated_too(designer, speaking):
    speaking("nl")
    answer = designer.upload({"read_reply.form": FORM}, "closure")
    (found,) = [each for each in findings(answer) if "form-condition" in each]
    assert "De voorwaarde “hide” is niet te lezen. Kolom" in found
    assert "Na “=” ontbreekt iets." in found


def test_a_finding_on_a_form_shows_the_lines_of_its_component(designer):
    answer = designer.upload({"read_reply.form": FORM}, "closure")
    assert answer.status_code == 422
    link, tree = opened(designer, answer)
    assert "closure/forms/read_reply.form:3 · b · form-condition" in findings(answer)[0]
    assert '"key": "b"' in here(tree)
    assert link.get("data-shape") in {None, ""}


def test_a_finding_on_a_decision_table_shows_its_lines(designer):
    answer = designer.upload({"rate.dmn": TABLE}, "closure")
    assert answer.status_code == 422
    found = findings(answer)
    assert {"hit-policy", "expression"} <= {each.split(" · ")[-1] for each in found}
    number = next(n for n, each in enumerate(found) if each.endswith("hit-policy"))
    _, tree = opened(designer, answer, number)
    assert "decisionTable" in here(tree)


def marked(tree):
    host = tree.xpath("//*[@data-checked]")[0]
    return host.get("data-marks"), host.get("data-focus")


def test_a_finding_on_a_message_leads_to_the_event_that_uses_it(designer):
    raw = designer.closure().replace(b'id="customer_agrees"', b'id="customer_reply"')
    answer = designer.upload({"x.bpmn": raw})
    found = findings(answer)
    number = next(n for n, each in enumerate(found) if each.endswith("duplicate-id"))
    link, tree = opened(designer, answer, number)
    assert link.get("data-shape") == "reply_arrives"
    assert "reply_arrives" in marked(tree)[0]
    assert marked(tree)[1] == "reply_arrives"


def test_a_finding_on_a_sequence_flow_leads_to_the_flow(designer):
    raw = designer.closure()
    start = raw.index(b"<bpmn:conditionExpression")
    end = raw.index(b">", start) + 1
    answer = designer.upload({"x.bpmn": raw[:end] + b"open( " + raw[end:]})
    link, tree = opened(designer, answer)
    assert link.get("data-shape") == "from_mode_to_close_at_once"
    assert "from_mode_to_close_at_once" in marked(tree)[0]


def test_a_finding_on_a_lane_leads_to_the_lane(designer):
    raw = designer.closure().replace(b'name="Handler"', b'name=" "')
    answer = designer.client.get(designer.checked({"x.bpmn": raw}))
    link, tree = opened(designer, answer)
    assert link.get("data-shape") == "closure_handler"
    assert marked(tree)[1] == "closure_handler"


def test_a_process_that_fails_on_trial_is_not_deployed(designer):
    """The rules see nothing wrong with it; only starting it shows that it cannot run."""
    raw = (
        b'<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" '
        b'targetNamespace="x"><bpmn:process id="loud" isExecutable="true">'
        b'<bpmn:startEvent id="s"/><bpmn:scriptTask id="t"><bpmn:script>x = 1 / 0</bpmn:script>'
        b'</bpmn:scriptTask><bpmn:endEvent id="e"/>'
        b'<bpmn:sequenceFlow id="a" sourceRef="s" targetRef="t"/>'
        b'<bpmn:sequenceFlow id="b" sourceRef="t" targetRef="e"/></bpmn:process></bpmn:definitions>'
    )
    answer = designer.upload({"loud.bpmn": raw})
    assert answer.status_code == 422
    (found,) = findings(answer)
    assert found.startswith("Trial run (error) Started on trial, the process failed:")
    assert "A number cannot be divided by zero." in found
    assert designer.versions("loud") == []


def test_checking_showing_and_deploying_a_draft_starts_one_child(designer):
    trial.MEMORY_OF_TRIALS.forget()
    before = trial.MEMORY_OF_TRIALS.children
    where = designer.checked({"closure.bpmn": designer.closure("P5D")})
    assert designer.client.get(where).status_code == 200
    assert designer.client.post(f"{where}/deploy").status_code == 303
    assert trial.MEMORY_OF_TRIALS.children == before + 1


def test_every_rule_has_short_words():
    assert all(str(words) for words in RULES.values())


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("old", "new", "shape"),
    [
        (b'id="customer_agrees"', b'id="customer_reply"', "reply_arrives"),
        (b'name="Handler"', b'name=" "', "closure_handler"),
        (b">mode ==", b">open( mode ==", "from_mode_to_close_at_once"),
    ],
)
def test_messages_lanes_and_flows_are_marked_on_the_drawing(windows, designer, old, new, shape):
    raw = designer.closure()
    window = windows()
    window.sign_in({"casewright-desk": designer.client.get_cookie("casewright-desk").value})
    opened_page = window.go("/designer/closure")
    opened_page.get_by_role("tab", name="New version").click()
    send(opened_page, {"x.bpmn": raw.replace(old, new)})
    opened_page.locator("[data-drawn=yes]").wait_for()

    opened_page.locator(f".findings a[data-shape={shape}]").first.press("Enter")

    expect(opened_page.locator(f"g[data-element-id={shape}][class*='is-']")).to_be_attached()
    expect(opened_page.locator(".tok")).to_be_visible()
    expect(opened_page.locator(".excerpt .here")).to_have_count(1)


def test_only_what_the_upload_changes_is_told(designer):
    """A warning on somebody else's process stays with that process."""
    other = d.diagram("other", d.start(), d.user("a", "imported.keep_answers"))
    other = other.replace(b"</bpmn:process>", d.chain("start", "a").encode() + b"</bpmn:process>")
    with designer.product.db.write() as session:
        files = {"other/other.bpmn": other, "other/forms/any.form": d.FORM}
        deployment.deploy(session, files, designer.product.vocabulary, actor="staff:1", trial=False)
    mine = other.replace(b'"other"', b'"mine"')
    answer = designer.upload({"mine.bpmn": mine, "any.form": d.FORM}, follow_redirects=True)
    assert [text for text in findings(answer) if "other/" in text] == []
    assert len([text for text in findings(answer) if "no-end-event" in text]) == 1
