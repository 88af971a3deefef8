"""The admin pages in a real browser: for everybody, by keyboard, without scripts, live."""

import pytest
from playwright.sync_api import expect

from processes.mail.models import CannedText
from tests.webapp.admin.colours import WIDTHS, in_both_colours
from tests.webapp.browsing import Held, overflows, violations

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

DESK = "casewright-desk"
CASES = (
    "/admin/",
    "/admin/?process=request&version=1&step=classify",
    "/admin/incidents",
    "/admin/instances/{instance}",
    "/admin/instances/{instance}/cancel",
)
HOUSE = (
    "/admin/workers",
    "/admin/outbox",
    "/admin/outbox/1",
    "/admin/categories",
    "/admin/categories/1",
    "/admin/settings",
)
TWO_CLICKS = """() => {
  const button = document.querySelector(".addbox .btn.primary");
  button.click();
  setTimeout(() => button.click(), 500);
}"""
CHANGED = "document.body.dispatchEvent(new CustomEvent('live:case'))"


@pytest.fixture
def case(practice):
    """A case in its good week whose timer has given up."""
    made = practice.ask()
    practice.pass_time(hours=3)
    practice.answer(made)
    practice.break_timer(made)
    return made


@pytest.fixture
def admin_window(windows, client, signed_in):
    """Open a window in which an admin is signed in."""

    def open_window(**options):
        signed_in(client, "adminUser")
        window = windows(**options)
        window.sign_in({DESK: client.get_cookie(DESK).value})
        return window

    return open_window


def address(practice, case):
    return f"/admin/instances/{practice.instance(case).id}"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("paths", [CASES, HOUSE], ids=["cases", "house"])
def test_everybody_can_use_the_pages(admin_window, practice, case, paths, width):
    window = admin_window(width=width)
    found = {}
    for path in paths:
        page = window.go(path.format(instance=practice.instance(case).id))
        if path.endswith("{instance}"):
            page.locator("[data-drawn=yes]").wait_for()
        found[path] = [*in_both_colours(page), *(["sideways"] if overflows(page) else [])]
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_the_narrowest_phone_shows_everything(admin_window, practice, case):
    window = admin_window(width=320)
    for path in (*CASES, *HOUSE):
        assert not overflows(window.go(path.format(instance=practice.instance(case).id))), path


def test_the_diagram_shows_token_way_and_incident(admin_window, practice, case):
    page = admin_window().go(f"{address(practice, case)}?process=closure")

    expect(page.locator("[data-element-id=good_week].is-now")).to_be_visible()
    expect(page.locator("[data-element-id=good_week_over].is-bad")).to_be_visible()
    expect(page.locator("[data-element-id=write_final_answer].is-done")).to_be_visible()
    expect(page.locator(".tok.bad")).to_have_text("1 incident")


def test_a_call_activity_opens_what_it_calls(admin_window, practice, case):
    page = admin_window().go(address(practice, case))
    page.locator("[data-drawn=yes]").wait_for()

    page.locator("g[data-element-id=closure] .djs-hit").first.click()

    page.wait_for_url("**/admin/instances/*?process=closure")


def test_the_page_follows_the_instance_and_keeps_the_open_tab(admin_window, practice):
    made = practice.ask()
    page = admin_window().go(address(practice, made))
    page.get_by_role("tab", name="Log").click()
    page.locator("[data-element-id=classify].is-now").wait_for()

    practice.classify(made)
    page.evaluate(CHANGED)

    expect(page.locator("[data-element-id=handle].is-now")).to_be_visible()
    expect(page.locator("#history")).to_contain_text("Handle")
    expect(page.locator("#in-log")).to_contain_text("Mila Jansen")
    expect(page.locator("#in-log")).to_be_visible()


def test_the_list_follows_too(admin_window, practice):
    page = admin_window().go("/admin/")
    expect(page.get_by_text("Nothing here yet")).to_be_visible()

    made = practice.ask()
    page.evaluate(CHANGED)

    expect(page.get_by_role("link", name=made.number)).to_be_visible()


def test_cancelling_by_keyboard_asks_in_a_dialog(admin_window, practice, case):
    page = admin_window().go(address(practice, case))

    page.get_by_role("link", name="Cancel instance").first.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert violations(page) == []
    dialog.get_by_label("Reason").fill("The customer called it off.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_text("The instance is cancelled.")).to_be_visible()
    assert practice.instance(case).status == "cancelled"


def test_without_scripts_an_instance_is_found_and_cancelled(admin_window, practice, case):
    page = admin_window(java_script_enabled=False).go("/admin/")

    page.get_by_label("Process").select_option("request")
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("link", name=case.number).click()
    expect(page.get_by_label("Error", exact=True)).to_contain_text("on fire")
    expect(page.locator("#in-jobs")).to_be_visible()
    page.get_by_role("link", name="Cancel instance").first.click()
    page.get_by_label("Reason").fill("The customer called it off.")
    page.get_by_role("button", name="Cancel instance").click()

    expect(page.get_by_text("The instance is cancelled.")).to_be_visible()
    assert practice.instance(case).status == "cancelled"


def test_a_mail_is_framed_without_breaking_the_policy(admin_window, practice, case):
    page = admin_window().go("/admin/outbox/1")

    frame = page.frame_locator("iframe")
    expect(frame.get_by_text(case.number).first).to_be_visible()
    expect(frame.locator("body")).to_have_css("padding", "24px")


def test_a_form_that_is_sent_by_two_clicks_is_sent_once(admin_window, practice):
    page = admin_window().go("/admin/texts")
    page.get_by_text("Add a text").click()
    page.get_by_label("Name").fill("Greeting")
    page.get_by_label("English").fill("Hello")

    held = Held(page, "**/admin/texts", most=1)
    page.evaluate(TWO_CLICKS)
    held.wait()
    page.wait_for_timeout(1_000)  # in which the second click comes
    held.come()

    expect(page.get_by_text("The text is added.")).to_be_visible()
    with practice.db.read() as session:
        assert [text.name for text in session.query(CannedText)] == ["Greeting"]
