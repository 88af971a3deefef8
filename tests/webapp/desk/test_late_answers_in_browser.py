"""Answers that come late, never, or after others, in a real browser: nothing typed is lost."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from processes.cases import changes
from processes.cases.models import Case
from processes.mail import canned
from processes.mail.canned import Wording
from processes.people.models import Role
from tests.processes.files import samples
from tests.processes.world import House
from tests.webapp.browsing import Held
from tests.webapp.conftest import PASSWORD
from tests.webapp.desk.conftest import address, open_task

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

LETTER = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": samples.pdf()}


@pytest.fixture
def case(house):
    return house.classified()


@pytest.fixture
def opened(window, case):
    """Mila's window at the case, which hears what happens."""
    made = window()
    page = made.go(address(case))
    expect(page.locator("body")).to_have_attribute("data-live-by", "stream")
    expect(page.locator("[data-mode='strip'][data-drawn='yes']")).to_be_visible()
    return made


@pytest.fixture
def page(opened) -> Page:
    return opened.page


@pytest.fixture
def ready(house):
    """A ready text."""
    with house.db.write() as session:
        boss = House.hire(session, "boss", "Bo Ss", Role.ADMIN)
        canned.add(session, Wording("Restart", {"en": "Switch it off."}, None), boss)


@pytest.fixture
def gives_back(house, case, noor):
    """Let Noor accept the step; what is returned gives it back, and every dock is drawn anew."""
    task = open_task(house, case, "handle")
    accepts(house, case, noor)

    def give_back(page: Page) -> None:
        page.locator("#dock").evaluate("dock => { dock.dataset.old = '' }")
        with house.db.write() as session:
            house.app.engine.release(session, task.id, noor.actor)
            changes.record(session, "case", case.id)
        expect(page.locator("#dock:not([data-old])")).to_be_visible()

    return give_back


def accepts(house: House, case: Case, person) -> None:
    with house.db.write() as session:
        task = house.task(session, case, "handle")
        house.app.engine.claim(session, task.id, person.actor)
        changes.record(session, "case", case.id)


def note_box(page: Page) -> Locator:
    page.get_by_role("tab", name="Note").click()
    return page.get_by_label("Note for colleagues")


def the_editor(page: Page) -> Locator:
    page.get_by_role("tab", name="Reply").click()
    editor = page.get_by_role("textbox", name="To Sanne de Vries")
    expect(editor).to_have_class("in editor")
    editor.click()
    return editor


def test_an_answer_finds_its_place_in_a_dock_drawn_anew_meanwhile(gives_back, page):
    held = Held(page, "**/notes*")
    note_box(page).fill("Only once")
    page.get_by_role("button", name="Add note").click()
    gives_back(page)

    held.come()

    expect(page.locator("#toasts")).to_contain_text("The note is on the case.")
    expect(page.get_by_label("Note for colleagues")).to_have_value("")


def test_a_reply_that_waits_for_its_file_goes_from_a_dock_drawn_anew(gives_back, page, case):
    the_editor(page)
    page.keyboard.type("With a letter")
    held = Held(page, "**/files")
    page.locator("#reply-files").set_input_files([LETTER])
    page.get_by_role("button", name="Send reply").click()
    gives_back(page)

    held.come()

    reply = page.locator("#talk .us", has_text="With a letter")
    expect(reply).to_contain_text("letter.pdf")


def test_a_file_on_its_way_goes_with_the_form_that_stands_there_when_it_comes(page):
    the_editor(page)
    page.keyboard.type("First thought")
    page.keyboard.press("Control+Enter")
    undo = page.locator("#held-back").get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    held = Held(page, "**/files")
    page.locator("#reply-files").set_input_files([LETTER])
    undo.click()
    expect(page.locator("#dock")).to_contain_text("Here it is again")

    held.come()

    expect(page.locator("#reply-form .file")).to_contain_text("letter.pdf")


def test_what_is_entered_while_new_questions_come_stays(window, house):
    page = window().go(address(house.submits()))
    held = Held(page, "**/steps/*")
    page.get_by_label("Category", exact=False).first.select_option("commercial")
    page.get_by_label("Title").fill("Typed meanwhile")
    page.get_by_role("radio", name="High").check(force=True)
    page.get_by_label("This is a complaint").check()
    note_box(page).focus()

    held.come()

    page.get_by_role("tab", name="Classify").click()
    expect(page.locator("[name=subcategory]")).to_contain_text("An invoice")
    expect(page.get_by_label("Title")).to_have_value("Typed meanwhile")
    expect(page.get_by_role("radio", name="High")).to_be_checked()
    expect(page.get_by_label("This is a complaint")).to_be_checked()


def test_a_form_takes_nothing_more_while_it_is_sent(opened, page, house, case):
    note = note_box(page)
    note.fill("Sent")
    held = Held(page, "**/notes*")
    page.keyboard.press("Control+Enter")
    held.wait()
    page.keyboard.type("n more")
    page.keyboard.press("Control+Enter")
    expect(note).to_have_value("Sent")
    held.come()
    expect(page.locator("#talk .note")).to_have_count(1)

    note = note_box(page)
    note.fill("Never")
    page.route("**/notes*", lambda route: route.abort())
    page.keyboard.press("Control+Enter")

    expect(page.locator("#toasts")).to_contain_text("There is no connection to the server.")
    expect(note).to_be_focused()
    page.keyboard.type(" mind")
    expect(note).to_have_value("Never mind")
    opened.forgive("htmx:sendError", "htmx:afterRequest")


def test_a_ready_text_comes_where_it_was_asked_for_while_the_writer_writes_on(ready, page):
    editor = the_editor(page)
    held = Held(page, "**/ready-texts/*")
    page.keyboard.type("Hello /re")
    page.keyboard.press("Enter")
    page.keyboard.type(" and more")
    held.come()
    expect(editor).to_contain_text("Switch it off.")
    page.keyboard.type(" still")
    expect(editor).to_have_text("Hello Switch it off. and more still")

    page.get_by_role("tab", name="Handle request").click()
    page.get_by_label("Answer, and wait for the customer").check()
    box = page.get_by_label("Message to the customer")
    expect(box).to_be_visible()
    box.click()
    held = Held(page, "**/ready-texts/*")
    page.keyboard.type("Hello /re")
    expect(page.locator(".slash")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.type(" and more")
    held.come()
    expect(box).to_have_value("Hello Switch it off. and more")
    page.keyboard.type(" still")
    expect(box).to_have_value("Hello Switch it off. and more still")


def test_the_offered_ready_texts_stay_while_new_questions_come(ready, page):
    held = Held(page, "**/steps/*")
    page.get_by_label("Answer, and wait for the customer").check()
    held.wait()
    box = page.get_by_label("Message to the customer")
    box.click()
    page.keyboard.type("/re")
    offered = page.locator(".slash [aria-selected='true']")
    expect(offered).to_have_text("Restart")

    with page.expect_event("requestfinished"):
        held.come()

    expect(offered).to_have_text("Restart")
    page.keyboard.press("Enter")
    expect(box).to_have_value("Switch it off.")


def test_a_ready_text_that_does_not_come_is_told(ready, page):
    editor = the_editor(page)
    page.route("**/ready-texts/*", lambda route: route.abort())
    page.keyboard.type("/re")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("There is no connection to the server.")

    page.unroute("**/ready-texts/*")
    page.context.clear_cookies()
    editor.click()
    page.keyboard.press("s")
    page.keyboard.press("Enter")

    expect(page.locator("#toasts")).to_contain_text("That did not work.")
    expect(editor).to_have_text("/res")


def test_whoever_is_signed_out_signs_in_beside_and_goes_on(opened, page):
    note = note_box(page)
    note.fill("Long text")
    page.context.clear_cookies()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("You are not signed in any more.")
    expect(note).to_be_focused()
    with page.context.expect_page() as beside:
        page.get_by_role("link", name="Sign in in another window").click()
    beside.value.get_by_label("User name").fill("serviceUser")
    beside.value.get_by_label("Password").fill(PASSWORD)
    beside.value.keyboard.press("Enter")
    expect(beside.value.locator("#talk")).to_be_visible()

    note.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Please send it once more.")
    note.press("Control+Enter")

    expect(page.locator("#talk .note")).to_contain_text("Long text")
    opened.forgive("Response Status Error Code")


def test_an_answer_that_was_overtaken_changes_nothing_and_its_part_asks_again(page, house, case):
    older = Held(page, "**/cases/*/live?*", most=1)
    house.replies(case, "By the way")
    older.wait()
    newer = Held(page, "**/notes*")
    note_box(page).fill("Newest of all")
    page.get_by_role("button", name="Add note").click()
    newer.wait()

    with page.expect_request("**/cases/*/live?*"):
        newer.come()
    expect(page.locator("#talk")).to_contain_text("Newest of all")
    older.come()

    assert page.locator("#talk").inner_text().count("Newest of all") == 1


def test_a_list_that_was_searched_stays_so_whatever_happens(window, house):
    house.classified(subject="Espresso machine")
    page = window().go("/desk/?view=all")
    expect(page.locator("body")).to_have_attribute("data-live-by", "stream")
    rows = page.locator("ul.cases li")
    held = Held(page, "**/desk/list*", most=1)
    house.classified(subject="Something else")
    held.wait()
    page.keyboard.press("/")
    with page.expect_response("**/desk/list*q=espresso*"):
        page.keyboard.type("espresso")
    expect(page.locator("#rows")).to_have_attribute("hx-get", re.compile("q=espresso"))

    with page.expect_response(lambda answer: "q=espresso" in answer.url):
        held.come()  # it is older than the search, so the list asks once more
    expect(rows).to_have_count(1)
    with page.expect_response(lambda answer: "q=espresso" in answer.url):
        house.classified(subject="Another espresso machine")
    expect(rows).to_have_count(2)


def test_what_was_begun_since_stands_below_a_reply_that_is_taken_back(page, house, case):
    the_editor(page)
    page.keyboard.type("First thought")
    page.keyboard.press("Control+Enter")
    undo = page.locator("#held-back").get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    editor = the_editor(page)
    page.keyboard.type("Second thought")

    undo.click()

    expect(page.locator("#dock")).to_contain_text("What you have begun since stands below it.")
    expect(editor).to_contain_text("First thought")
    expect(editor).to_contain_text("Second thought")


def test_a_step_a_colleague_accepts_leaves_the_typed_text_in_place(page, house, case, noor):
    page.get_by_label("Answer, and wait for the customer").check()
    message = page.get_by_label("Message to the customer")
    message.fill("My long answer")

    accepts(house, case, noor)

    news = page.locator("#dock-news")
    expect(news).to_contain_text("Noor Bakker has accepted this step in the meantime.")
    expect(message).to_have_value("My long answer")
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.locator("#dock")).to_contain_text("Noor Bakker has accepted this step (")
    expect(message).to_have_value("My long answer")


def test_a_step_done_in_another_window_leaves_the_typed_text_in_place(page, house, case):
    page.get_by_label("Answer, and wait for the customer").check()
    message = page.get_by_label("Message to the customer")
    message.fill("My long answer")

    house.completes(case, "handle", next="reply_and_wait", message="The other one")

    expect(page.locator("#dock-news")).to_contain_text("You have completed this step in another")
    expect(message).to_have_value("My long answer")
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.locator("#dock .kept")).to_contain_text("My long answer")


def test_a_page_that_asks_by_itself_says_once_that_nobody_answers(opened, page, house, case):
    page.route("**/cases/*/live?*", lambda route: route.abort())
    for words in ("One", "Two"):
        with page.expect_event("requestfailed"):
            house.replies(case, words)

    expect(page.locator("#toasts")).to_contain_text("There is no connection to the server.")
    expect(page.locator("#toasts .toast")).to_have_count(1)
    opened.forgive("htmx:sendError", "htmx:afterRequest")
