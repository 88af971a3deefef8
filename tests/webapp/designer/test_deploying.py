from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from lxml import html

from engine import queries
from processes.people.models import Role, Staff
from tests.webapp.admin.conftest import Practice
from tests.webapp.conftest import page
from tests.webapp.designer.pages import archive, findings

FIRST = (1, True, "Shipped")


def texts(response):
    return " ".join(html.fromstring(response.text).text_content().split())


def test_a_good_file_is_checked_first_and_deployed_only_then(designer):
    where = designer.checked({"my closure.bpmn": designer.closure("P5D")})

    text = texts(check := designer.client.get(where))
    assert "closure/closure.bpmnchanged" in text
    assert "Closure: new version 2." in text
    assert "Request: new version 2." in text  # it contains closure
    assert "Portal access" not in text
    assert check.status_code == 200
    assert designer.versions("closure") == [FIRST]

    answer = designer.client.post(
        f"{where}/deploy", data={"comment": " Five  days "}, follow_redirects=True
    )

    assert "Closure: version 2 is deployed" in page(answer)
    assert designer.versions("closure") == [(2, True, "Five days"), (1, False, "Shipped")]
    assert designer.versions("request")[0] == (2, True, "Five days")
    assert designer.versions("portal_access") == [FIRST]


def test_old_cases_keep_their_wait_and_new_ones_get_the_new(designer):
    practice = Practice(designer.product)
    old = practice.ask()
    practice.answer(old)
    designer.deploy({"closure.bpmn": designer.closure("P5D")})
    new = practice.ask("Another question")
    practice.answer(new)

    with designer.product.db.read() as session:
        due = {
            case.id: queries.next_due(session, practice.instance(case).id) for case in (old, new)
        }
    assert round((due[old.id] - due[new.id]).total_seconds() / 86_400) == 3
    assert practice.instance(old).version == 1
    assert practice.instance(new).version == 2


def test_every_error_is_named_with_file_line_and_element(designer):
    bad = designer.closure(**{"closure.close": "closure.explode"})
    line = 1 + bad[: bad.index(b'id="close_at_once"')].count(b"\n")

    answer = designer.upload({"closure.bpmn": bad})

    assert answer.status_code == 422
    found = findings(answer)
    assert f"closure/closure.bpmn:{line} · close_at_once · unknown-operation" in found[0]
    assert "There is no operation called closure.explode." in found[0]
    assert "(error)" in found[0]
    assert "Deploy as new version" not in answer.text
    assert designer.versions("closure") == [FIRST]


def test_a_finding_leads_to_its_element_and_its_lines(designer):
    bad = designer.closure(**{"closure.close": "closure.explode"})
    tree = html.fromstring(designer.upload({"closure.bpmn": bad}).text)
    link = tree.xpath("//ul[@class='findings']/li/a")[0]
    assert link.get("data-shape") == "close_at_once"

    opened = html.fromstring(page(designer.client.get(link.get("href"))))

    (host,) = opened.xpath("//*[@data-checked]")
    assert host.get("data-focus") == "close_at_once"
    assert "close_at_once" in host.get("data-marks")
    assert 'id="close_at_once"' in opened.xpath(
        "string(//pre[@class='excerpt']/span[@class='here'])"
    )
    assert opened.xpath("//ul[@class='findings']//a[@aria-current='true']")
    drawn = designer.client.get(host.get("data-checked"))
    assert b"closure.explode" in drawn.data


def test_a_broken_form_is_named_too(designer):
    answer = designer.upload({"read_reply.form": b'{"components": [{"type": "magic"}]}'}, "closure")

    assert answer.status_code == 422
    assert "closure/forms/read_reply.form" in findings(answer)[0]
    assert "Nothing to draw" in answer.text


def test_a_whole_folder_is_sent_as_an_archive(designer):
    folder = {
        **{f"bpmn/{name}": raw for name, raw in designer.shipped.items()},
        "bpmn/closure/closure.bpmn": designer.closure("P5D"),
        "bpmn/closure/README.md": b"About closing",
        "bpmn/closure/scenarios/agreed.json": b"{}",
        "__MACOSX/bpmn/closure/._closure.bpmn": b"\0\0",
    }

    designer.deploy({"all.zip": archive(folder)})

    assert designer.versions("closure")[0] == (2, True, "")
    with designer.product.db.read() as session:
        newest = queries.versions(session, "closure")[0]
        files = designer.product.engine.definitions.get(session, newest.id).files
    assert set(files) == {name for name in designer.shipped if name.startswith("closure/")}


def test_the_same_files_again_change_nothing(designer):
    where = designer.checked({"closure.bpmn": designer.closure()})

    assert "Nothing would change" in page(designer.client.get(where))
    answer = designer.client.post(f"{where}/deploy", follow_redirects=True)

    assert "Nothing had to be deployed" in page(answer)
    assert designer.versions("closure") == [FIRST]


def test_back_to_an_older_version_says_what_it_does(designer):
    designer.deploy({"closure.bpmn": designer.closure("P5D")}, comment="Five days")

    answer = designer.client.post("/designer/closure/versions/1/again", follow_redirects=True)
    text = texts(answer)
    assert "Closure: version 1 becomes active again." in text
    assert "Request: version 1 becomes active again." in text
    assert 'value="Back to version 1"' in answer.text
    assert designer.versions("closure")[0][1] is True  # nothing has happened yet

    done = designer.client.post(
        html.fromstring(answer.text).xpath("//form[contains(@action, 'deploy')]/@action")[0],
        follow_redirects=True,
    )

    assert "Closure: version 1 is active again." in page(done)
    assert designer.versions("closure") == [(2, False, "Five days"), FIRST]


def test_back_to_an_older_bundle_brings_back_what_it_called(designer):
    """Request itself is the same in both versions; what it calls is not."""
    designer.deploy({"closure.bpmn": designer.closure("P5D")})

    answer = designer.client.post("/designer/request/versions/1/again", follow_redirects=True)

    text = texts(answer)
    assert "Closure: version 1 becomes active again." in text
    assert "Request: version 1 becomes active again." in text


def test_a_draft_belongs_to_one_person(designer, signed_in, product):
    where = designer.checked({"closure.bpmn": designer.closure("P5D")})
    stranger = designer.client.application.test_client()
    colleague = signed_in(stranger, "agentUser")
    with product.db.write() as session:
        session.get_one(Staff, colleague.id).role = Role.DESIGNER

    assert stranger.get(where).status_code == 404
    assert stranger.get(f"{where}/files/closure/closure.bpmn").status_code == 404
    assert stranger.post(f"{where}/drop").status_code == 404
    assert stranger.post(f"{where}/deploy").headers["Location"] == "/designer/"
    assert designer.versions("closure") == [FIRST]
    assert designer.client.get(where).status_code == 200


def test_a_draft_can_be_thrown_away(designer):
    where = designer.checked({"closure.bpmn": designer.closure("P5D")}, "closure")

    assert designer.client.post(f"{where}/drop").headers["Location"] == "/designer/closure"
    assert designer.client.get(where).status_code == 404
    gone = designer.client.post(f"{where}/deploy", follow_redirects=True)
    assert "This upload is gone" in page(gone)
    assert designer.versions("closure") == [FIRST]


@pytest.mark.parametrize(
    "path",
    [
        "drafts/{id}",
        "drafts/nonsense",
        "drafts/{id}/files/closure/closure.bpmn",
    ],
)
def test_drafts_that_are_not_there_are_not_found(designer, path):
    assert designer.client.get(f"/designer/{path.format(id=uuid4())}").status_code == 404


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "closure/forms/read_reply.form", "nothing"]
)
def test_only_diagrams_of_the_check_are_sent_to_be_drawn(designer, name):
    where = designer.checked({"closure.bpmn": designer.closure("P5D")})
    assert designer.client.get(f"{where}/files/{name}").status_code == 404


@pytest.mark.parametrize(
    "query", ["line=-1", "line=²", "line=" + "9" * 30, "file=%00", "element=']"]
)
def test_odd_addresses_of_a_draft_break_nothing(designer, query):
    where = designer.checked({"closure.bpmn": designer.closure("P5D")})
    assert designer.client.get(f"{where}?{query}").status_code == 200


def test_what_became_wrong_in_the_meantime_is_not_deployed(designer):
    """Checked while fine; by the time of deploying it calls a process nobody knows."""
    where = designer.checked({"closure.bpmn": designer.closure("P5D")})
    vocabulary = designer.product.vocabulary.operations
    lost = vocabulary._operations.pop("closure.close")  # noqa: SLF001 - as after an update
    try:
        answer = designer.client.post(f"{where}/deploy")
    finally:
        vocabulary._operations["closure.close"] = lost  # noqa: SLF001

    assert answer.status_code == 422
    assert "There is no operation called closure.close." in answer.text
    assert designer.versions("closure") == [FIRST]


def test_two_deployments_at_once_happen_one_after_the_other(designer, signed_in):
    """Two designers, two files of one bundle: both arrive, whole, in one order or the other."""
    handle = designer.shipped["request/request.bpmn"].replace(b"P14D", b"P21D")
    assert handle != designer.shipped["request/request.bpmn"]
    sent = [{"closure.bpmn": designer.closure("P5D")}, {"request.bpmn": handle}]
    places = [designer.checked(files) for files in sent]
    browsers = [designer.client, designer.client.application.test_client()]
    signed_in(browsers[1], "designerUser")
    start = Barrier(2)

    def deploy(browser, where):
        start.wait()
        return browser.post(f"{where}/deploy").status_code

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(deploy, browsers, places))

    assert answers == [303, 303]
    assert [version for version, *_ in designer.versions("request")] == [3, 2, 1]
    assert [version for version, *_ in designer.versions("closure")] == [2, 1]
    with designer.product.db.read() as session:
        newest = next(row for row in queries.versions(session, "request") if row.active)
        files = designer.product.engine.definitions.get(session, newest.id).files
    assert b"P21D" in files["request/request.bpmn"]
    assert b"P5D" in files["closure/closure.bpmn"]


def test_one_draft_clicked_twice_is_deployed_once(designer, signed_in):
    where = designer.checked({"closure.bpmn": designer.closure("P5D")})
    browsers = [designer.client, designer.client.application.test_client()]
    signed_in(browsers[1], "designerUser")
    start = Barrier(2)

    def deploy(browser):
        start.wait()
        return browser.post(f"{where}/deploy").status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(deploy, browsers)) == [303, 303]
    assert [version for version, *_ in designer.versions("closure")] == [2, 1]
