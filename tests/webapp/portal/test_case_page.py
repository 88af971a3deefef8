from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from engine import catalogue, clock
from processes.cases import services
from processes.cases.models import Activity, ActivityKind, Consent, Direction
from processes.cases.queries import get_case_by_id
from processes.cases.timeline import Author
from processes.people.contacts import by_email
from processes.portal_access import services as portal
from tests.webapp.conftest import page
from tests.webapp.portal.conftest import COOKIE, cases, problem_at, tree, words
from webapp.i18n import DEFAULT_TIMEZONE


@pytest.fixture
def waiting(house):
    """A case in which the customer has been asked something."""
    case = house.classified(portal=True)
    house.completes(case, "handle", next="reply_and_wait", message="Which telephone do you use?")
    return case


@pytest.fixture
def answered(house):
    return house.answered(portal=True)


@pytest.fixture
def closed(house):
    return house.closed(portal=True)


@pytest.fixture
def own(client, house, entered):
    """The browser of the customer of a case."""

    def browser_of(case):
        entered(client, contact_id=house.see(case).contact_id)
        client.set_cookie("lang", "en")
        return client

    return browser_of


def reply(browser, case, text, **more):
    return browser.post(f"/portal/cases/{case.number}/messages", data={"text": text, **more})


def agree(browser, case):
    return browser.post(f"/portal/cases/{case.number}/agreement")


def promised_day(case):
    local = case.promised_close_at.astimezone(ZoneInfo(DEFAULT_TIMEZONE))
    return f"{local:%A} {local.day} {local:%B}"


# the list


def test_only_ones_own_requests_are_listed(client, house, entered):
    mine = [
        house.submits(description="One"),
        house.closed(portal=True),
        house.answered(portal=True),
    ]
    foreign = house.submits(email="else@example.org")
    entered(client, contact_id=house.see(mine[0]).contact_id)

    text = page(client.get("/portal/?lang=en"))

    assert all(case.number in text for case in mine)
    assert foreign.number not in text
    assert words(text, "//h2") == "Waiting for you We are working on these Closed"


@pytest.mark.requirement("CON-38")
def test_a_customer_asks_and_sees_own_requests_only(client, send, house, entered):
    foreign = house.classified(portal=True)
    send(email="new@example.org", description="My very own question")
    with house.db.read() as session:
        contact = by_email(session, "new@example.org")
    entered(client, contact_id=contact.id)

    listed = page(client.get("/portal/"))
    link = tree(listed).xpath("//a[contains(@class, 'request')]/@href")

    assert len(link) == 1
    assert "My very own question" in page(client.get(link[0]))
    assert foreign.number not in listed
    assert client.get(f"/portal/cases/{foreign.number}").status_code == 404


def test_a_mailed_code_lists_its_own_case_only(client, house, entered):
    one, two = house.classified(portal=True), house.classified(portal=True)
    entered(client, contact_id=house.see(one).contact_id, case_id=one.id)

    text = page(client.get("/portal/"))

    assert one.number in text
    assert two.number not in text
    assert "See all my requests" in text


def test_an_empty_list_leads_to_the_form(client, entered):
    entered(client)

    text = page(client.get("/portal/"))

    assert "You have no requests yet" in text
    assert tree(text).xpath("//main//a[@href='/portal/request']")


# one case


@pytest.mark.parametrize("number", ["AAAA-AAAA-A", "nothing", "%00", "a" * 3000, "..", "1", "é"])
def test_what_is_not_there_and_what_is_foreign_read_the_same(client, house, entered, number):
    foreign = house.classified(portal=True)
    entered(client, email="else@example.org")

    there, nowhere = (
        client.get(f"/portal/cases/{foreign.number}"),
        client.get(f"/portal/cases/{number}"),
    )

    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert words(there.text) == words(nowhere.text)
    assert house.see(foreign).subject not in there.text


def test_a_case_whose_portal_was_never_opened_is_not_there(client, house, own):
    case = house.classified(portal=False)

    assert own(case).get(f"/portal/cases/{case.number}").status_code == 404


def test_access_that_was_taken_back_ends_at_once(house, own, waiting):
    browser = own(waiting)
    assert browser.get(f"/portal/cases/{waiting.number}").status_code == 200

    with house.db.write() as session:
        portal.switch_off(session, get_case_by_id(session, waiting.id), Author("system", ""))

    assert browser.get(f"/portal/cases/{waiting.number}").status_code == 404
    assert reply(browser, waiting, "hello").status_code == 404


def test_a_number_may_be_typed_in_any_spelling(house, own, waiting):
    spelled = waiting.number.lower().replace("-", "")

    assert waiting.number in page(own(waiting).get(f"/portal/cases/{spelled}"))


def test_the_facts_stand_at_the_side(house, own_page, waiting):
    text = words(own_page(waiting), "//*[@id='facts']")

    assert waiting.number in text
    assert "User help · Signing in" in text
    assert "Mila Jansen" in text
    assert "You can also just answer our e-mail" in text


@pytest.mark.requirement("COV-60")
def test_every_word_to_and_from_the_customer_is_there(house, own_page, waiting):
    house.replies(waiting, "By mail: an iPhone", medium="email")
    house.completes(waiting, "handle", next="final_answer")
    house.completes(waiting, "write_final_answer", answer="The final word.")

    text = own_page(waiting)
    said = words(text, "//*[@id='thread']")

    assert all(mail.case_id == waiting.id for mail in house.mails(waiting))
    assert len(tree(text).xpath("//article")) == 2 + len(house.mails(waiting))
    assert "Sinds gisteren kan ik niet meer inloggen." in said
    assert waiting.number in said  # the first mail, as it was sent
    assert "Which telephone do you use?" in said
    assert "By mail: an iPhone" in said
    assert "The final word." in said


def test_the_code_in_a_mail_is_not_shown_on_the_page(house, own_page, waiting):
    assert house.code(waiting) not in own_page(waiting)


SECRET_WORDS = "only colleagues may read this"


def internal(session, case, staff):
    services.add_note(session, case, SECRET_WORDS, staff)
    services.add_todo(session, case, SECRET_WORDS, staff)
    for kind in ActivityKind:
        session.add(
            Activity(
                case_id=case.id,
                at=clock.business_now(session),
                kind=kind,
                medium="email",
                internal=True,
                direction=Direction.OUT,
                author=staff.actor,
                author_name=f"Name {SECRET_WORDS}",
                subject=SECRET_WORDS,
                text=SECRET_WORDS,
                data={"code": "customer_agreed", "text": SECRET_WORDS},
            )
        )


@pytest.mark.requirement("COV-80")
def test_nothing_internal_ever_reaches_the_customer(client, house, own, waiting):
    with house.db.write() as session:
        case = get_case_by_id(session, waiting.id)
        internal(session, case, house.mila)
        case.description = SECRET_WORDS
    browser = own(waiting)
    before = page(browser.get(f"/portal/cases/{waiting.number}"))

    places = [
        before,
        page(browser.get("/portal/")),
        page(browser.get(f"/portal/cases/{waiting.number}", headers={"HX-Request": "true"})),
        reply(browser, waiting, "").text,
        agree(browser, waiting).text,
        browser.get(f"/portal/live/{waiting.number}/since/0").text,
    ]

    assert all(SECRET_WORDS not in text for text in places)
    assert all("urgent" not in text and "Classify" not in text for text in places)
    assert "You agreed" not in before


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "{{ 7*7 }} {% raw %}",
    'https://evil.example/"onmouseover="alert(1)',
    "https://a.example/<b>",
    "</p></article></main><h1>gone",
    "\u202e right to left \u2066",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_is_shown_as_text_whoever_wrote_it(house, own, waiting, text):
    browser = own(waiting)
    assert reply(browser, waiting, text).status_code == 303
    with house.db.write() as session:
        case = get_case_by_id(session, waiting.id)
        services.add_contact(
            session, case, text, house.mila, medium="phone", direction=Direction.OUT
        )
        case.subject = text[:200]

    shown = page(browser.get(f"/portal/cases/{waiting.number}"))

    found = tree(shown)
    assert [said.text_content() for said in found.xpath("//p[@class='said']")][-2:] == [text, text]
    assert found.xpath("//main//script | //main//img | //main//b[text()='']") == []
    assert all(
        not name.startswith("on") for each in found.iter("*") for name in map(str, each.attrib)
    )
    assert found.xpath("//h1")[0].text_content() == text[:200]


def test_links_that_we_wrote_lead_out_and_those_of_customers_do_not(house, own, waiting):
    browser = own(waiting)
    reply(browser, waiting, "see https://evil.example/x.")
    with house.db.write() as session:
        case = get_case_by_id(session, waiting.id)
        services.add_contact(
            session, case, "see https://help.example/x.", house.mila, medium="phone",
            direction=Direction.OUT,
        )  # fmt: skip

    links = tree(page(browser.get(f"/portal/cases/{waiting.number}"))).xpath("//article//a")

    assert "https://help.example/x" in [link.get("href") for link in links]
    assert all("evil" not in link.get("href") for link in links)
    assert all(link.get("rel") == "noopener noreferrer" for link in links)


# replies


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


# consent


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
        catalogue.deploy(
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


# what was not asked for


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
