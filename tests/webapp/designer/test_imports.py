"""Diagrams of other tools in the designer: uploaded, listed, deployed, started and done by hand."""

import io
from zipfile import ZipFile

import pytest
from lxml import html
from sqlalchemy import update

from engine import queries
from processes.imported.operations import MOST_BYTES
from processes.people.models import Staff
from tests.engine.conversion.files import files_of
from webapp.designer import imports


def tree_of(response):
    return html.fromstring(response.text)


def notes_on(response):
    """Return the words of each note on the page of a check."""
    links = tree_of(response).xpath("//section[@id='import']//li/a")
    return [" ".join(link.text_content().split()) for link in links]


@pytest.fixture
def imported(designer):
    """The address of an upload of the drawings of Camunda 7."""
    return designer.checked(files_of("camunda7"))


def test_an_upload_of_another_tool_lists_what_became_of_it(designer, imported):
    found = notes_on(designer.client.get(imported))

    assert "lost" in found[0]
    assert any("“com.shop.PayBack” is code that is not here" in line for line in found)
    assert any("order_complaint.bpmn:44 · refund" in line for line in found)
    kept = [line for line in found if ", kept" in line]
    assert kept == found[-len(kept) :]


def test_a_note_leads_to_its_shape_as_findings_do(designer, imported):
    page = designer.client.get(f"{imported}?file=order_complaint/order_complaint.bpmn")

    links = tree_of(page).xpath("//section[@id='import']//a[@data-shape='refund']")
    assert links
    assert "file=order_complaint" in links[0].get("href")
    drawing = tree_of(page).xpath("//*[@data-checked]/@data-checked")[0]
    assert b"refund" in designer.client.get(drawing).data


def test_the_converted_files_can_be_downloaded_before_they_are_deployed(designer, imported):
    answer = designer.client.get(f"{imported}/files.zip")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    with ZipFile(io.BytesIO(answer.data)) as archive:
        names = archive.namelist()
        assert "order_complaint/order_complaint.bpmn" in names
        assert "order_complaint/forms/judge.form" in names
        assert "notes.json" not in names
        assert b"camunda" not in archive.read("order_complaint/order_complaint.bpmn")


def test_an_upload_in_our_dialect_has_no_import_section(designer):
    answer = designer.client.get(designer.checked({"closure.bpmn": designer.closure("P5D")}))

    assert notes_on(answer) == []


def test_an_imported_process_may_not_replace_one_of_the_product(designer):
    raw = files_of("camunda7")["order_complaint.bpmn"].replace(b'"order_complaint"', b'"request"')

    designer.deploy({"request.bpmn": raw})

    assert designer.versions("request") == [(1, True, "Shipped")]
    assert len(designer.versions("request_2")) == 1


class Started:
    """An instance of the imported order complaint, and the pages it is done on."""

    def __init__(self, designer, key="A-17"):
        self.client, self.product = designer.client, designer.product
        designer.client.post(f"{designer.checked(files_of('camunda7'))}/deploy")
        answer = self.client.post("/designer/order_complaint/start", data={"key": key})
        assert answer.status_code == 303
        self.address = answer.headers["Location"]

    @property
    def row(self):
        with self.product.db.read() as session:
            return queries.instances(session, queries.InstanceFilter(process="order_complaint"))[0]

    def steps(self):
        forms = tree_of(self.client.get(self.address)).xpath("//div[@id='in-steps']//form")
        return {form.get("id") or "": form.get("action") for form in forms}

    def send(self, **answers):
        (address,) = self.steps().values()
        return self.client.post(address, data=answers)


@pytest.fixture
def started(designer):
    return Started(designer)


def test_an_instance_is_started_and_done_by_hand(started):
    assert started.row.key == "A-17"
    assert started.send(order_number="A-17", amount="120").status_code == 303
    assert started.send(done_by_hand="true").status_code == 303
    assert started.send(kind="late", justified="true", note="").status_code == 303
    assert started.send(approved="true").status_code == 303
    assert started.send(done_by_hand="true").status_code == 303

    assert started.row.status == "completed"


def test_what_is_missing_is_said_and_what_was_typed_stays(started):
    answer = started.send(order_number="B-4", amount="")

    assert answer.status_code == 422
    assert "Please fill in “Amount in euro”." in answer.text
    assert tree_of(answer).xpath("//input[@name='order_number']/@value") == ["B-4"]
    assert tree_of(answer).xpath("//*[@id='details-tab-steps']/@aria-selected") == ["true"]


def test_answers_that_are_too_large_are_refused_at_their_field(started):
    started.send(order_number="A-17", amount="120")
    started.send(done_by_hand="true")

    answer = started.send(kind="late", justified="true", note="ü" * 999)
    assert answer.status_code == 303  # 2 kB: fits
    assert len("ü".encode() * 999) < MOST_BYTES


def test_a_step_that_is_done_already_is_told_with_what_was_typed(started):
    (address,) = started.steps().values()
    form = tree_of(started.client.get(started.address)).xpath("//div[@id='in-steps']//form")[0]
    typed = dict(form.fields) | {"order_number": "B-4", "amount": "1"}
    started.send(order_number="A-17", amount="120")

    answer = started.client.post(address, data=typed)

    assert answer.status_code == 409
    said = " ".join(tree_of(answer).xpath("//*[@id='in-steps']")[0].text_content().split())
    assert "You have completed this step already" in said
    assert "Order number B-4" in said
    assert tree_of(answer).xpath("//*[@id='details-tab-steps']/@aria-selected") == ["true"]


def test_a_step_of_an_instance_that_ended_keeps_what_was_typed(started):
    (address,) = started.steps().values()
    form = tree_of(started.client.get(started.address)).xpath("//div[@id='in-steps']//form")[0]
    with started.product.db.write() as session:
        started.product.engine.cancel(session, started.row.id, "a mistake", "staff:1")

    answer = started.client.post(address, data=dict(form.fields) | {"order_number": "B-4"})

    assert answer.status_code == 409
    said = " ".join(tree_of(answer).xpath("//*[@id='in-steps']")[0].text_content().split())
    assert "no longer needed" in said
    assert "Order number B-4" in said


@pytest.mark.parametrize("key", ["", "   ", "x" * 61, "\0"])
def test_a_start_without_a_usable_key_says_so(designer, key):
    designer.deploy(files_of("camunda7"))

    answer = designer.client.post("/designer/order_complaint/start", data={"key": key})

    assert answer.status_code == 422
    assert "Please give a key of at most 60 characters." in answer.text
    assert tree_of(answer).xpath("//*[@id='details-tab-start']/@aria-selected") == ["true"]


@pytest.mark.parametrize("key", ["1", "+1", "1_0", "\u0661", "\u0661_\u0660"])
def test_a_key_that_reads_as_a_number_is_never_that_of_a_case(designer, key):
    assert Started(designer, key=key).row.key == f"#{key}"


@pytest.mark.parametrize("process", ["request", "closure", "gone"])
def test_processes_of_the_product_are_not_started_by_hand(designer, process):
    answer = designer.client.post(f"/designer/{process}/start", data={"key": "1"})

    assert answer.status_code == 404


def test_a_process_that_a_message_starts_begins_by_hand_as_if_it_had_come(designer):
    designer.deploy(files_of("camunda7"))

    assert "callback wanted" in designer.client.get("/designer/callback_request").text
    answer = designer.client.post("/designer/callback_request/start", data={"key": "A-1"})
    assert answer.status_code == 303
    with designer.product.db.read() as session:
        assert [row.process for row in queries.instances_of(session, "A-1")] == ["callback_request"]


def test_who_may_not_deploy_may_not_start(designer, signed_in, client):
    designer.deploy(files_of("camunda7"))
    signed_in(client, "adminUser")

    assert "start-title" not in client.get("/designer/order_complaint").text
    answer = client.post("/designer/order_complaint/start", data={"key": "A-1"})
    assert answer.status_code == 403


def test_an_admin_does_steps_and_an_agent_does_not(started, signed_in, client):
    signed_in(client, "adminUser")
    assert started.send(order_number="A-17", amount="5").status_code == 303
    (address,) = started.steps().values()
    signed_in(client, "serviceUser")
    assert client.post(address, data={"done_by_hand": "true"}).status_code == 403


def test_steps_of_a_case_are_done_on_the_desk_only(designer, practice_of_one, signed_in, client):
    with designer.product.db.read() as session:
        row = queries.instances(session, queries.InstanceFilter(process="request"))[0]
        (task,) = queries.open_tasks(session, row.key)
    signed_in(client, "adminUser")

    assert "in-steps" not in client.get(f"/admin/instances/{row.id}").text
    client.post(f"/admin/instances/{row.id}/steps/{task.id}", data={"subject": "x"})
    with designer.product.db.read() as session:
        assert queries.open_task(session, task.id) is not None


def test_nobody_waits_with_writing_while_an_upload_is_converted(designer, monkeypatch):
    convert = imports.converted

    def observed(sent):
        with designer.product.db.write() as session:
            session.execute(update(Staff).values(theme="dark"))
        return convert(sent)

    monkeypatch.setattr(imports, "converted", observed)

    assert designer.checked(files_of("camunda7"))
