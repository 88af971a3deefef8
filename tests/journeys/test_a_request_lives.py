"""A request lives its whole life, in browsers, as customer and agent; workers, mail are real."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from engine import clock
from processes.cases.models import Activity, Case, CaseStatus, Priority
from processes.cases.settings import DEFAULTS, TIMEZONE
from tests.journeys.installation import PASSWORD, until
from tests.journeys.people import Customer
from tests.journeys.test_faults import all_of
from tests.journeys.visitor import Visitor
from tests.servers.driven import PATIENCE_MS

EMAIL = "jane@customer.example"


@pytest.fixture
def open_page(browser: Browser, installation):
    """Opens a browser of somebody's own; what a script complains of fails the test."""
    faults, contexts = [], []

    def opened(**options) -> Page:
        context = browser.new_context(base_url=installation.addresses[0], locale="en-GB", **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def ask(page: Page) -> str:
    page.goto("/portal/request")
    page.fill("[name=name]", "Jane Roe")
    page.fill("[name=email]", EMAIL)
    page.select_option("[name=category]", "user_help")
    page.select_option("[name=subcategory]", "something_broken")
    page.fill("[name=subject]", "Washing machine leaks")
    page.fill("[name=description]", "It leaks at the back since this morning.")
    page.wait_for_timeout(2_500)  # what comes back sooner was not filled in by a person
    page.locator("main button.primary").first.click()
    page.wait_for_url("**/thanks?**")
    return page.url.rpartition("number=")[2]


def sign_in_at_the_desk(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("[name=username]", "serviceUser")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/**")


def classify(page: Page, number: str) -> None:
    page.goto("/desk/?view=unassigned")
    page.locator(f"a.case[href*='{number}']").click()
    form = page.locator("form[action*='/steps/']").first
    form.locator("[name=handler]").select_option(label="Mila Jansen")
    for name, value in (("priority", "medium"), ("request_type", "action"),
                        ("status", "in_progress")):  # fmt: skip
        choose(form, name, value)
    form.locator("[name=portal]").check()
    form.locator("[name=automatic_mail]").check()
    form.locator("[name=subject]").press("Control+Enter")
    expect(page.locator("form[action*='/steps/'] [name=next]").first).to_be_attached()


def choose(form, name: str, value: str) -> None:
    """Choose in a select field or among radio buttons, whichever the form shows."""
    expect(form.locator(f"[name={name}]").first).to_be_attached()
    radio = form.locator(f"input[name={name}][value={value}]")
    if radio.count():
        radio.check(force=True)
    else:
        form.locator(f"select[name={name}]").select_option(value)


def answer_finally(page: Page) -> None:
    form = page.locator("form[action*='/steps/']").first
    choose(form, "next", "final_answer")
    page.locator("form[action*='/steps/'] [name=next]").first.press("Control+Enter")
    answer = page.locator("form[action*='/steps/'] [name=answer]")
    answer.fill("Tighten the hose at the back.")
    answer.press("Control+Enter")
    expect(answer).to_have_count(0)


def case(installation) -> Case:
    with installation.app.db.read() as session:
        return session.query(Case).one()


def write(page: Page, text: str) -> None:
    form = page.locator("form[action*='/messages']")
    form.locator("textarea").fill(text)
    form.locator("button:not([formaction])").last.click()
    expect(page.get_by_text(text).first).to_be_visible()


def enter_the_portal(page: Page, code: str) -> None:
    page.goto("/portal/sign-in")
    page.fill("form[action$='/sign-in'] [name=email]", EMAIL)
    page.fill("[name=code]", code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/portal/cases/**")


def first_mail(box: Customer) -> str:
    """Return the code of the first mail, which holds all that a customer must know."""
    until(lambda: len(box.mails()) == 1)
    (text,) = box.mails()
    for words in (box.number, "Mila Jansen", "serviceuser@casewright.example", "/portal/"):
        assert words in text
    codes = re.findall(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2,3}", text)
    return next(code for code in codes if code != box.number)


def test_a_request_is_answered_waits_a_good_week_closes_and_comes_back(
    installation, mail_server, open_page
):
    customer, agent = open_page(), open_page()
    number = ask(customer)
    box = Customer(Visitor(installation.addresses), EMAIL, mail_server, number)
    sign_in_at_the_desk(agent)
    classify(agent, number)
    enter_the_portal(customer, first_mail(box))
    write(customer, "Shall I send a photo?")
    expect(agent.get_by_text("Shall I send a photo?").first).to_be_visible()  # without reloading

    answer_finally(agent)
    now = case(installation)
    assert (now.status, now.priority) == (CaseStatus.WAITING_CUSTOMER, Priority.LOW)
    until(lambda: len(box.mails()) == 2)
    there = now.promised_close_at.astimezone(ZoneInfo(DEFAULTS[TIMEZONE]))
    day = f"{there:%-d} {there:%B}"  # the house's day: near midnight it is not that of UTC
    assert day in box.mails()[1]
    customer.goto(f"/portal/cases/{number}")
    expect(customer.locator("main")).to_contain_text(day)

    installation.later(days=7)
    agent.wait_for_timeout(2_000)
    assert case(installation).status is CaseStatus.WAITING_CUSTOMER
    installation.later(days=1)
    until(lambda: case(installation).status is CaseStatus.CLOSED)
    until(lambda: len(box.mails()) == 3)
    assert "closed" in box.mails()[2]

    customer.goto(f"/portal/cases/{number}")
    write(customer, "It leaks again.")
    assert case(installation).status is CaseStatus.IN_PROGRESS
    notes = all_of(installation, Activity.data, Activity.internal)
    assert any(row.internal and (row.data or {}).get("code") == "reopened" for row in notes)
    assert case(installation).unread


def test_a_reply_on_day_five_stops_the_closing(installation, mail_server, open_page):
    customer, agent = open_page(), open_page()
    number = ask(customer)
    sign_in_at_the_desk(agent)
    classify(agent, number)
    answer_finally(agent)
    installation.later(days=5)
    box = Customer(Visitor(installation.addresses), EMAIL, mail_server, number)
    box.sign_in()
    box.write("No, it still leaks.")
    assert case(installation).status is CaseStatus.IN_PROGRESS
    installation.later(days=20)
    agent.wait_for_timeout(3_000)
    assert case(installation).status is CaseStatus.IN_PROGRESS
    with installation.app.db.read() as session:
        assert clock.business_now(session) - case(installation).created_at > timedelta(days=24)
