import pytest
from lxml import etree

from engine import queries
from tests.webapp.conftest import SignIn
from webapp.diagrams import translated

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
FILE = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core">
  <bpmn:collaboration id="c"><bpmn:participant id="pool" name="Request" processRef="request"/>
  </bpmn:collaboration>
  <bpmn:process id="request" name="Request"><bpmn:extensionElements><spiffworkflow:properties>
    <spiffworkflow:property name="label.nl" value="Aanvraag"/></spiffworkflow:properties>
  </bpmn:extensionElements>
  <bpmn:userTask id="classify" name="Classify"><bpmn:extensionElements><spiffworkflow:properties>
    <spiffworkflow:property name="label.nl" value="Classificeren &amp; meer"/>
    <spiffworkflow:property name="label.de" value="Klassifizieren"/></spiffworkflow:properties>
  </bpmn:extensionElements></bpmn:userTask>
  <bpmn:endEvent id="end" name="Done"/></bpmn:process></bpmn:definitions>"""


def names(xml: bytes) -> dict[str, str]:
    return {
        e.get("id"): e.get("name")
        for e in etree.fromstring(xml).iter()
        if e.get("name") and e.get("id")
    }


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "nl",
            {
                "pool": "Aanvraag",
                "request": "Aanvraag",
                "classify": "Classificeren & meer",
                "end": "Done",
            },
        ),
        (
            "de",
            {"pool": "Request", "request": "Request", "classify": "Klassifizieren", "end": "Done"},
        ),
        ("en", {"pool": "Request", "request": "Request", "classify": "Classify", "end": "Done"}),
    ],
)
def test_a_diagram_speaks_the_readers_language(language, expected):
    assert names(translated(FILE, language)) == expected


@pytest.fixture
def version(product) -> int:
    with product.db.read() as session:
        return queries.versions(session, "request")[0].id


def test_staff_see_a_deployed_diagram_for_good(client, signed_in: SignIn, version):
    signed_in(client, "serviceUser")

    answer = client.get(f"/diagrams/{version}/request.bpmn?language=nl")

    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert "private" in answer.headers["Cache-Control"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert b"BPMNDiagram" in answer.data


def test_a_called_process_is_part_of_the_same_version(client, signed_in: SignIn, version):
    signed_in(client, "adminUser")

    assert client.get(f"/diagrams/{version}/closure.bpmn").status_code == 200


@pytest.mark.parametrize(
    "path", ["999999/request.bpmn", "{version}/nothing.bpmn", "{version}/..%2Frequest.bpmn"]
)
def test_what_was_never_deployed_is_not_found(client, signed_in: SignIn, version, path):
    signed_in(client, "serviceUser")

    assert client.get("/diagrams/" + path.format(version=version)).status_code == 404


def test_a_diagram_is_for_those_who_work_with_it(client, signed_in: SignIn, version):
    assert client.get(f"/diagrams/{version}/request.bpmn").status_code == 303
    signed_in(client, "faqNewsUser")
    assert client.get(f"/diagrams/{version}/request.bpmn").status_code == 403
