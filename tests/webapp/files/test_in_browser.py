"""Files in a real browser: chosen, dropped, taken away, looked at; for everybody."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from processes.files.models import Attachment, StoredFile
from tests.processes.files import samples
from tests.webapp.browsing import LOOKS, Held, Window, Windows, eventually, overflows, violations
from tests.webapp.portal.conftest import REQUEST

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

LETTER = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": samples.pdf()}
PHOTO = {"name": "photo.png", "mimeType": "image/png", "buffer": samples.picture()}
DROP = """(form, name) => {
  const brought = new DataTransfer();
  brought.items.add(new File(["dropped"], name, { type: "text/plain" }));
  for (const type of ["dragover", "drop"])
    form.dispatchEvent(new DragEvent(type, { dataTransfer: brought, bubbles: true }));
}"""


@pytest.fixture
def customer(windows: Windows, client, house, entered):
    """Open a window at a case in which its customer is signed in."""

    def open_window(case, **options) -> Window:
        entered(client, contact_id=house.see(case).contact_id)
        window = windows(locale="en-GB", **options)
        cookie = client.get_cookie("casewright-portal").value
        window.sign_in({"casewright-portal": cookie, "lang": "en"})
        window.go(f"/portal/cases/{case.number}")
        return window

    return open_window


@pytest.fixture
def agent(windows: Windows, client, signed_in):
    """Open a window of an agent."""

    def open_window(**options) -> Window:
        signed_in(client, "serviceUser")
        window = windows(**options)
        window.sign_in({"casewright-desk": client.get_cookie("casewright-desk").value})
        return window

    return open_window


def files_of(page):
    return page.locator(".file-field .file")


def counted(house, *conditions) -> int:
    with house.db.read() as session:
        return session.scalar(select(func.count(Attachment.id)).where(*conditions))


def test_files_are_sent_as_they_are_chosen_and_go_along_with_the_reply(customer, case, house):
    page = customer(case).page
    page.locator("input[type=file]").set_input_files([LETTER, PHOTO])
    expect(files_of(page).filter(has_text="letter.pdf")).to_contain_text("543 bytes")
    expect(files_of(page).filter(has_text="photo.png")).to_be_visible()
    expect(page.locator(".file-field [role=status]")).to_contain_text("is attached")
    assert eventually(lambda: counted(house) == 2, page)

    page.get_by_label("Your message").fill("Both, as asked.")
    page.get_by_role("button", name="Send", exact=True).click()
    said = page.locator("article", has_text="Both, as asked.")
    expect(said.locator(".file")).to_have_count(2)
    assert counted(house, Attachment.activity_id.is_not(None)) == 2


def test_a_file_is_taken_away_again_by_keyboard(customer, case, house):
    page = customer(case).page
    page.locator("input[type=file]").set_input_files([LETTER, PHOTO])
    expect(files_of(page).locator("[data-removes-file]")).to_have_count(2)
    page.get_by_role("button", name="Remove photo.png").press("Enter")
    expect(files_of(page)).to_have_count(1)
    expect(page.locator("input[type=file]")).to_be_focused()
    page.get_by_label("Your message").fill("Only the letter.")
    page.get_by_role("button", name="Send", exact=True).press("Enter")
    expect(page.locator("article", has_text="Only the letter.").locator(".file")).to_have_count(1)
    assert counted(house, Attachment.activity_id.is_not(None)) == 1


def test_files_are_dropped_on_the_form(customer, case):
    page = customer(case).page
    page.locator("form.reply").evaluate(DROP, "dropped.txt")
    expect(files_of(page)).to_contain_text("dropped.txt")
    expect(files_of(page).locator("[data-removes-file]")).to_be_visible()


def test_a_program_is_refused_where_it_was_chosen_and_the_text_stays(customer, case):
    page = customer(case).page
    page.get_by_label("Your message").fill("My long message")
    program = {"name": "setup.exe", "mimeType": "image/png", "buffer": b"MZ"}
    page.locator("input[type=file]").set_input_files([program])
    expect(page.locator("[data-problem]")).to_contain_text("setup.exe is a program")
    expect(files_of(page)).to_have_count(0)
    expect(page.get_by_label("Your message")).to_have_value("My long message")


def test_a_file_that_is_too_large_is_not_even_sent(customer, case, house):
    page = customer(case).page
    page.locator("[data-files]").evaluate("box => { box.dataset.mostBytes = 10 }")
    page.locator("input[type=file]").set_input_files([LETTER])
    expect(page.locator("[data-problem]")).to_contain_text("letter.pdf is larger than 25 MB")
    assert counted(house) == 0


def test_a_message_waits_for_its_files(customer, case, house):
    page = customer(case).page
    held = []

    def hold(route) -> None:
        held.append(route)

    page.route("**/portal/files", hold)
    page.locator("input[type=file]").set_input_files([LETTER])
    page.get_by_label("Your message").fill("Sent in a hurry")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(files_of(page).locator("progress")).to_be_visible()
    expect(page.locator("article", has_text="Sent in a hurry")).to_have_count(0)
    held[0].continue_()
    said = page.locator("article", has_text="Sent in a hurry")
    expect(said.locator(".file")).to_have_count(1)
    assert counted(house, Attachment.activity_id.is_not(None)) == 1


def test_a_lost_connection_is_told_and_sending_can_be_stopped(customer, case):
    page = customer(case).page
    page.route("**/portal/files", lambda route: route.abort())
    page.locator("input[type=file]").set_input_files([LETTER])
    expect(page.locator("[data-problem]")).to_contain_text("letter.pdf could not be sent")
    page.unroute("**/portal/files")
    page.route("**/portal/files", lambda _route: None)
    page.locator("input[type=file]").set_input_files([PHOTO])
    page.get_by_role("button", name="Stop sending photo.png").click()
    expect(files_of(page)).to_have_count(0)


def test_files_go_along_without_any_script(customer, case, house):
    page = customer(case, java_script_enabled=False).page
    page.locator("input[type=file]").set_input_files([LETTER, PHOTO])
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".problem").first).to_be_visible()  # no text yet: the files stay ticked
    kept = page.locator("input[name=file_keys]")
    expect(kept).to_have_count(2)
    kept.first.uncheck()
    page.get_by_label("Your message").fill("Without scripts")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("article", has_text="Without scripts").locator(".file")).to_have_count(1)
    page.get_by_role("link", name="Download photo.png").wait_for()
    assert counted(house, Attachment.activity_id.is_not(None)) == 1


def test_a_picture_is_looked_at_in_a_dialog_by_keyboard(agent, case, entry, attached):
    attached(samples.picture(size=(900, 600)), "photo.png", activity_id=entry.id, drawn=True)
    page = agent().go(f"/desk/cases/{case.number}")
    link = page.get_by_role("link", name="Look at photo.png")
    link.press("Enter")
    dialog = page.get_by_role("dialog", name="photo.png")
    expect(dialog.get_by_role("img")).to_have_js_property("naturalWidth", 900)
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(link).to_be_focused()


def test_a_file_is_saved_under_its_name(agent, case, entry, attached):
    attached(samples.HTML, "Bär & page.html", activity_id=entry.id)
    page = agent().go(f"/desk/cases/{case.number}")
    with page.expect_download() as started:
        page.get_by_role("link", name="Download Bär & page.html").click()
    assert started.value.suggested_filename == "Bär & page.html"


@pytest.mark.parametrize("name", ["page.html", "drawing.svg"])
def test_what_could_run_is_downloaded_when_its_address_is_opened(agent, entry, attached, name):
    content = samples.HTML if name == "page.html" else samples.SVG
    attachment = attached(content, name, activity_id=entry.id)
    page = agent().go("/desk/cases/")
    with page.expect_download() as started:
        page.evaluate("address => { location.href = address }", f"/files/{attachment.key}")
    assert started.value.suggested_filename == name


@pytest.mark.parametrize(("width", "colours"), LOOKS)
def test_everybody_can_use_files_on_every_page(  # noqa: PLR0917
    agent, customer, case, entry, attached, width, colours
):
    shown = attached(samples.picture(), "photo.png", activity_id=entry.id, drawn=True)
    attached(samples.pdf(), "letter.pdf", activity_id=entry.id, drawn=True)
    attached(b"PK\x03\x04", "a" * 170 + ".zip", activity_id=entry.id)
    look = {"width": width, "color_scheme": colours}
    page = customer(case, **look).page
    page.locator("input[type=file]").set_input_files([LETTER])
    expect(files_of(page).locator("[data-removes-file]")).to_be_visible()
    assert (violations(page), overflows(page)) == ([], False)
    page.goto(f"/portal/files/{shown.key}/look")
    assert (violations(page), overflows(page)) == ([], False)

    page = agent(**look).page
    for path in (f"/desk/cases/{case.number}", f"/files/{shown.key}/look"):
        page.goto(path)
        assert (path, violations(page), overflows(page)) == (path, [], False)


def test_a_preview_appears_by_itself_on_an_open_page(agent, case, entry, attached, house):
    attachment = attached(samples.picture(), "photo.png", activity_id=entry.id)
    page = agent().go(f"/desk/cases/{case.number}")
    expect(page.get_by_role("link", name="Download photo.png")).to_be_visible()
    from workers import look  # noqa: PLC0415
    from workers.config import WorkerSettings  # noqa: PLC0415

    look.work(house.app, WorkerSettings())
    with house.db.read() as session:
        assert session.get_one(StoredFile, attachment.sha256).preview == "ready"
    expect(page.get_by_role("link", name="Look at photo.png")).to_be_visible()


def test_a_stranger_sends_files_along_and_another_topic_does_not_lose_them(windows, house):
    page = windows().go("/portal/request?lang=en")
    page.locator("input[type=file]").set_input_files([PHOTO, LETTER])
    with page.expect_response("**/portal/request*"):
        page.get_by_label("Category", exact=False).first.select_option("user_help")
    page.get_by_label("Subcategory").select_option("signing_in")
    for name in ("name", "email", "description"):
        page.locator(f"#request-{name}").fill(REQUEST[name])
    page.get_by_role("button", name="Send request").click()
    expect(page).to_have_url(re.compile("/thanks"))
    assert counted(house, Attachment.activity_id.is_not(None)) == 2


def test_a_file_chosen_while_new_questions_come_stays_with_what_was_typed(windows):
    page = windows().go("/portal/request?lang=en")
    held = Held(page, "**/portal/request")
    page.get_by_label("Category", exact=False).first.select_option("user_help")
    page.locator("input[type=file]").set_input_files([PHOTO])
    page.locator("#request-description").fill("Typed meanwhile")
    page.locator("#request-name").fill("Sanne")

    held.come()

    expect(page.locator("#request-subcategory option[value=signing_in]")).to_be_attached()
    expect(page.locator("#request-description")).to_have_value("Typed meanwhile")
    expect(page.locator("#request-name")).to_have_value("Sanne")
    assert page.locator("input[type=file]").evaluate("field => field.files.length") == 1
