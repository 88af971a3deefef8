"""Reading and writing a customer's mail in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.servers.post import mail
from tests.webapp.browsing import LOOKS, overflows, violations
from tests.webapp.demo_mail.conftest import SANNE, SUPPORT
from tests.webapp.demo_mail.test_pages import BOX, FIRST, answer_of_ours, came

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.mark.parametrize(("width", "colours"), LOOKS)
@pytest.mark.parametrize("path", ["/sign-in", "/demo/mail", BOX, FIRST, f"{FIRST}/reply"])
def test_everybody_can_use_the_mail_program(open_demo, world, path, width, colours):
    answer_of_ours(world)
    page = open_demo(width=width, color_scheme=colours).go(path)

    assert violations(page) == []
    assert not overflows(page)


@pytest.mark.parametrize("width", [1440, 390, 320])
def test_the_demo_bar_leads_to_the_mailboxes(open_demo, world, width):
    page = open_demo(width=width).go("/sign-in")
    assert not overflows(page)

    page.get_by_role("link", name="Customers' mailboxes").click()

    expect(page.get_by_text("Whose mail do you want to read?")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_customer_writes_and_answers(open_demo, world, scripts):
    page = open_demo(java_script_enabled=scripts).go("/demo/mail")
    page.get_by_role("link", name="Sanne de Vries").click()
    page.get_by_role("link", name="New mail").click()
    page.get_by_label("Subject").fill("A crack")
    page.get_by_label("Text").fill("The tank has a crack.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Sent. Casewright looks")).to_be_visible()
    expect(page.get_by_role("link", name="A crack")).to_be_visible()

    [arrived] = came(world)
    answer_of_ours(world, References=str(arrived["Message-ID"]))
    if not scripts:
        page.reload()
    page.get_by_role("link", name="Your question").click(timeout=9_000)
    expect(page.frame_locator("iframe").get_by_text("looking")).to_be_visible()
    expect(page.get_by_role("link", name="Sanne de Vries A crack")).to_be_visible()
    page.get_by_role("link", name="Answer this mail").click()
    page.get_by_label("Text").press("Control+Home")
    page.get_by_label("Text").type("Thank you!")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Sent. Casewright looks")).to_be_visible()

    arrived = came(world)[1]
    assert arrived["Subject"] == "Re: Your question"
    text = arrived.get_body(("plain",)).get_content()
    assert text.startswith("Thank you!")
    assert "> We are looking into it." in text


def test_a_mail_that_comes_shows_itself(open_demo, world):
    page = open_demo().go(BOX)
    expect(page.get_by_text("No mail yet")).to_be_visible()

    answer_of_ours(world)

    expect(page.get_by_role("link", name="Your question")).to_be_visible(timeout=9_000)
    world.send(mail("A second one"), SANNE)
    expect(page.get_by_role("link", name="A second one")).to_be_visible(timeout=9_000)
    expect(page.locator("#threads")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert violations(page) == []


def test_a_hostile_mail_shows_its_words_and_does_nothing(open_demo, world):
    hostile = mail("<img src=x onerror=alert(1)>", "plain", From=f'"<b>x</b>" <{SUPPORT}>')
    hostile.add_alternative(
        "<body onload=\"parent.document.title='taken'\"><h1>Words</h1>"
        "<script>parent.document.title='taken'</script>"
        "<img src='https://tracker.example/pixel'><form action='/demo/clock' method=post>"
        "<button>+8 days</button></form>",
        subtype="html",
    )
    world.send(hostile, SANNE)
    window = open_demo()
    answered, kept_back = [], {}
    window.page.on("response", lambda response: answered.append(response.url))
    window.page.on("requestfailed", lambda one: kept_back.update({one.url: one.failure}))
    page = window.go(FIRST)

    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Words")).to_be_visible()
    frame.get_by_role("button", name="+8 days").click()
    expect(page).to_have_title(f"{SANNE} · Customers' mailboxes · Casewright")
    assert kept_back["https://tracker.example/pixel"] == "csp"
    assert not [url for url in answered if "tracker" in url or url.endswith("/demo/clock")]
    window.faults.clear()  # the browser tells what it kept the mail from doing
