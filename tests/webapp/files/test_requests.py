"""Files that come with a request of somebody we do not know yet."""

from io import BytesIO

import pytest
from sqlalchemy import func, select

from processes.cases.models import Activity, Case
from processes.files.models import Attachment, StoredFile
from processes.people import rate_limits
from tests.processes.files import samples
from tests.webapp.portal.conftest import REQUEST, problem_at
from webapp.portal import keys


@pytest.fixture
def send(client, web):
    """Send the request form as a browser without scripts does."""
    client.set_cookie("lang", "en")

    def post(*files, key=None, **changed):
        with web.app_context():
            filled = {keys.FIELD: key or keys.issue()} | REQUEST | changed
        sent = [(BytesIO(content), name) for name, content in files] or [(BytesIO(), "")]
        return client.post(
            "/portal/request",
            data=filled | {"files": sent},
            content_type="multipart/form-data",
        )

    return post


def counted(house, model) -> int:
    with house.db.read() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_files_stand_at_the_customers_first_message(send, house, desk):
    answer = send(("photo.png", samples.picture()), ("notes.txt", b"notes"))
    assert answer.status_code == 303
    with house.db.read() as session:
        case = session.scalars(select(Case)).one()
        entry = session.scalars(select(Activity).where(Activity.case_id == case.id)).first()
        names = session.scalars(
            select(Attachment.name).where(Attachment.activity_id == entry.id)
        ).all()
    assert sorted(names) == ["notes.txt", "photo.png"]
    assert "photo.png" in desk.get(f"/desk/cases/{case.number}").text


def test_a_request_without_files_is_as_welcome(send, house):
    assert send().status_code == 303
    assert (counted(house, Case), counted(house, Attachment)) == (1, 0)


@pytest.mark.parametrize(
    ("name", "content"), [("a.exe", b"a"), ("a.jpg", b"MZ\x90"), ("a\u202efdp.scr", b"a")]
)
def test_a_program_is_refused_and_what_was_typed_stays(send, house, name, content):
    answer = send((name, content), description="My long story of what happened")
    assert answer.status_code == 422
    assert "is a program" in answer.text
    assert "My long story of what happened" in answer.text
    assert problem_at(answer.text, "request-files") == "Please choose your files once more."
    assert counted(house, Case) == counted(house, StoredFile) == 0


def test_files_are_asked_for_again_when_something_else_is_missing(send, house):
    answer = send(("a.txt", b"a"), description="")
    assert answer.status_code == 422
    assert problem_at(answer.text, "request-files") == "Please choose your files once more."
    assert counted(house, StoredFile) == 0


def test_files_of_a_forged_form_are_not_even_kept(send, house):
    assert send(("a.txt", b"a"), key="forged").status_code == 400
    assert counted(house, StoredFile) == 0


def test_strangers_send_so_many_files_an_hour_and_no_more(send, house, monkeypatch):
    few = rate_limits.Limit("portal-upload-place", 2, rate_limits.PORTAL_UPLOAD_PLACE.window)
    monkeypatch.setattr(rate_limits, "PORTAL_UPLOAD_PLACE", few)
    answers = [send(("a.txt", b"%d" % n), description=f"Story {n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert counted(house, Attachment) == 2


def test_a_request_sent_twice_has_its_files_once(send, house, web):
    with web.app_context():
        key = keys.issue()
    for _ in range(2):
        assert send(("a.txt", b"a"), key=key).status_code == 303
    assert (counted(house, Case), counted(house, Attachment)) == (1, 1)


def test_a_request_larger_than_the_limit_is_refused(client, house):
    answer = client.post(
        "/portal/request",
        input_stream=BytesIO(b"--x\r\n"),
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(1024**3)},
    )
    assert answer.status_code == 413
    assert counted(house, Case) == 0
