"""Writing to the customer in a real browser: by keyboard, for everybody, taken back in time."""

import pytest
from playwright.sync_api import Locator, expect

from processes.cases.models import Participant
from processes.mail import canned
from processes.mail.canned import Wording
from processes.mail.models import MailState
from processes.people.models import Role
from tests.processes.world import House
from tests.webapp.browsing import LOOKS, overflows, violations
from tests.webapp.desk.conftest import address

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.fixture
def case(house):
    """A case with a participant, in a house with two ready texts."""
    made = house.classified()
    with house.db.write() as session:
        boss = House.hire(session, "boss", "Bo Ss", Role.ADMIN)
        for name, text in (
            ("Greeting", "Hello {{customer_name}},\n\nthanks for {{number}}."),
            ("Restart", "Please switch it off and on."),
        ):
            canned.add(session, Wording(name, {"en": text}, None), boss)
        session.add(Participant(case_id=made.id, address="ann@example.org", name="Ann Lee"))
    return made


def the_editor(page) -> Locator:
    """Wait for the editor, which takes the place of a text box when its script is there."""
    editor = page.get_by_role("textbox", name="To Sanne de Vries")
    expect(editor).to_have_class("in editor")
    return editor


def test_whoever_writes_before_the_editor_has_come_writes_on_in_it(window, case):
    page = window().go(address(case))
    page.route("**/part-*.js", lambda _route: None)  # the editor's script is on its way
    page.keyboard.press("r")
    page.keyboard.type("Which phone ")
    expect(page.get_by_role("textbox", name="To Sanne de Vries")).to_have_value("Which phone ")

    page.unroute("**/part-*.js")
    editor = the_editor(page)
    page.keyboard.type("is it?")

    expect(editor).to_have_text("Which phone is it?")


@pytest.mark.parametrize(("width", "colours"), LOOKS)
def test_everybody_can_write_a_reply_and_take_it_back(window, house, case, width, colours):
    page = window(width=width, color_scheme=colours).go(address(case))
    page.get_by_role("tab", name="Reply").click()
    editor = the_editor(page)
    editor.click()
    page.keyboard.type("Hello /re")
    expect(page.locator(".slash [aria-selected='true']")).to_have_text("Restart")
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(editor).to_contain_text("Please switch it off and on.")
    page.locator(".envelope summary").click()
    page.get_by_role("button", name="Ann Lee").click()
    expect(page.get_by_label("Cc", exact=True)).to_have_value("ann@example.org")
    assert violations(page) == []
    assert not overflows(page)

    page.get_by_role("button", name="Send reply").click()

    undo = page.locator("#held-back").get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    assert violations(page) == []
    undo.click()
    expect(editor).to_contain_text("Please switch it off and on.")
    expect(page.get_by_label("Cc", exact=True)).to_have_value("ann@example.org")
    assert house.mails(case)[-1].state is MailState.CANCELLED
    assert violations(page) == []
    assert not overflows(page)


def test_a_reply_with_bold_list_and_link_without_the_mouse(window, house, case):
    page = window().go(address(case))
    page.keyboard.press("r")
    editor = the_editor(page)
    expect(editor).to_be_focused()
    page.keyboard.press("Control+b")
    page.keyboard.type("Two things")
    page.keyboard.press("Control+b")
    page.keyboard.press("Enter")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Bold")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(editor).to_be_focused()
    page.keyboard.type("first")
    page.keyboard.press("Enter")
    page.keyboard.type("second")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#talk .us").last).to_contain_text("Two things")
    mail = house.mails(case)[-1]
    assert "<b>Two things</b>" in mail.html
    assert "<li>first</li><li>second</li>" in mail.html
    assert "Two things\n\n- first\n- second" in mail.text
    page.keyboard.press("z")
    expect(the_editor(page)).to_contain_text("second")
    assert house.mails(case)[-1].state is MailState.CANCELLED


def test_the_offer_to_take_back_ends_with_its_seconds(window, house, product, case, monkeypatch):
    settings = product.settings.model_copy(update={"undo_seconds": 60.0})
    monkeypatch.setattr("webapp.desk.composing.app", lambda: type("P", (), {"settings": settings}))
    opened = window()
    opened.page.clock.install()
    page = opened.go(address(case))
    page.keyboard.press("r")
    editor = the_editor(page)
    expect(editor).to_be_focused()
    page.keyboard.type("Hello")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#held-back")).to_be_visible()
    page.clock.fast_forward(61_000)
    expect(page.locator("#held-back")).to_have_count(0)


def test_what_is_pasted_loses_all_that_can_act_or_look(window, house, case):
    page = window().go(address(case))
    page.keyboard.press("r")
    editor = the_editor(page)
    expect(editor).to_be_focused()
    editor.evaluate(
        """(box) => {
          const data = new DataTransfer();
          data.setData("text/html", '<h1 style="color:red">Title</h1><p onclick="x()">a <b>b</b>'
            + '<img src="https://t.example/p.gif"><a href="javascript:x()">c</a></p>');
          box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }"""
    )
    expect(editor).to_contain_text("Title")

    html = editor.inner_html()
    for sign in ("style=", "onclick", "<img", "javascript:", "<h1"):
        assert sign not in html
    assert "<b>b</b>" in html


def test_without_scripts_a_reply_is_written_with_a_ready_text_and_taken_back(window, house, case):
    page = window(java_script_enabled=False).go(address(case))
    page.get_by_label("To Sanne de Vries").fill("Before.")
    page.locator("#ready-text").select_option(label="Restart")
    page.locator("#reply-form").get_by_role("button", name="Insert").click()
    expect(page.get_by_label("To Sanne de Vries")).to_have_value(
        "Before.\n\nPlease switch it off and on."
    )
    page.get_by_role("button", name="Send reply").click()
    page.locator("#held-back").get_by_role("button", name="Undo").click()

    expect(page.get_by_label("To Sanne de Vries")).to_have_value(
        "Before.\n\nPlease switch it off and on."
    )
    assert house.mails(case)[-1].state is MailState.CANCELLED


@pytest.mark.requirement("CARE-14")
def test_each_entry_shows_its_medium_and_the_conversation_is_narrowed_to_one(window, house, case):
    house.replies(case, "By mail.", medium="email")
    page = window().go(address(case))
    page.get_by_role("tab", name="Contact").click()
    page.get_by_label("What was said").fill("We called.")
    page.get_by_role("button", name="Note the contact").click()
    expect(page.locator("#talk")).to_contain_text("We called.")
    page.reload()
    for words, said, symbol in (
        ("By mail.", "by e-mail", "mail"),
        ("We called.", "by phone", "phone"),
        ("Sinds", "in the portal", "web"),
    ):
        entry = page.locator("#talk article", has_text=words)
        expect(entry.locator("header")).to_contain_text(said)
        expect(entry.locator(f"header use[href*='#{symbol}']")).to_have_count(1)

    page.get_by_label("Show", exact=True).select_option("phone")

    expect(page.locator("#talk article", has_text="We called.")).to_be_visible()
    expect(page.locator("#talk article", has_text="By mail.")).to_be_hidden()
    page.get_by_label("Show", exact=True).select_option("")
    expect(page.locator("#talk article", has_text="By mail.")).to_be_visible()
    assert violations(page) == []
