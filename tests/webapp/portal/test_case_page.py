import pytest
from lxml import etree

from engine import clock
from processes.cases import services
from processes.cases.models import Activity, ActivityKind, Case, Direction
from processes.cases.queries import get_case_by_id
from processes.cases.timeline import Author
from processes.files.models import StoredFile
from processes.mail.models import IncomingMail
from processes.mail.rich import from_html
from processes.people.contacts import by_email
from processes.portal_access import services as portal
from processes.request import mail_cases, operations
from tests.webapp.conftest import page
from tests.webapp.portal.conftest import agree, reply, tree, words


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


def test_what_we_wrote_keeps_its_lists_and_links(house, own_page, waiting):
    html = (
        '<p>Two things:</p><ul><li>restart it</li><li><a href="https://care.example/a">read this'
        '</a></li></ul><script>alert(1)</script><p onclick="alert(2)">Then write.</p>'
    )
    with house.db.write() as session:
        case = get_case_by_id(session, waiting.id)
        operations.send_reply(session, case, from_html(html), house.mila.actor)

    last = tree(own_page(waiting)).xpath("//article//div[contains(@class, 'said')]")[-1]

    assert [item.text_content() for item in last.iter("li")] == ["restart it", "read this"]
    assert [link.get("href") for link in last.iter("a")] == ["https://care.example/a"]
    assert "rich" in last.get("class")
    assert not list(last.iter("script"))
    assert "alert" not in etree.tostring(last, encoding="unicode")


def test_the_answer_to_agree_with_is_shown_as_it_was_written(house, own_page):
    case = house.answered(portal=True)
    with house.db.write() as session:
        entry = session.get_one(Activity, house.see(case).applied_solution_id)
        entry.data = {**entry.data, "html": "<p>Done:</p><ol><li>new key</li></ol>"}

    [answer] = tree(own_page(case)).xpath("//blockquote")

    assert [item.text_content() for item in answer.iter("li")] == ["new key"]


def test_a_mail_of_somebody_else_is_never_taken_for_one_of_ours(house, own_page, waiting):
    with house.db.write() as session:
        stored = StoredFile(
            sha256="a" * 64, size=1, media_type="message/rfc822", created_at=clock.utc_now()
        )
        session.add(stored)
        session.flush()
        mail = IncomingMail(
            sha256=stored.sha256,
            from_name="Your bank",
            from_address="eve@example.net",
            text="Pay at https://evil.example/now",
            received_at=clock.utc_now(),
        )
        session.add(mail)
        session.flush()
        case = session.get_one(Case, waiting.id)
        mail_cases.enter(session, mail, case, mail_cases.writer(session, case, mail), {})

    text = own_page(waiting)
    entry = tree(text).xpath("//article")[-1]

    assert "Pay at https://evil.example/now" in entry.text_content()
    assert "Your bank" in entry.text_content()
    assert not entry.xpath(".//a")
    assert " from " not in entry.xpath("string(.//header)")


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
    assert [said.text_content() for said in found.xpath("//div[@class='said']")][-2:] == [
        text,
        text,
    ]
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
