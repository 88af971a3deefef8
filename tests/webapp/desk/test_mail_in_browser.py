"""The inbox in real browsers: for everybody, by keyboard alone, two agents at once."""

import re

import pytest
from playwright.sync_api import Page, expect

from engine.clock import utc_now
from processes.cases import changes
from processes.cases.models import CaseLink, LinkKind
from processes.cases.queries import get_case_by_id
from processes.mail.models import IncomingMail, IncomingState, MailKind
from processes.mail.reading.html import clean
from processes.request import mail_cases
from tests.webapp.browsing import LOOKS, eventually, overflows, violations
from tests.webapp.desk.pictures import serving_pictures

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.fixture
def full(house, post):
    """An inbox with a mail in every state; the first one may belong to a case."""
    case = house.classified(subject="Parcel 88310 did not arrive")
    mails = {
        "first": post.brings(
            "My parcel 88310 has not arrived",
            maybe_case_id=case.id,
            quoted="On Monday we wrote: it is on its way.",
            html=clean(
                "<p>Hello <b>you</b></p><img src='https://pics.example/a.png' alt='Logo'>"
                "<p>Still waiting.</p>"
            ),
        ),
        "held": post.brings("Open at once", state=IncomingState.QUARANTINED, why="too_deep"),
        "bill": post.brings(
            "Bill", state=IncomingState.FILED, folder="Invoices", why="alias_folder"
        ),
        "news": post.brings("News", state=IncomingState.FILED, kind=MailKind.LIST, why="list"),
        "aside": post.brings("No", state=IncomingState.FILED, why="not_a_case", unread=False),
        "reply": post.brings("Re: it", state=IncomingState.REPLY, case_id=case.id, why="token"),
    }
    post.encloses(mails["first"], "tank side, seen from the left with a long name.txt", b"Hello")
    return mails


def at(mail, rest: str = "") -> str:
    return f"/desk/mail/{mail.id}?folder=all{rest}"


def live(page: Page) -> Page:
    """Wait until the page hears what happens."""
    expect(page.locator("body")).to_have_attribute("data-live-by", "stream")
    return page


def tell(house, mail) -> None:
    """Say what the intake says when a mail has come in."""
    with house.db.write() as session:
        changes.record(session, "mail", mail.id)


@pytest.mark.parametrize(("width", "colours"), LOOKS)
def test_everybody_can_use_every_state_of_the_inbox(window, full, width, colours):
    opened = window(width=width, color_scheme=colours)
    addresses = {
        "all": "/desk/mail?folder=all",
        "empty": "/desk/mail?folder=all&q=nothing",
        "waiting": at(full["first"]),
        "linking": at(full["first"], "&do=link"),
        "as sent": at(full["first"], "&show=sent"),
        "source": at(full["first"], "&show=source"),
        "held back": at(full["held"]),
        "put aside": at(full["aside"]),
        "in a case": at(full["reply"]),
    }
    faults = {}
    for name, address in addresses.items():
        page = opened.go(address)
        faults[name] = violations(page) + ["too wide"] * overflows(page)

    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize(("width", "colours"), LOOKS)
def test_everybody_can_use_a_conversation_with_mails(window, house, full, width, colours):
    case, other = house.classified(subject="Parcel lost"), house.classified()
    marks = (
        {},
        {"stranger": True, "doubtful": True},
        {"staff": True},
        {"automatic": True},
        {"linked_by": "Emma", "cut": True},
    )
    with house.db.write() as session:
        fresh = get_case_by_id(session, case.id)
        for mail, marked in zip(full.values(), marks, strict=False):
            stored = session.get_one(IncomingMail, mail.id)
            by = mail_cases.writer(session, fresh, stored)
            mail_cases.enter(session, stored, fresh, by, marked)
        session.add(
            CaseLink(case_id=case.id, other_id=other.id, kind=LinkKind.MAYBE, created_at=utc_now())
        )
    page = window(width=width, color_scheme=colours).go(f"/desk/cases/{case.number}")
    expect(page.locator("[data-mode='strip'][data-drawn='yes']")).to_be_visible()
    expect(page.locator("#maybe")).to_contain_text(other.number)
    page.locator("#talk .quoted summary").first.click()
    page.locator("#talk .auto summary").last.click()

    assert violations(page) == []
    assert not overflows(page)


@pytest.mark.requirement("COV-15")
def test_two_agents_see_the_same_unread_mail_and_when_one_has_read_it_both_know(
    window, post, house
):
    mila = live(window("serviceUser").go("/desk/mail?folder=all"))
    emma = live(window("agentUser").go("/desk/mail?folder=all"))
    mail = post.brings("Where is my parcel?")
    tell(house, mail)
    row = f"#mail-{mail.id}"

    for page in (mila, emma):
        expect(page.locator(row)).to_contain_text("Where is my parcel?")
        expect(page.locator(row)).to_have_class(re.compile(r"\bnew\b"))
        expect(page.locator("#badge-desk-mails")).to_have_text("1")
    emma.locator(row).click()

    for page in (mila, emma):
        expect(page.locator(row)).not_to_have_class(re.compile(r"\bnew\b"))


def test_who_looks_at_the_same_mail_is_told_until_they_leave(window, full):
    mila = live(window("serviceUser").go(at(full["first"])))
    emma = window("agentUser").go(at(full["first"]))

    expect(mila.locator("#others")).to_contain_text("Emma is looking at this mail")
    expect(emma.locator("#others")).to_contain_text("Mila is looking at this mail")
    emma.goto(at(full["held"]))
    expect(mila.locator("#others")).not_to_contain_text("Emma")


def test_what_a_colleague_does_changes_list_and_mail_without_a_reload(window, full):
    mila = live(window("serviceUser").go(at(full["first"])))
    emma = window("agentUser").go(at(full["first"]))

    emma.get_by_role("button", name="Make case").first.click()
    expect(emma.locator("#decision")).to_contain_text("Emma Clarke made case")

    expect(mila.locator("#decision")).to_contain_text("Emma Clarke made case")
    expect(mila.locator("#decision").get_by_role("link", name="Open case")).to_be_visible()
    expect(mila.locator("#decision").get_by_role("button")).to_have_count(0)
    expect(mila.locator(f"#mail-{full['first'].id}")).not_to_contain_text("Maybe")


def test_the_slower_of_two_reads_who_was_faster_and_keeps_what_they_typed(window, full, house):
    mila = live(window("serviceUser").go(at(full["first"])))
    mila.keyboard.press("l")
    find = mila.get_by_role("searchbox", name="Find the case")
    expect(find).to_be_focused()
    mila.keyboard.type("88310")
    expect(mila.locator("#offered li")).to_have_count(1)
    emma = window("agentUser").go(at(full["first"]))
    emma.get_by_role("button", name="Not a case").click()

    expect(mila.locator("#decision")).to_contain_text("Emma Clarke put this mail aside")
    expect(find).to_have_value("88310")
    mila.locator("#offered").get_by_role("button", name="Link to").click()

    expect(mila.locator("#trouble")).to_contain_text("Emma Clarke dealt with this mail at")
    expect(find).to_have_value("88310")
    emma.get_by_role("button", name="Take it up again").click()
    expect(mila.locator("#decision").get_by_role("button", name="Make case")).to_be_visible()
    expect(mila.locator("#trouble")).to_contain_text("Emma Clarke dealt with this mail at")
    expect(find).to_have_value("88310")


def test_a_mail_becomes_a_case_without_the_mouse(window, full, post):
    page = window().go("/desk/")
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/desk/mail")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/desk/mail/{full['first'].id}?**")

    page.keyboard.press("m")
    expect(page.locator("#decision")).to_contain_text("Mila Jansen made case")
    page.keyboard.press("g")
    page.keyboard.press("c")

    page.wait_for_url("**/desk/cases/**")
    expect(page.locator("#talk")).to_contain_text("It was to come on Monday.")
    assert post.sees(full["first"]).state is IncomingState.NEW_CASE


def test_a_mail_is_linked_to_a_case_without_the_mouse(window, full, post):
    page = window().go(at(full["bill"]))
    page.keyboard.press("l")
    expect(page.get_by_role("searchbox", name="Find the case")).to_be_focused()
    page.keyboard.type("did not arrive")
    expect(page.locator("#offered li")).to_have_count(1)

    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("It counts as the customer's reply")).not_to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#decision")).to_contain_text("Mila Jansen linked this mail to case")
    assert post.sees(full["bill"]).state is IncomingState.REPLY


def test_mails_are_put_aside_and_marked_as_unread_by_a_key_each(window, full, post):
    page = window().go(at(full["first"]))
    expect(page.locator(f"#mail-{full['first'].id}")).not_to_have_class(re.compile(r"\bnew\b"))
    page.keyboard.press("u")
    page.wait_for_url("**/desk/mail?folder=all")
    expect(page.locator(f"#mail-{full['first'].id}")).to_have_class(re.compile(r"\bnew\b"))

    page = window().go(at(full["first"]))
    page.keyboard.press("e")

    expect(page.locator("#decision")).to_contain_text("Mila Jansen put this mail aside")
    expect(page.locator("#folders")).not_to_contain_text("To decide 1")
    assert post.sees(full["first"]).state is IncomingState.FILED


def test_the_inbox_works_without_scripts(window, full, post):
    page = window(java_script_enabled=False).go("/desk/mail?folder=waiting")
    page.get_by_role("link", name="My parcel 88310").click()
    page.get_by_role("button", name="Mark as read").click()
    assert eventually(lambda: not post.sees(full["first"]).unread, page)
    page.locator("#decision").get_by_role("link", name="Link to case").click()
    page.get_by_role("searchbox", name="Find the case").fill("did not arrive")
    page.get_by_role("button", name="Search").click()
    page.locator("#offered").get_by_role("button", name="Link to").click()

    expect(page.locator("#decision")).to_contain_text("Mila Jansen linked this mail")
    assert post.sees(full["first"]).state is IncomingState.REPLY


def test_no_script_of_a_mail_runs_and_its_pictures_wait_to_be_asked_for(window, post, tmp_path):
    with serving_pictures(tmp_path) as elsewhere:
        mail = post.brings(
            html=(
                "<script>document.title = 'taken'; fetch('"
                + elsewhere.address
                + "/script')</script>"
                '<p onclick="x()">Hello</p><img alt="Logo" '
                f'data-remote="{elsewhere.address}/logo.png">'
            )
        )
        opened = window(ignore_https_errors=True)
        page = opened.go(at(mail, "&show=sent"))
        frame = page.frame_locator("iframe.mail-frame")
        expect(frame.locator("p")).to_have_text("Hello")
        expect(frame.locator("body")).to_contain_text("[Logo]")
        assert elsewhere.asked == []

        page.get_by_role("link", name="Show pictures from the internet").click()

        expect(frame.get_by_role("img", name="Logo")).to_be_visible()
        expect(page.locator("#mail-body")).to_contain_text("Pictures from the internet are shown.")
        assert elsewhere.asked == ["/logo.png"]
        again = opened.go(at(mail, "&show=sent"))
        expect(again.locator("#mail-body")).to_contain_text("are not shown")
        assert elsewhere.asked == ["/logo.png"]
        assert "taken" not in page.title()
        refused = [fault for fault in opened.faults if "sandboxed" in fault]
        assert refused, "the browser refused the script"
        opened.faults[:] = [fault for fault in opened.faults if fault not in refused]


def test_in_a_conversation_a_mail_is_shown_as_sent_and_stays_so_when_something_happens(
    window, house, full
):
    page = window().go(at(full["first"]))
    page.keyboard.press("m")
    page.get_by_role("link", name="Open case").click()
    live(page)
    page.get_by_role("button", name="Show as sent").click()
    frame = page.frame_locator("#talk iframe")
    expect(frame.locator("b")).to_have_text("you")
    page.locator("#talk .quoted summary").click()
    number = re.search(r"/cases/([0-9A-Z-]+)", page.url).group(1)

    page.get_by_role("tab", name="Note").click()
    page.get_by_label("Note for colleagues").fill("Looked at it")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#talk .note")).to_contain_text("Looked at it")
    expect(frame.locator("b")).to_have_text("you")
    expect(page.locator("#talk .quoted .said")).to_be_visible()
    assert violations(page) == []
    assert number
