from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from engine import deployment
from processes.cases.models import ActivityKind, Consent, Direction
from tests.webapp.conftest import page
from tests.webapp.portal.conftest import COOKIE, agree, cases, problem_at, reply, tree, words
from webapp.i18n import DEFAULT_TIMEZONE


def promised_day(case):
    local = case.promised_close_at.astimezone(ZoneInfo(DEFAULT_TIMEZONE))
    return f"{local:%A} {local.day} {local:%B}"


@pytest.mark.requirement("COV-83")
def test_a_message_reaches_the_handler_like_a_mail(house, own, waiting):
    answer = reply(own(waiting), waiting, "It is an iPhone.")

    assert answer.status_code == 303
    after = house.see(waiting)
    entry = house.timeline(waiting)[-1]
    assert (entry.kind, entry.medium, entry.text) == ("message", "portal", "It is an iPhone.")
    assert (entry.internal, entry.direction) == (False, Direction.IN)
    assert after.unread
    assert house.waiting_at(waiting) == ["handle", "invited"]
    mailed = house.classified(portal=True)
    house.completes(mailed, "handle", next="reply_and_wait", message="And yours?")
    house.replies(mailed, "By mail", medium="email")
    assert house.see(mailed).unread
    assert house.waiting_at(mailed) == house.waiting_at(waiting)


def test_the_sender_is_told_that_it_arrived(house, own, waiting):
    browser = own(waiting)
    answer = reply(browser, waiting, "It is an iPhone.")

    text = page(browser.get(answer.headers["Location"]))
    assert "Mila Jansen is told" in words(text, "//*[@id='toasts']")
    assert "We are working on your question" in words(text, "//*[@id='promise']")


def test_a_reply_in_the_closing_week_stops_the_closing(house, own, answered):
    reply(own(answered), answered, "I do not agree.")
    house.waits(days=9)

    after = house.see(answered)
    assert not after.is_closed
    assert after.status == "in_progress"
    assert "read_reply" in house.waiting_at(answered)


def test_a_reply_to_a_closed_request_opens_it_again(house, own, closed):
    browser = own(closed)
    before = page(browser.get(f"/portal/cases/{closed.number}"))

    reply(browser, closed, "It is broken again.")

    assert "If you write to us, it opens again" in words(before, "//*[@id='reply-hint']")
    assert not house.see(closed).is_closed
    assert "handle" in house.waiting_at(closed)


def test_a_message_can_be_added_while_we_work(house, own):
    case = house.submits()

    assert reply(own(case), case, "I forgot to say").status_code == 303
    assert house.timeline(case)[-1].text == "I forgot to say"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Please fill in “Your message”."),
        ("  \n ", "Please fill in “Your message”."),
        ("\0\0", "Please fill in “Your message”."),
        ("x" * 20_001, "characters"),
        ("x" * 400_000, "characters"),
    ],
)
def test_a_message_that_cannot_be_taken_says_why_and_is_kept(house, own, waiting, text, sentence):
    before = len(house.timeline(waiting))

    answer = reply(own(waiting), waiting, text)

    assert answer.status_code == 422
    assert sentence in problem_at(answer.text, "text")
    assert tree(answer.text).get_element_by_id("text").text_content().strip() == text.strip("\0 \n")
    assert len(house.timeline(waiting)) == before


@pytest.mark.parametrize(
    "text", ["a\0b", "a\x08b", "\ufffe!", "🙂" * 50, "a\r\nb", "\u0000\u0001x"]
)
def test_odd_characters_break_nothing(house, own, waiting, text):
    browser = own(waiting)

    assert reply(browser, waiting, text).status_code == 303
    assert browser.get(f"/portal/cases/{waiting.number}").status_code == 200
    assert "\0" not in house.timeline(waiting)[-1].text


def test_a_message_sent_twice_is_there_once(house, own, waiting, key):
    browser = own(waiting)

    answers = [reply(browser, waiting, "Twice", form_key=key).status_code for _ in range(2)]

    assert answers == [303, 303]
    assert [entry.text for entry in house.timeline(waiting)].count("Twice") == 1


def test_ten_clicks_at_once_are_one_message(web, house, own, waiting, key):
    raw = own(waiting).get_cookie(COOKIE).value

    def click(_):
        browser = web.test_client()
        browser.set_cookie(COOKIE, raw)
        return reply(browser, waiting, "Once", form_key=key).status_code

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(click, range(10))) == {303}
    assert [entry.text for entry in house.timeline(waiting)].count("Once") == 1


def test_fields_nobody_asked_for_change_nothing(house, own, waiting):
    extra = {"internal": "1", "author": "staff:1", "kind": "note", "medium": "phone"}
    reply(own(waiting), waiting, "Hello", **extra, status="closed", case_id="1", direction="out")

    entry = house.timeline(waiting)[-1]
    assert entry.author == f"contact:{house.see(waiting).contact_id}"
    assert (entry.internal, entry.kind, entry.medium) == (False, "message", "portal")
    assert not house.see(waiting).is_closed


@pytest.mark.requirement("COV-84")
def test_a_closed_case_names_how_consent_came(house, own, answered):
    silent = house.answered(portal=True)

    answer = agree(own(answered), answered)
    house.waits(days=8, minutes=1)

    assert answer.status_code == 303
    explicit, after_silence = house.see(answered), house.see(silent)
    assert (explicit.consent, explicit.closed_by) == (Consent.EXPLICIT, "customer")
    assert (after_silence.consent, after_silence.closed_by) == (Consent.SILENT, "timer")


def test_the_card_asks_shows_the_answer_and_promises_the_stored_date(house, own_page, answered):
    text = own_page(answered)
    case = house.see(answered)

    card = words(text, "//*[contains(@class, 'ask')]")
    assert "Do you agree with our answer?" in card
    assert "Het is hersteld." in card
    assert promised_day(case) in card
    assert promised_day(case) in words(text, "//*[@id='promise']")
    assert tree(text).xpath("//a[@href='#text']")[0].text_content() == "I have an objection"


def test_a_wait_of_five_days_is_promised_as_five_days(house, own_page):
    with house.db.write() as session:
        raw = house.app.shipped_files()["closure/closure.bpmn"].replace(b'"P8D"', b'"P5D"')
        raw = raw.replace(b"&quot;P8D&quot;", b"&quot;P5D&quot;")
        deployment.deploy(
            session, {"closure/closure.bpmn": raw}, house.app.vocabulary, actor="system"
        )
    case = house.answered(portal=True)

    shown = house.see(case)
    assert shown.promised_close_at - shown.applied_solution.at == timedelta(days=5)
    assert promised_day(shown) in words(own_page(case), "//*[@id='promise']")


@pytest.mark.parametrize("make", ["waiting", "closed"])
def test_agreeing_when_nothing_is_asked_is_refused(house, own, request, make):
    case = request.getfixturevalue(make)
    before = house.see(case).status

    answer = agree(own(case), case)

    assert answer.status_code == 409
    assert "has moved on in the meantime" in words(answer.text)
    assert house.see(case).status == before


def test_agreeing_and_objecting_at_once_have_one_winner(web, house, own, answered):
    raw = own(answered).get_cookie(COOKIE).value

    def act(kind):
        browser = web.test_client()
        browser.set_cookie(COOKIE, raw)
        act = agree if kind else lambda b, c: reply(b, c, "No!")
        return act(browser, answered).status_code

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(act, [True] * 6 + [False] * 6))

    assert set(answers) <= {303, 409}
    events = [e.data.get("code") for e in house.timeline(answered) if e.kind is ActivityKind.EVENT]
    assert events.count("customer_agreed") <= 1
    assert events.count("closed") <= 1


def test_after_agreeing_the_page_says_so(house, own, answered):
    browser = own(answered)
    agree(browser, answered)

    text = page(browser.get(f"/portal/cases/{answered.number}"))

    assert "You agreed with our answer." in words(text, "//*[@id='thread']")
    assert "This request was closed on" in words(text, "//*[@id='promise']")
    assert not tree(text).xpath("//*[contains(@class, 'ask')]")


def test_a_customer_of_another_case_can_neither_write_nor_agree(client, house, entered, answered):
    entered(client, email="else@example.org")
    before = len(house.timeline(answered))

    assert reply(client, answered, "Hello").status_code == 404
    assert agree(client, answered).status_code == 404
    assert len(house.timeline(answered)) == before


def test_a_mailed_code_of_one_case_cannot_write_to_another(client, house, entered, answered):
    other = house.classified(portal=True)
    entered(client, contact_id=house.see(other).contact_id, case_id=other.id)

    assert reply(client, answered, "Hello").status_code == 404
    assert agree(client, answered).status_code == 404


def test_nobody_signed_in_is_sent_to_the_door(client, house, answered):
    for answer in (
        client.get("/portal/"),
        client.get(f"/portal/cases/{answered.number}"),
        reply(client, answered, "Hello"),
        agree(client, answered),
    ):
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/portal/sign-in")
    assert cases(house.app) == 1
