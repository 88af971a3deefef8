"""The desk in a real browser: for everybody, by keyboard alone, without scripts, live."""

import re

import pytest
from playwright.sync_api import Page, expect

from processes.cases import services
from processes.cases.models import Channel
from processes.cases.queries import get_case_by_id
from processes.request import services as requests
from tests.webapp.browsing import LOOKS, calm, eventually, overflows, violations
from tests.webapp.desk.conftest import address

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.fixture
def busy(house, noor):
    """A day's work: one case with everything on it, and the states beside it."""
    house.submits(subject="Nobody has this yet", name="Tomasz Zieliński", email="tz@example.org")
    house.opens(Channel.COUNTER)
    house.answered(subject="Waits for a good week")
    house.closed(subject="Done and gone")
    case = house.classified(priority="high", is_complaint="true", organization="Vries & Zonen")
    with house.db.write() as session:
        fresh = get_case_by_id(session, case.id)
        services.add_note(session, fresh, "Third one this week.", noor)
        services.add_todo(session, fresh, "Call the factory.", noor)
    return case


def settled(page: Page) -> Page:
    """Wait until the diagram is drawn, so that nothing is judged half way."""
    expect(page.locator("[data-mode='strip'][data-drawn='yes']")).to_be_visible()
    return page


@pytest.mark.parametrize(("width", "colours"), LOOKS)
def test_everybody_can_use_the_list(window, busy, width, colours):
    page = window(width=width, color_scheme=colours).go("/desk/?view=all")

    assert violations(page) == []
    assert not overflows(page)


@pytest.mark.parametrize(("width", "colours"), LOOKS)
def test_everybody_can_use_the_page_of_a_case(window, busy, width, colours):
    page = settled(window(width=width, color_scheme=colours).go(address(busy)))

    assert violations(page) == []
    assert not overflows(page)


@pytest.mark.parametrize("state", ["submits", "opens", "answered", "closed"])
def test_everybody_can_use_a_case_in_every_state(window, house, state):
    case = getattr(house, state)()
    page = settled(window().go(address(case)))
    page.get_by_role("tab", name="Contact").click()
    expect(page.get_by_role("tabpanel", name="Contact")).to_be_visible()

    assert violations(page) == []


@pytest.mark.requirement("CON-32")
def test_list_case_and_activities_stand_side_by_side_and_fit_a_narrow_phone(window, busy):
    wide = calm(settled(window(width=1440).go(address(busy))))
    places = [
        wide.get_by_role("region", name="Case list").bounding_box(),
        wide.get_by_role("main").bounding_box(),
        wide.get_by_role("complementary", name="Customer, activities and facts").bounding_box(),
    ]
    assert [place["x"] for place in places] == sorted(place["x"] for place in places)
    assert {place["y"] for place in places} == {0}

    narrow = settled(window(width=320, height=640).go(address(busy)))
    assert not overflows(narrow)
    narrow.get_by_role("button", name="Details").click()
    expect(narrow.get_by_role("heading", name="Activities")).to_be_visible()
    narrow.get_by_role("button", name="Close details").click()
    narrow.get_by_role("link", name="Back to the list").click()
    expect(narrow.locator("ul.cases")).to_be_visible()
    assert not overflows(narrow)


def test_the_page_of_a_case_without_the_mouse(window, house):
    case = house.classified(subject="First in the list")
    page = window().go("/desk/")

    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address(case)}**")
    settled(page)
    page.keyboard.press("n")
    page.keyboard.type("Written without a mouse")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#talk .note")).to_contain_text("Written without a mouse")
    page.keyboard.press("r")
    page.keyboard.type("Which phone is it?")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#talk .us").last).to_contain_text("Which phone is it?")
    page.keyboard.press("e")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("We wait for your answer.")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#chead")).to_contain_text("Waits for the customer")
    assert house.see(case).status == "waiting_customer"
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


@pytest.mark.requirement("CARE-01")
def test_a_request_lives_its_whole_life_in_a_browser_without_scripts(window, house):
    page = window(java_script_enabled=False).go("/desk/")

    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_label("Name", exact=True).fill("Jule Brandt")
    page.locator("[name=contact_email]").first.fill("jule@example.org")
    page.get_by_role("textbox", name="Subject").fill("Refund")
    page.get_by_role("button", name="Complete step").click()
    page.locator("[name=category]").select_option("commercial")
    page.get_by_role("button", name="Show the matching questions").click()
    page.locator("[name=subcategory]").select_option("invoice")
    page.get_by_role("button", name="Complete step").click()
    expect(page.locator("#chead")).to_contain_text("Handle request")
    page.get_by_label("On to the final answer").check()
    page.get_by_role("button", name="Show the matching questions").click()
    page.get_by_role("button", name="Complete step").click()
    page.get_by_label("1. The answer").fill("It is on its way.")
    page.get_by_role("button", name="Complete step").click()

    expect(page.locator("#chead")).to_contain_text("Waiting for customer")
    expect(page).to_have_url(re.compile(r"/cases/[0-9A-Z-]+"))
    number = re.search(r"/cases/([0-9A-Z-]+)", page.url).group(1)
    house.waits(days=8, seconds=1)
    page.goto("/desk/?view=archive")
    page.get_by_role("link", name="Refund").click()
    expect(page.locator("#chead")).to_contain_text("Closed automatically")
    expect(page).to_have_url(re.compile(number))


def test_another_category_brings_its_subcategories_at_once(window, house):
    case = house.submits()
    page = settled(window().go(address(case)))
    page.get_by_label("Title").fill("Typed before")

    page.get_by_label("Category", exact=False).first.select_option("commercial")

    expect(page.locator("[name=subcategory]")).to_contain_text("An invoice")
    expect(page.get_by_label("Title")).to_have_value("Typed before")


def test_what_happens_appears_and_takes_away_nothing_typed(window, house):
    case = house.classified()
    house.completes(case, "handle", next="reply_and_wait", message="Which phone is it?")
    page = settled(window().go(address(case)))
    expect(page.locator("body")).to_have_attribute("data-live-by", "stream")
    page.get_by_role("tab", name="Note").click()
    page.get_by_label("Note for colleagues").fill("Half a sen")

    house.replies(case, "The red one.")

    expect(page.locator("#talk")).to_contain_text("The red one.")
    expect(page.get_by_role("tab", name="Handle request")).to_be_visible()
    expect(page.get_by_label("Note for colleagues")).to_have_value("Half a sen")
    expect(page.get_by_label("Note for colleagues")).to_be_focused()
    expect(page.locator(f"#case-{case.id}")).not_to_have_class(re.compile(r"\bnew\b"))
    assert eventually(lambda: not house.see(case).unread, page)


def test_a_handler_chosen_and_not_sent_stays_until_it_is(window, house, noor):
    case = house.classified()
    house.completes(case, "handle", next="reply_and_wait", message="Which phone is it?")
    page = settled(window().go(address(case)))
    expect(page.locator("body")).to_have_attribute("data-live-by", "stream")
    handler = page.get_by_label("Handler", exact=True)
    handler.select_option("Noor Bakker")
    page.get_by_role("tab", name="Note").click()

    house.replies(case, "The red one.")

    expect(page.locator("#talk")).to_contain_text("The red one.")
    expect(handler).to_have_value(str(noor.id))
    page.get_by_role("button", name="Hand over").click()
    expect(page.locator("#chead")).to_contain_text("Noor Bakker")
    with house.db.write() as session:
        requests.assign(session, get_case_by_id(session, case.id), house.emma, noor)
    expect(handler).to_have_value(str(house.emma.id))


def test_a_step_done_by_a_colleague_leaves_the_typed_text_in_place(window, house, noor):
    case = house.classified()
    page = settled(window().go(address(case)))
    expect(page.locator("body")).to_have_attribute("data-live-by", "stream")
    page.get_by_label("Answer, and wait for the customer").check()
    page.get_by_label("Message to the customer").fill("My long answer")

    house.completes(case, "handle", staff=noor, next="reply_and_wait", message="Hers")

    expect(page.locator("#dock-news")).to_contain_text("Noor Bakker has completed this step")
    expect(page.get_by_label("Message to the customer")).to_have_value("My long answer")
    page.get_by_role("button", name="Complete step").click()
    expect(page.locator("#dock")).to_contain_text("Noor Bakker has completed this step (")
    expect(page.locator("#dock .kept")).to_contain_text("My long answer")


def test_a_new_request_appears_in_an_open_list(window, house):
    page = window().go("/desk/?view=unassigned")
    expect(page.locator("body")).to_have_attribute("data-live-by", "stream")

    house.submits(subject="Just come in")

    expect(page.locator("ul.cases")).to_contain_text("Just come in")
    expect(page.locator("#views")).to_contain_text("Unassigned 1")


def test_the_list_is_searched_while_one_types(window, house):
    house.classified(subject="Espresso machine")
    house.classified(subject="Something else")
    page = window().go("/desk/")

    page.keyboard.press("/")
    page.keyboard.type("espresso")

    expect(page.locator("ul.cases li")).to_have_count(1)
    expect(page.locator("ul.cases")).to_contain_text("Espresso machine")


def test_on_a_phone_the_box_is_a_sheet(window, busy, house):
    page = settled(window(width=390, height=844).go(address(busy)))
    expect(page.get_by_label("What next?")).to_be_hidden()

    page.get_by_role("button", name="Complete step").click()
    expect(
        page.get_by_role("group", name="What next?").or_(page.get_by_role("radiogroup"))
    ).to_be_visible()
    assert violations(page) == []
    page.get_by_label("On to the final answer").check()
    expect(page.get_by_label("Message to the customer")).to_be_hidden()
    page.get_by_role("button", name="Complete step").click()

    expect(page.locator("#chead")).to_contain_text("Write final answer")
    assert house.see(busy).step["element_id"] == "write_final_answer"


def test_the_whole_process_is_one_press_away(window, busy):
    page = settled(window().go(address(busy)))

    page.get_by_role("button", name="Show the whole process").click()

    expect(page.get_by_role("dialog").locator("[data-drawn='yes']")).to_be_visible()
    assert violations(page) == []
