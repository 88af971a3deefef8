import io
from zipfile import ZipFile

import pytest
from lxml import html

from processes.demo.users import USERS
from tests.webapp.admin.tables import rows
from tests.webapp.conftest import page

PROCESSES = ("closure", "portal_access", "request")


def test_every_process_is_listed_with_its_active_version(designer):
    found = rows(designer.client.get("/designer/"))

    assert [row.split()[0] for row in found] == ["Closure", "Portal", "Request"]
    assert all("1 of 1" in row for row in found)
    assert all("System" in row for row in found)


def test_a_process_shows_its_diagram_versions_and_files(designer):
    text = page(designer.client.get("/designer/closure"))
    tree = html.fromstring(text)

    assert "/closure.bpmn" in tree.xpath("//@data-diagram")[0]
    assert tree.xpath("string(//ol[contains(@class, 'versions')]/li//a)").strip() == "Version 1"
    files = tree.xpath("//a[@download]/text()")
    assert "closure/closure.bpmn" in files
    assert "closure/forms/read_reply.form" in files


def test_which_cases_run_on_which_version(designer, practice_of_one):
    text = page(designer.client.get("/designer/request"))
    tree = html.fromstring(text)

    (running,) = tree.xpath("//ol//p/a[text()='1 running']/@href")
    assert running == "/admin/?process=request&version=1"
    waiting = tree.xpath("//div[@id='details-steps']//tbody/tr")
    assert " ".join(waiting[0].text_content().split()) == "Classify 1"
    (state,) = tree.xpath("//@data-state")
    assert '"classify"' in state
    (step,) = waiting[0].xpath(".//a/@href")
    assert practice_of_one in page(designer.client.get(step))


def test_a_called_process_tells_the_cases_of_its_callers(designer, practice_of_one):
    text = page(designer.client.get("/designer/closure"))

    assert "1 running case of Request, version 1, uses it" in text


def test_older_versions_stay_to_be_looked_at(designer):
    designer.deploy({"closure.bpmn": designer.closure("P5D")}, comment="Five days")

    new = page(designer.client.get("/designer/closure"))
    old = page(designer.client.get("/designer/closure?version=1"))

    assert "Five days" in new
    assert "Daan Visser" in new
    assert html.fromstring(new).xpath("//@data-diagram") != html.fromstring(old).xpath(
        "//@data-diagram"
    )
    odd = designer.client.get("/designer/closure?version=first")
    assert odd.status_code == 200


def test_files_are_downloaded_as_they_were_deployed(designer):
    designer.deploy({"closure.bpmn": designer.closure("P5D")})

    one = designer.client.get("/designer/closure/versions/2/files/closure/closure.bpmn")
    whole = designer.client.get("/designer/request/versions/1.zip")

    assert one.data == designer.closure("P5D")
    assert one.headers["Content-Disposition"] == "attachment; filename=closure.bpmn"
    assert "sandbox" in one.headers["Content-Security-Policy"]
    with ZipFile(io.BytesIO(whole.data)) as packed:
        assert packed.read("closure/closure.bpmn") == designer.shipped["closure/closure.bpmn"]
        assert {name.split("/")[0] for name in packed.namelist()} == set(PROCESSES)


@pytest.mark.parametrize(
    "path",
    [
        "nobody",
        "%00",
        "..%2F..",
        "nobody/versions/1.zip",
        "closure/versions/2.zip",
        "closure/versions/99999999999999999999.zip",
        "closure/versions/1/files/closure/nothing.form",
        "closure/versions/1/files/../../../../etc/passwd",
        "closure/versions/1/files/%2Fetc%2Fpasswd",
    ],
)
def test_what_is_not_there_is_not_found(designer, path):
    assert designer.client.get(f"/designer/{path}").status_code in {404, 308}


@pytest.mark.parametrize("username", [user.username for user in USERS])
def test_designers_read_and_write_and_admins_read(client, product, signed_in, username):
    signed_in(client, username)
    reads = username in {"designerUser", "adminUser"}
    writes = username == "designerUser"

    for path in ("", "closure", "closure/versions/1.zip"):
        assert client.get(f"/designer/{path}").status_code == (200 if reads else 403)
    assert ("Check files" in client.get("/designer/").text) is writes
    answer = client.post("/designer/uploads", data={})
    assert answer.status_code == (422 if writes else 403)
    again = client.post("/designer/closure/versions/1/again")
    assert again.status_code == (303 if writes else 403)
