"""The portal in a real browser: for everybody, by keyboard, without scripts, live."""

import re

import pytest
from playwright.sync_api import expect

from processes.cases.queries import get_case
from tests.webapp.browsing import LOOKS, Window, Windows, overflows, violations
from tests.webapp.portal.conftest import COOKIE, ON_ONE, REQUEST, digits_sent

pytestmark = ON_ONE

TYPED = ("name", "email", "description")


@pytest.fixture
def customer(windows: Windows, client, house, entered):
    """Open a window in which the customer of a case is signed in."""

    def open_window(case, **options) -> Window:
        contact_id = house.see(case).contact_id
        entered(client, contact_id=contact_id, case_id=options.pop("case_id", None))
        window = windows(locale="en-GB", **options)
        window.sign_in({COOKIE: client.get_cookie(COOKIE).value, "lang": "en"})
        return window

    return open_window


@pytest.fixture
def every_situation(house):
    """A case in each situation a customer can find theirs in; all of one customer."""
    new, waiting = house.submits(), house.classified(portal=True)
    house.completes(waiting, "handle", next="reply_and_wait", message="Which telephone?")
    return [new, waiting, house.classified(portal=True), house.answered(portal=True),
            house.closed(portal=True)]  # fmt: skip


def fill_in(page, **changed):
    for name in TYPED:
        page.locator(f"#request-{name}").fill((REQUEST | changed)[name])


@pytest.mark.parametrize(("width", "colours"), LOOKS)
def test_strangers_can_use_every_page(windows, width, colours, key):
    page = windows(width=width, color_scheme=colours).go("/portal/request")
    assert (violations(page), overflows(page)) == ([], False)

    page.get_by_role("button", name="Send request").click()
    page.get_by_role("alert").wait_for()
    assert (violations(page), overflows(page)) == ([], False)

    for path in ("/portal/request/thanks?number=7K3M-9QXT-4", "/portal/sign-in"):
        page.goto(path)
        assert (violations(page), overflows(page)) == ([], False)

    page.get_by_role("button", name="Open my request").click()
    expect(page.locator("#code-problem")).to_be_visible()
    assert (violations(page), overflows(page)) == ([], False)

    page.locator("#ask_email").fill("nobody@example.org")
    page.get_by_role("button", name="Send eight digits").click()
    page.get_by_label("Eight digits").fill("12345678")
    page.get_by_role("button", name="Open my requests").click()
    expect(page.locator("#digits-problem")).to_be_visible()
    page.get_by_text("Nothing arrived?").click()
    assert (violations(page), overflows(page)) == ([], False)


@pytest.mark.parametrize(("width", "colours"), LOOKS)
def test_customers_can_use_every_page(customer, house, every_situation, width, colours):
    page = customer(every_situation[0], width=width, color_scheme=colours).page
    paths = ["/portal/", "/portal/cases/AAAA-AAAA-A"]
    paths += [f"/portal/cases/{case.number}" for case in every_situation]

    for path in paths:
        page.goto(path)
        assert (path, violations(page), overflows(page)) == (path, [], False)


def test_somebody_without_requests_can_use_the_list(customer, house, windows, client, entered):
    entered(client, email="new@example.org")
    window = windows()
    window.sign_in({COOKIE: client.get_cookie(COOKIE).value})

    page = window.go("/portal/")

    expect(page.get_by_text("You have no requests yet")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("language", ["en", "nl", "de"])
def test_the_narrowest_phone_shows_everything(customer, every_situation, language):
    page = customer(every_situation[3], width=320).page
    paths = ["/portal/request", "/portal/sign-in?switch=1", "/portal/", "/portal/cases/nothing"]
    paths += [f"/portal/cases/{case.number}" for case in every_situation]

    for path in paths:
        page.goto(path + ("&" if "?" in path else "?") + f"lang={language}")
        assert (path, overflows(page)) == (path, False)


@pytest.mark.requirement("COV-43")
def test_another_category_brings_its_own_subcategories_with_and_without_scripts(windows, product):
    with_scripts = windows().go("/portal/request")
    fill_in(with_scripts)
    with_scripts.locator("#request-category").select_option("user_help")
    part = with_scripts.locator("#request-subcategory")
    expect(part.locator("option[value=signing_in]")).to_be_attached()
    part.select_option("signing_in")
    with_scripts.locator("#request-category").select_option("commercial")
    expect(part.locator("option[value=quotation]")).to_be_attached()
    expect(part.locator("option[value=signing_in]")).not_to_be_attached()
    expect(with_scripts.locator("#request-description")).to_have_value(REQUEST["description"])
    part.select_option("quotation")
    with_scripts.get_by_role("button", name="Send request").click()
    expect(with_scripts.get_by_role("heading", level=1)).to_have_text("Your request has arrived")

    without = windows(java_script_enabled=False).go("/portal/request")
    fill_in(without)
    without.locator("#request-category").select_option("user_help")
    without.get_by_role("button", name="Show the matching questions").click()
    without.locator("#request-category").select_option("commercial")
    without.get_by_role("button", name="Show the matching questions").click()
    offered = without.locator("#request-subcategory")
    expect(offered.locator("option[value=quotation]")).to_be_attached()
    expect(offered.locator("option[value=signing_in]")).not_to_be_attached()
    without.locator("#request-subcategory").select_option("quotation")
    without.get_by_role("button", name="Send request").click()
    expect(without.get_by_role("heading", level=1)).to_have_text("Your request has arrived")


def test_a_request_lives_its_life_without_scripts(windows, house, product):
    window = windows(java_script_enabled=False)
    page = window.go("/portal/request?category=user_help&subcategory=signing_in&lang=en")
    fill_in(page)
    page.get_by_role("button", name="Send request").click()
    number = page.locator(".big-number").inner_text()
    page.get_by_role("link", name="Follow this request").click()
    page.locator("#ask_email").fill(REQUEST["email"])
    page.get_by_role("button", name="Send eight digits").click()
    page.get_by_label("Eight digits").fill(digits_sent(product))
    page.get_by_role("button", name="Open my requests").click()
    expect(page).to_have_url(re.compile(f"/portal/cases/{number}$"))

    page.get_by_label("Your message").fill("I forgot to say: since Monday.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#thread")).to_contain_text("since Monday")

    with house.db.read() as session:
        case = get_case(session, number)
    house.completes(case, "classify", subject="Signing in", portal=True)
    house.completes(case, "handle", next="final_answer")
    house.completes(case, "write_final_answer", answer="It works again.")
    page.reload()
    page.get_by_role("button", name="I agree, close it").click()
    expect(page.locator("#promise")).to_contain_text("This request was closed on")
    page.get_by_label("Your message").fill("Sadly not.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#promise")).to_contain_text("We are working on your question")


@pytest.mark.requirement("COV-82")
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_both_screens_pass_by_keyboard_and_in_contrast(windows, house, colours):
    case = house.answered(portal=True)
    page = windows(color_scheme=colours).go("/portal/sign-in?lang=en")
    assert violations(page) == []

    reach(page, "#email")
    page.keyboard.type("sanne@example.org")
    page.keyboard.press("Tab")
    page.keyboard.type(house.code(case))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Do you agree with our answer?")).to_be_visible()
    assert violations(page) == []

    reach(page, "a[href='#text']")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    if page.evaluate("document.activeElement.id") != "text":
        reach(page, "#text")
    page.keyboard.type("I do not agree.")
    reach(page, "form.reply button.btn:not([data-removes-file])")
    page.keyboard.press("Enter")
    expect(page.locator("#thread")).to_contain_text("I do not agree.")
    expect(page.locator("#promise")).to_contain_text("We are reading your reply")


def reach(page, selector):
    """Press Tab until the element has the focus, and see that it shows."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            expect(page.locator(selector)).not_to_have_css("box-shadow", "none")
            return
    raise AssertionError(selector)


def test_what_is_new_appears_by_itself_and_takes_nothing_away(customer, house):
    case = house.classified(portal=True)
    page = customer(case).go(f"/portal/cases/{case.number}")
    expect(page.locator("body")).to_have_attribute("data-live-by", "stream")
    page.evaluate("window.stays = true")
    page.get_by_label("Your message").fill("Half a sentence")
    page.get_by_role("heading", level=1).click()

    house.completes(case, "handle", next="reply_and_wait", message="Which telephone is it?")

    expect(page.locator("#thread")).to_contain_text("Which telephone is it?")
    expect(page.locator("#promise")).to_contain_text("We are waiting for your answer")
    expect(page.get_by_text("We have a question for you")).to_be_visible()
    expect(page.locator(".track .now")).to_contain_text("waiting for you")
    expect(page.locator("#reply-hint")).to_contain_text("We are waiting for your answer")
    expect(page.get_by_label("Your message")).to_have_value("Half a sentence")
    assert page.evaluate("window.stays") is True
    assert violations(page) == []


def test_the_language_can_be_changed_on_every_page(customer, house):
    case = house.answered(portal=True)
    page = customer(case).go(f"/portal/cases/{case.number}")

    page.get_by_text(re.compile("^EN")).first.click()
    page.get_by_role("link", name="Deutsch").click()

    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#promise")).to_contain_text("Sie haben unsere Antwort")
    expect(page).to_have_url(re.compile(rf"{case.number}(\?|$)"))
