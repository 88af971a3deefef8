"""The frame in a real browser: for everybody, by keyboard, without scripts, live."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from processes.bootstrap import App
from processes.cases import changes
from tests.webapp.browsing import LOOKS, Window, Windows, overflows, serving, violations
from tests.webapp.conftest import PASSWORD, SignIn
from webapp.app import create_app
from webapp.config import WebSettings

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

DESK = "casewright-desk"
LISTEN = """name => {
    window.heard = 0;
    document.body.addEventListener(name, () => { window.heard += 1; }); }"""
LOOK = """hidden => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange')); }"""


@pytest.fixture
def staff_window(windows: Windows, client, signed_in: SignIn):
    """Open a window in which an agent is signed in."""

    def open_window(**options) -> Window:
        signed_in(client, "serviceUser")
        window = windows(**options)
        window.sign_in({DESK: client.get_cookie(DESK).value})
        return window

    return open_window


@pytest.mark.parametrize(("width", "colours"), LOOKS)
@pytest.mark.parametrize("path", ["/sign-in", "/nothing-here"])
def test_a_stranger_can_use_the_page(windows, path, width, colours):
    page = windows(width=width, color_scheme=colours).go(path)

    assert violations(page) == []
    assert not overflows(page)


@pytest.mark.parametrize(("width", "colours"), LOOKS)
def test_everybody_can_set_their_preferences(staff_window, width, colours):
    page = staff_window(width=width, color_scheme=colours).go("/preferences")

    assert violations(page) == []
    assert not overflows(page)


@pytest.mark.parametrize("path", ["/sign-in", "/preferences"])
def test_the_narrowest_phone_shows_everything(staff_window, path):
    assert not overflows(staff_window(width=320).go(path))


def test_the_help_sheet_opens_by_a_key_and_can_be_used(staff_window):
    page = staff_window().go("/preferences")

    page.keyboard.press("?")

    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_shortcuts_rest_while_somebody_types(staff_window):
    page = staff_window().go("/preferences")

    page.get_by_label("Language").focus()
    page.keyboard.press("?")

    expect(page.get_by_role("dialog")).to_have_count(0)


def test_shortcuts_can_be_switched_off(staff_window):
    page = staff_window().go("/preferences")
    page.get_by_role("checkbox", name="Keyboard shortcuts").uncheck()
    page.get_by_role("button", name="Save preferences").click()
    expect(page.get_by_text("Your preferences are saved.")).to_be_visible()

    page.keyboard.press("?")

    expect(page.get_by_role("dialog")).to_have_count(0)


def test_two_keys_lead_to_the_cases(staff_window):
    page = staff_window().go("/preferences")

    page.keyboard.press("g")
    page.keyboard.press("i")

    page.wait_for_url("**/desk/**")


def test_the_first_stop_of_the_keyboard_leads_to_the_content(staff_window):
    page = staff_window().go("/preferences")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.wait_for_url("**#main")


def test_the_switch_turns_the_lights_off_for_good(staff_window):
    page = staff_window(color_scheme="light").go("/preferences")

    with page.expect_response("**/preferences/theme"):
        page.get_by_role("button", name="Switch between light and dark").click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_label("Appearance")).to_have_value("dark")


def test_without_scripts_the_pages_still_work(windows):
    page = windows(java_script_enabled=False).go("/sign-in")

    page.get_by_label("User name").fill("serviceUser")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk/**")
    page.goto("/preferences")
    page.get_by_label("Language").select_option("nl")
    page.get_by_role("button", name="Save preferences").click()

    expect(page.get_by_text("Uw voorkeuren zijn opgeslagen.")).to_be_visible()


def test_a_demo_user_is_one_click_and_the_clock_one_more(browser, product: App):
    settings = product.settings.model_copy(update={"demo": True})
    with serving(create_app(replace(product, settings=settings), WebSettings())) as address:
        window = Window(browser, address)
        page = window.go("/sign-in")
        assert violations(page) == []
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 800})
            assert not overflows(page)
        page.get_by_role("button", name="Ada Lindner").click()
        page.locator("form .primary").click()
        page.wait_for_url("**/designer/")
        page.goto("/preferences")

        before = page.locator("[data-clock]").get_attribute("datetime")
        page.get_by_role("button", name="+8 days").click()

        expect(page.get_by_text("Time has passed.")).to_be_visible()
        expect(page).to_have_url(re.compile("/preferences$"))
        expect(page.locator("[data-clock]")).not_to_have_attribute("datetime", before)
        assert page.locator("[data-clock]").get_attribute("datetime") > before
        window.close()


def test_a_refused_request_of_a_script_is_a_line_in_the_corner(staff_window):
    window = staff_window()
    page = window.go("/preferences")
    heading = page.get_by_role("heading", name="Mila Jansen")

    page.evaluate("() => { htmx.ajax('GET', '/nothing-here', '#main') }")

    alert = page.locator("#toasts").get_by_role("alert")
    expect(alert).to_contain_text("There is nothing here")
    expect(heading).to_be_visible()
    alert.get_by_role("button", name="Dismiss").click()
    expect(alert).to_have_count(0)
    window.faults.clear()  # htmx tells the console of every refusal


def test_a_server_that_is_away_is_said_so(staff_window):
    window = staff_window()
    page = window.go("/preferences")
    window.context.set_offline(offline=True)

    page.evaluate("() => { htmx.ajax('GET', '/preferences', '#main').catch(() => {}) }")

    expect(page.get_by_text("There is no connection to the server.")).to_be_visible()
    window.faults.clear()  # htmx tells the console of every failure


def test_a_change_reaches_the_open_page(staff_window, product):
    page = staff_window().go("/preferences")
    expect(page.locator("body")).to_have_attribute("data-live-by", "stream")
    page.evaluate(LISTEN, "live:case:12")

    with product.db.write() as session:
        changes.record(session, "case", 12)

    page.wait_for_function("() => heard === 1")


def test_a_page_that_missed_a_change_hears_of_it_when_it_is_looked_at(staff_window, product):
    window = staff_window()
    page = window.go("/preferences")
    expect(page.locator("body")).to_have_attribute("data-live-by", "stream")
    page.evaluate(LISTEN, "live:case")
    page.evaluate(LOOK, arg=True)

    with product.db.write() as session:
        changes.record(session, "case", 12)
    page.evaluate(LOOK, arg=False)

    page.wait_for_function("() => heard > 0")
    page.wait_for_timeout(500)  # in which it could be told twice
    assert page.evaluate("heard") == 1


def test_without_a_stream_the_page_asks_every_fifteen_seconds(
    browser, product: App, client, signed_in: SignIn
):
    signed_in(client, "serviceUser")
    with serving(create_app(product, WebSettings(live_streams=0))) as address:
        window = Window(browser, address)
        window.sign_in({DESK: client.get_cookie(DESK).value})
        window.page.clock.install()
        page = window.go("/preferences")
        expect(page.locator("body")).to_have_attribute("data-live-by", "asking")
        with product.db.write() as session:
            changes.record(session, "desk")

        with page.expect_response("**/live/since/**") as asked:
            page.clock.fast_forward(15_100)

        assert asked.value.status == 200
        window.close()
