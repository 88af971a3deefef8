"""The shipped diagrams keep the product's conventions."""

import json
from pathlib import Path

import pytest
from lxml import etree

from engine.linter import lint
from engine.spiff.elements import flow_nodes
from engine.spiff.parser import processes
from processes.bootstrap import build
from processes.config import Settings

FOLDER = Path(__file__).parents[2] / "bpmn"
DIAGRAMS = sorted(path.parent.name for path in FOLDER.glob("*/*.bpmn"))
LANGUAGES = ("en", "nl", "de")
NAMED = {"userTask", "serviceTask", "eventBasedGateway", "intermediateCatchEvent", "callActivity"}


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    return build(Settings(secret_key="k" * 40, data_dir=folder))


def nodes(name):
    raw = (FOLDER / name / f"{name}.bpmn").read_bytes()
    return flow_nodes(etree.fromstring(raw), name)


def test_every_shipped_file_is_without_findings(product):
    assert [str(finding) for finding in lint(product.shipped_files(), product.vocabulary)] == []


def test_every_operation_is_used_by_a_diagram_and_every_diagram_by_operations_that_exist(product):
    used = set()
    for name in DIAGRAMS:
        root = etree.parse(FOLDER / name / f"{name}.bpmn").getroot()
        space = {"s": "http://spiffworkflow.org/bpmn/schema/1.0/core"}
        used |= set(root.xpath("//s:serviceTaskOperator/@id", namespaces=space))
        used |= set(root.xpath("//s:property[@name='operation']/@value", namespaces=space))
    known = {name for name in product.vocabulary.operations.names() if not for_others(name)}
    assert used == known


def for_others(name):
    """Tell whether an operation is for diagrams that designers bring, or of the fault plan."""
    return name == "imported.keep_answers" or name.startswith("faults.")


@pytest.mark.parametrize("name", DIAGRAMS)
def test_a_folder_is_named_like_its_process_and_explains_itself(name):
    assert [process for process, _ in processes((FOLDER / name / f"{name}.bpmn").read_bytes())] == [
        name
    ]
    assert (FOLDER / name / "README.md").exists()
    assert list((FOLDER / name / "scenarios").glob("*.json"))


@pytest.mark.parametrize("name", DIAGRAMS)
def test_what_people_read_on_a_diagram_is_there_in_three_languages(name):
    missing = [
        f"{node.id}: label.{language}"
        for node in nodes(name)
        if node.kind in NAMED
        for language in LANGUAGES[1:]
        if not node.properties.get(f"label.{language}")
    ]
    assert missing == []


@pytest.mark.parametrize("name", DIAGRAMS)
def test_every_wait_state_says_status_and_why_it_waits_in_three_languages(name):
    missing = []
    for node in nodes(name):
        if node.kind not in {"userTask", "eventBasedGateway"} or "status" not in node.properties:
            continue
        wanted = ["milestone", "sla_clock"]
        for text in ("milestone", "public_label", "explain"):
            wanted += [f"{text}.{language}" for language in LANGUAGES]
        missing += [f"{node.id}: {key}" for key in wanted if not node.properties.get(key)]
    assert missing == []


@pytest.mark.parametrize("name", DIAGRAMS)
@pytest.mark.requirement_part("CON-37", missing="that the help is shown beside the form")
def test_every_user_task_has_help_in_three_languages(name):
    for node in nodes(name):
        if node.kind == "userTask":
            assert node.documentation, node.id
            assert node.properties.get("help.nl"), node.id
            assert node.properties.get("help.de"), node.id


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/forms/*.form")), ids=lambda p: p.name)
def test_forms_are_plain_json(path):
    assert json.loads(path.read_text())["components"]
