"""What a download gives, to whom, and what a browser is told about it."""

from hashlib import sha256

import pytest
from lxml import html
from sqlalchemy import update

from processes.cases.models import Activity, Case
from processes.files import services
from processes.files.models import Attachment, PreviewState, StoredFile
from processes.files.store import key_of, store_of
from processes.mail.models import OutgoingMail
from processes.people.models import Role, Staff
from tests.processes.files import samples

ON_ONE = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
"""For what no database has a say in."""


def at(attachment, rest="", side="") -> str:
    return f"{side}/files/{attachment.key}{rest}"


def change(house, model, which, **values) -> None:
    with house.db.write() as session:
        session.execute(update(model).where(model.id == which).values(values))


# who may


def test_an_agent_gets_the_file_of_a_case(desk, attached, entry):
    answer = desk.get(at(attached(b"hello", activity_id=entry.id)))
    assert (answer.status_code, answer.data) == (200, b"hello")


def test_the_customer_gets_the_file_of_their_own_case(guest, case, attached, entry):
    answer = guest(case).get(at(attached(b"hello", activity_id=entry.id), side="/portal"))
    assert (answer.status_code, answer.data) == (200, b"hello")


def test_a_file_of_an_internal_entry_is_not_the_customers(guest, case, attached, entry, house):
    attachment = attached(activity_id=entry.id)
    browser = guest(case)
    assert browser.get(at(attachment, side="/portal")).status_code == 200
    change(house, Activity, entry.id, internal=True)
    assert browser.get(at(attachment, side="/portal")).status_code == 404


def test_a_right_that_was_taken_away_ends_at_once(guest, case, attached, entry, house):
    attachment, browser = attached(activity_id=entry.id), guest(case)
    assert browser.get(at(attachment, side="/portal")).status_code == 200
    change(house, Case, case.id, portal_enabled=False)
    assert browser.get(at(attachment, side="/portal")).status_code == 404


def test_another_customer_reads_the_same_as_for_what_is_not_there(
    guest, case, attached, entry, house
):
    attachment = attached(activity_id=entry.id)
    stranger = guest(house.submits(email="other@example.org"))
    theirs = stranger.get(at(attachment, side="/portal"))
    nothing = stranger.get(f"/portal/files/{'0' * 32}")
    assert theirs.status_code == nothing.status_code == 404
    said = [html.fromstring(each.text).find(".//main").text_content() for each in (theirs, nothing)]
    assert said[0] == said[1]


def test_a_session_for_one_case_gets_no_file_of_another(guest, case, attached, entry, house):
    other = house.classified(portal=True)
    browser = guest(case, case_id=other.id)
    assert browser.get(at(attached(activity_id=entry.id), side="/portal")).status_code == 404


def test_a_loose_upload_is_its_owners_alone(  # noqa: PLR0917
    desk, web, signed_in, attached, house, guest, case
):
    attachment = attached(uploaded_by=house.mila.actor)
    colleague = web.test_client()
    signed_in(colleague, "agentUser")
    assert desk.get(at(attachment)).status_code == 200
    assert colleague.get(at(attachment)).status_code == 404
    assert guest(case).get(at(attachment, side="/portal")).status_code == 404


@pytest.mark.parametrize("username", ["designerUser", "adminUser"])
def test_staff_who_may_not_read_requests_get_no_file(
    web, signed_in, attached, entry, username, product
):
    del product
    browser = web.test_client()
    signed_in(browser, username)
    assert browser.get(at(attached(activity_id=entry.id))).status_code == 404


def test_who_lost_the_role_gets_nothing_any_more(desk, attached, entry, house):
    attachment = attached(activity_id=entry.id)
    assert desk.get(at(attachment)).status_code == 200
    change(house, Staff, house.mila.id, role=Role.DESIGNER)
    assert desk.get(at(attachment)).status_code == 404


@pytest.mark.parametrize("rest", ["", "/inline", "/preview/small", "/look"])
@pytest.mark.parametrize("side", ["", "/portal"])
def test_strangers_are_asked_to_sign_in_whether_the_file_is_there_or_not(
    client, attached, entry, side, rest
):
    there = client.get(at(attached(samples.picture(), activity_id=entry.id), rest, side))
    nowhere = client.get(f"{side}/files/{'0' * 32}{rest}")
    assert there.status_code == nowhere.status_code == 303
    assert "sign-in" in there.location


def test_the_desks_cookie_opens_nothing_in_the_portal(desk, attached, entry):
    answer = desk.get(at(attached(activity_id=entry.id), side="/portal"))
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "key",
    ["0" * 32, "A" * 32, "0" * 31, "1", "%00" * 32, "..%2f..%2fetc", "'--", "é" * 32, "9" * 400],
)
def test_a_key_nobody_made_leads_nowhere(desk, key):
    for rest in ("", "/inline", "/preview/small", "/preview/..", "/look"):
        assert desk.get(f"/files/{key}{rest}").status_code == 404


# what a browser is told


HOSTILE = {
    "page.html": (samples.HTML, "application/octet-stream"),
    "drawing.svg": (samples.SVG, "application/octet-stream"),
    "a.xml": (b"<?xml version='1.0'?><a/>", "application/octet-stream"),
    "pic.gif": (b"GIF89a/*<script>*/=alert(1)//</script>", "application/octet-stream"),
    "pic.png": (samples.picture() + samples.ARCHIVE_END, "application/octet-stream"),
    "setup.exe": (b"MZ\x90\x00", "application/octet-stream"),
    "letter.pdf": (samples.pdf(), "application/pdf"),
    "really-html.png": (samples.HTML, "application/octet-stream"),
    "really-png.html": (samples.picture(), "image/png"),
    "notes.txt": (b"plain", "text/plain; charset=utf-8"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_it_is_it_is_saved_and_never_runs(desk, attached, entry, name):
    content, kind = HOSTILE[name]
    answer = desk.get(at(attached(content, name, activity_id=entry.id)))
    assert answer.data == content
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "really-png.html"])
def test_only_pictures_are_shown_inside_a_page(desk, attached, entry, name):
    attachment = attached(HOSTILE[name][0], name, activity_id=entry.id, inline=True)
    assert desk.get(at(attachment, "/inline")).status_code == 404


def test_a_picture_of_a_mail_is_shown_with_the_same_safety(desk, attached, entry):
    attachment = attached(samples.picture(), "logo.png", activity_id=entry.id, inline=True)
    answer = desk.get(at(attachment, "/inline"))
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"] == 'inline; filename="logo.png"'
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Bär 1.pdf", "filename=\"B_r 1.pdf\"; filename*=UTF-8''B%C3%A4r%201.pdf"),
        ("日本.txt", "filename=\"__.txt\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.txt"),
        ('a"b.txt', 'filename="a_b.txt"'),
        ("x\r\nSet-Cookie: a=b.txt", 'filename="x Set-Cookie_ a=b.txt"'),
        ("a;b=c.txt", 'filename="a;b=c.txt"'),
    ],
)  # fmt: skip
def test_the_name_comes_through_and_splits_no_header(desk, attached, entry, name, header):
    answer = desk.get(at(attached(b"a", name, activity_id=entry.id)))
    assert answer.headers["Content-Disposition"] == f"attachment; {header}"
    assert "Set-Cookie" not in answer.headers


# ranges

WHOLE = bytes(range(256)) * 40
FLOOD = ",".join(f"{n}-{n + 1}" for n in range(2000))


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("bytes=0-9", (206, WHOLE[:10], "bytes 0-9/10240")),
        ("bytes=10000-", (206, WHOLE[10000:], "bytes 10000-10239/10240")),
        ("bytes=-5", (206, WHOLE[-5:], "bytes 10235-10239/10240")),
        ("bytes=0-99999999999999999999", (206, WHOLE, "bytes 0-10239/10240")),
        ("bytes=10240-", (416, b"", "bytes */10240")),
        ("bytes=99999999999999999999-", (416, b"", "bytes */10240")),
        ("bytes=0-1,5-6", (200, WHOLE, None)),
        (f"bytes={FLOOD}", (200, WHOLE, None)),
        ("bytes=5-1", (200, WHOLE, None)),
        ("bytes=a-b", (200, WHOLE, None)),
        ("lines=0-1", (200, WHOLE, None)),
        ("bytes=", (200, WHOLE, None)),
        ("bytes=--5", (200, WHOLE, None)),
        ("\x00", (200, WHOLE, None)),
    ],
)
def test_one_range_is_given_and_a_flood_of_them_is_not(desk, attached, entry, asked, given):
    status, body, content_range = given
    address = at(attached(WHOLE, activity_id=entry.id))
    answer = desk.get(address, headers={"Range": asked})
    assert (answer.status_code, answer.data) == (status, body)
    assert answer.headers.get("Content-Range") == content_range


def test_a_condition_we_cannot_check_gets_the_whole(desk, attached, entry):
    address = at(attached(WHOLE, activity_id=entry.id))
    answer = desk.get(address, headers={"Range": "bytes=0-1", "If-Range": '"x"'})
    assert (answer.status_code, answer.data) == (200, WHOLE)


def test_asking_for_the_head_alone_opens_nothing(desk, attached, entry):
    answer = desk.head(at(attached(WHOLE, activity_id=entry.id)))
    assert (answer.status_code, answer.headers["Content-Length"], answer.data) == (
        200,
        "10240",
        b"",
    )


# what is missing


def test_lost_contents_are_told_in_a_sentence(desk, attached, entry, house):
    attachment = attached(b"will be lost", activity_id=entry.id)
    digest = sha256(b"will be lost").hexdigest()
    store_of(house.app.settings).remove(key_of(digest))
    answer = desk.get(at(attachment))
    assert answer.status_code == 410
    assert "cannot be found any more" in answer.text


def test_a_preview_that_is_lost_is_not_there(desk, attached, entry, house):
    attachment = attached(samples.picture(size=(31, 31)), activity_id=entry.id)
    assert desk.get(at(attachment, "/preview/small")).status_code == 404
    with house.db.write() as session:
        session.execute(update(StoredFile).values(preview=PreviewState.READY))
    assert desk.get(at(attachment, "/preview/small")).status_code == 410


def test_a_store_that_is_away_is_told_in_a_sentence(desk, attached, entry, house, tmp_path):
    attachment = attached(b"cannot be opened", activity_id=entry.id)
    path = house.app.settings.data_dir / "files" / key_of(attachment.sha256)
    path.unlink()
    path.mkdir()  # a thing that cannot be read as a file, for root too
    try:
        answer = desk.get(at(attachment))
    finally:
        path.rmdir()
    assert answer.status_code == 503
    assert "cannot be reached at the moment" in answer.text


# previews


@pytest.mark.parametrize("size", ["small", "large"])
def test_the_picture_of_a_file_is_ours_not_what_was_sent(desk, attached, entry, size):
    attachment = attached(samples.pdf(), "letter.pdf", activity_id=entry.id, drawn=True)
    answer = desk.get(at(attachment, f"/preview/{size}"))
    assert answer.headers["Content-Type"] == "image/webp"
    assert answer.data[:4] == b"RIFF"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_the_customer_sees_previews_of_their_own(guest, case, attached, entry):
    attachment = attached(samples.picture(), "a.png", activity_id=entry.id, drawn=True)
    browser = guest(case)
    assert browser.get(at(attachment, "/preview/small", "/portal")).status_code == 200
    page = browser.get(at(attachment, "/look", "/portal"))
    assert page.status_code == 200
    assert f"/portal/files/{attachment.key}/preview/large" in page.text


def test_a_name_full_of_markup_is_text_on_every_page(desk, guest, case, attached, entry):
    attachment = attached(
        samples.picture(), "<img src=x onerror=alert(1)>'\".png", activity_id=entry.id, drawn=True
    )
    pages = [
        desk.get(f"/desk/cases/{case.number}").text,
        desk.get(at(attachment, "/look")).text,
        guest(case).get(f"/portal/cases/{case.number}").text,
    ]
    for text in pages:
        assert attachment.key in text
        assert "<img src=x" not in text


def test_keys_cannot_be_guessed(attached):
    keys = {attached(b"the same bytes").key for _ in range(50)}
    assert len(keys) == 50
    assert all(len(set(key)) > 5 for key in keys)


def test_a_mails_file_is_read_by_agents_and_by_no_customer(desk, guest, case, house):
    attachment_key = _of_a_mail(house)
    assert desk.get(f"/files/{attachment_key}").status_code == 200
    assert guest(case).get(f"/portal/files/{attachment_key}").status_code == 404


def _of_a_mail(house) -> str:
    with house.db.write() as session:
        mail_id = session.query(OutgoingMail.id).order_by(OutgoingMail.id.desc()).first()[0]
        stored = services.keep(session, b"by mail")
        attachment: Attachment = services.attach(session, stored, "a", outgoing_mail_id=mail_id)
        return attachment.key
