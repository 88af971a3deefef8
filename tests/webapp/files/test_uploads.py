"""Sending files: one by one, with a reply, and what is refused."""

from io import BytesIO

import pytest
from lxml import html
from sqlalchemy import func, select

from processes.cases.models import Activity
from processes.files import services
from processes.files.errors import NoRoomError, StoreAwayError
from processes.files.folder import Folder
from processes.files.models import Attachment, StoredFile
from processes.people import rate_limits
from tests.processes.files import samples
from tests.webapp.files.conftest import upload
from webapp.app import create_app
from webapp.config import WebSettings
from webapp.portal import keys


def counted(house, model=Attachment) -> int:
    with house.db.read() as session:
        return session.scalar(select(func.count()).select_from(model))


def latest(house, case) -> tuple[Activity, list[str]]:
    """Return the last entry of a case and the names of its files."""
    with house.db.read() as session:
        entry = session.scalars(
            select(Activity).where(Activity.case_id == case.id).order_by(Activity.id.desc())
        ).first()
        names = session.scalars(
            select(Attachment.name)
            .where(Attachment.activity_id == entry.id)
            .order_by(Attachment.id)
        )
        return entry, list(names)


def reply(browser, web, case, text="Here it is.", *, files=(), file_keys=(), **more):
    with web.app_context():
        form_key = more.pop("form_key", None) or keys.issue()
    data = {
        "text": text,
        keys.FIELD: form_key,
        "files": [(BytesIO(content), name) for name, content in files],
        "file_keys": list(file_keys),
    }
    address = f"/portal/cases/{case.number}/messages"
    return browser.post(address, data=data, content_type="multipart/form-data", **more)


def problem(text: str) -> str:
    return " ".join(html.fromstring(text).xpath("string(//*[@data-problem])").split())


LEFT_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""Werkzeug leaves the parts of a form it gave up to the garbage collector."""

# one by one


@pytest.mark.parametrize("wants", ["text/html", "application/json"])
def test_an_upload_answers_with_its_key(guest, case, house, wants):
    browser = guest(case)
    answer = upload(
        browser, ("a.png", samples.picture()), side="/portal", headers={"Accept": wants}
    )
    assert answer.status_code == 201
    with house.db.read() as session:
        attachment = session.scalars(select(Attachment)).one()
    assert attachment.key in answer.text
    assert attachment.uploaded_by.startswith("contact:")
    if wants == "application/json":
        assert answer.json[0]["media_type"] == "image/png"


def test_an_agent_uploads_at_the_desk(desk, house):
    assert upload(desk, ("a.txt", b"a")).status_code == 201
    with house.db.read() as session:
        assert session.scalars(select(Attachment.uploaded_by)).one() == house.mila.actor


@pytest.mark.parametrize("side", ["", "/portal"])
def test_strangers_cannot_upload(client, house, side):
    answer = upload(client, ("a.txt", b"a"), side=side)
    assert answer.status_code == 303
    assert "sign-in" in answer.location
    assert counted(house, StoredFile) == 0


def test_an_upload_without_a_token_is_refused(product, signed_in, house):
    strict = create_app(product, WebSettings()).test_client()
    signed_in(strict, "serviceUser")
    assert upload(strict, ("a.txt", b"a")).status_code == 400
    assert counted(house) == 0


REFUSED = {
    "by its name": ("setup.exe", b"not even a program", 422),
    "by its bytes": ("holiday.jpg", b"MZ\x90\x00" + b"\x00" * 99, 422),
    "with a second suffix": ("bill.pdf.scr", b"a", 422),
    "with an invisible character": ("run.ba\u200bt", b"a", 422),
    "turned around": ("bill\u202efdp.exe", b"a", 422),
    "with a dot behind": ("setup.exe.", b"a", 422),
    "with a blank behind": ("setup.exe ", b"a", 422),
    "as a script": ("notes.txt", b"#!/bin/sh\nrm -rf /", 422),
    "in other letters": ("setup.\uff45\uff58\uff45", b"a", 422),
    "too large": ("film.mp4", b"\x00" * 3000, 413),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_customer_may_not_send_is_refused_in_a_sentence(
    guest, case, house, name, smaller_files
):
    del smaller_files
    file, content, status = REFUSED[name]
    answer = upload(guest(case), (file, content), side="/portal")
    assert answer.status_code == status
    assert answer.mimetype == "text/plain"
    assert ("is a program" if status == 422 else "is larger than 2 kB") in answer.text
    assert counted(house) == counted(house, StoredFile) == 0


TAKEN = {
    "drawing.svg": samples.SVG,
    "page.html": samples.HTML,
    "both.gif": b"GIF89a/*<script>*/=alert(1)//</script>",
    "../../etc/cron.d/x": b"* * * * * root id",
    "<script>alert(1)</script>.txt": b"a",
    "x" * 300 + ".txt": b"a",
    "\x00nul.txt": b"a",
    "\ud83d\ude00.txt".encode("utf-16", "surrogatepass").decode("utf-16"): b"a",
    "bomb.png": samples.png_claiming(60_000, 60_000),
}


@pytest.mark.parametrize("name", TAKEN)
def test_odd_files_are_kept_as_bytes_under_a_harmless_name(guest, case, house, name):
    answer = upload(guest(case), (name, TAKEN[name]), side="/portal")
    assert answer.status_code == 201
    assert "<script>" not in answer.text
    with house.db.read() as session:
        attachment = session.scalars(select(Attachment)).one()
        assert services.read(session, attachment.sha256) == TAKEN[name]
    assert not set(attachment.name) & set('/\\<>"\x00')
    assert len(attachment.name) <= 200


def test_an_empty_file_is_a_file(guest, case, house):
    assert upload(guest(case), ("empty.txt", b""), side="/portal").status_code == 201
    assert counted(house) == 1


def test_nothing_chosen_is_no_file(guest, case, house):
    assert upload(guest(case), ("", b""), side="/portal").status_code == 422
    assert counted(house) == 0


def test_a_gigabyte_is_refused_by_its_announcement(guest, case, house):
    answer = guest(case).post(
        "/portal/files",
        input_stream=BytesIO(b"--x\r\n"),
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(1024**3)},
    )
    assert answer.status_code == 413
    assert counted(house) == 0


@LEFT_OPEN
@pytest.mark.parametrize(
    "body",
    [b"", b"--x", b"--x\r\n\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--",
     b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nhalf',
     b"--x\r\n" + b"A: b\r\n" * 100_000],
)  # fmt: skip
def test_a_broken_form_changes_nothing(guest, case, house, body):
    answer = guest(case).post(
        "/portal/files", data=body, content_type="multipart/form-data; boundary=x"
    )
    assert 400 <= answer.status_code < 500
    assert counted(house) == 0


@LEFT_OPEN
def test_two_thousand_parts_are_refused(guest, case, house):
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\na\r\n'
    answer = guest(case).post(
        "/portal/files",
        data=part * 2000 + b"--x--\r\n",
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413
    assert counted(house) == 0


def test_very_many_uploads_have_to_wait(guest, case, house, monkeypatch):
    few = rate_limits.Limit("portal-upload", 3, rate_limits.PORTAL_UPLOAD.window)
    monkeypatch.setattr(rate_limits, "PORTAL_UPLOAD", few)
    browser = guest(case)
    answers = [upload(browser, ("a.txt", b"a"), side="/portal").status_code for _ in range(5)]
    assert answers == [201, 201, 201, 429, 429]
    assert counted(house) == 3


@pytest.mark.parametrize(
    ("fault", "words"),
    [(NoRoomError, "no room left"), (StoreAwayError, "cannot be reached")],
)
def test_a_store_that_fails_is_told_and_nothing_is_changed(  # noqa: PLR0917
    guest, case, house, web, monkeypatch, fault, words
):
    status = fault.status

    def fail(*_):
        raise fault

    monkeypatch.setattr(Folder, "put", fail)
    browser = guest(case)
    before = latest(house, case)[0].id
    answer = upload(browser, ("a.txt", b"a"), side="/portal")
    assert (answer.status_code, words in answer.text) == (status, True)
    page = reply(browser, web, case, "My long message", files=[("a.txt", b"a")])
    assert page.status_code == status
    assert "My long message" in page.text
    assert words in problem(page.text)
    assert latest(house, case)[0].id == before
    assert counted(house) == 0


# with a reply


def test_files_come_along_with_a_reply_without_any_script(guest, case, house, web):
    browser = guest(case)
    files = [("a.png", samples.picture()), ("b.txt", b"b")]
    assert reply(browser, web, case, files=files).status_code == 303
    entry, names = latest(house, case)
    assert (entry.text, names) == ("Here it is.", ["a.png", "b.txt"])
    assert "a.png" in browser.get(f"/portal/cases/{case.number}").text


def test_files_that_were_uploaded_before_come_along(guest, case, house, web):
    browser = guest(case)
    wants = {"Accept": "application/json"}
    first = upload(browser, ("a.txt", b"a"), side="/portal", headers=wants).json[0]["key"]
    reply(browser, web, case, files=[("b.txt", b"b")], file_keys=[first])
    assert latest(house, case)[1] == ["a.txt", "b.txt"]


def test_a_reply_sent_twice_counts_once(guest, case, house, web):
    browser = guest(case)
    with web.app_context():
        key = keys.issue()
    for _ in range(2):
        answer = reply(browser, web, case, files=[("a.txt", b"a")], form_key=key)
        assert answer.status_code == 303
    with house.db.read() as session:
        shown = session.scalars(select(Attachment).where(Attachment.activity_id.is_not(None)))
        assert len(shown.all()) == 1


def test_what_was_chosen_is_kept_when_the_text_is_missing(guest, case, house, web):
    browser = guest(case)
    page = reply(browser, web, case, "  ", files=[("a.txt", b"a")])
    assert page.status_code == 422
    kept = html.fromstring(page.text).xpath("//input[@name='file_keys'][@checked]/@value")
    assert len(kept) == 1
    assert reply(browser, web, case, "Now with words", file_keys=kept).status_code == 303
    assert latest(house, case)[1] == ["a.txt"]


def test_a_refused_file_keeps_the_text(guest, case, house, web):
    before = latest(house, case)[0].id
    page = reply(guest(case), web, case, "My long message", files=[("a.exe", b"MZ")])
    assert page.status_code == 422
    assert "My long message" in page.text
    assert "a.exe is a program" in problem(page.text)
    assert latest(house, case)[0].id == before


def test_too_many_files_are_refused_with_the_text_kept(guest, case, web):
    page = reply(guest(case), web, case, "Many", files=[(f"{n}.txt", b"a") for n in range(51)])
    assert page.status_code == 422
    assert "50 files" in problem(page.text)
    assert "Many" in page.text


def test_nobody_sends_what_somebody_else_uploaded(guest, case, house, web, attached):
    theirs = attached(b"secret", uploaded_by="contact:999999")
    page = reply(guest(case), web, case, "Give me that", file_keys=[theirs.key])
    assert page.status_code == 409
    assert "Give me that" in page.text
    assert theirs.key not in page.text
    assert latest(house, case)[1] == []


def test_files_for_a_case_of_others_are_not_even_kept(guest, case, house, web):
    stranger = guest(house.submits(email="other@example.org"))
    assert reply(stranger, web, case, files=[("a.txt", b"a")]).status_code == 404
    assert counted(house) == counted(house, StoredFile) == 0


def test_the_desk_shows_what_the_customer_sent(guest, case, web, client, signed_in):
    reply(guest(case), web, case, files=[("Rechnung März.pdf", samples.pdf())])
    signed_in(client, "serviceUser")
    page = html.fromstring(client.get(f"/desk/cases/{case.number}").text)
    (link,) = page.xpath("//ul[@class='files']//a[@download]")
    assert "Rechnung März.pdf" in link.text_content()
    assert client.get(link.get("href")).data == samples.pdf()
