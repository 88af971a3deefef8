from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from engine import clock
from engine.forms.validation import initial, validate
from processes.cases import categories
from processes.cases.models import Case, Category, Channel, Priority
from processes.cases.queries import get_case
from processes.people.models import Contact
from tests.webapp.conftest import page
from tests.webapp.portal.conftest import (
    COOKIE,
    ON_ONE,
    REQUEST,
    cases,
    number_in,
    problem_at,
    sessions,
    tree,
    words,
)
from webapp.portal import intake, keys


def options(text, field):
    return tree(text).xpath(f"//select[@id='{field}']/option[@value != '']/@value")


def chosen(text, field):
    return tree(text).xpath(f"//select[@id='{field}']/option[@selected]/@value")


@pytest.mark.requirement("CON-13")
def test_a_sent_request_becomes_a_case_of_the_portal(send, product):
    answer = send()

    assert answer.status_code == 303
    with product.db.read() as session:
        case = get_case(session, number_in(answer.headers["Location"]))
        assert case.channel is Channel.PORTAL
        assert case.contact.email == "sanne@example.org"
        assert case.original_description == REQUEST["description"]


def test_the_thanks_page_shows_the_number_and_what_happens_next(send, client):
    answer = send()

    text = words(page(client.get(answer.headers["Location"])))
    assert number_in(answer.headers["Location"]) in text
    assert "What happens next" in text
    assert "You get an e-mail with the name of that person" in text


@ON_ONE
@pytest.mark.parametrize("number", ["", "nonsense", "7K3M-9QXT-5", "<b>", "\0", "9" * 5000])
def test_the_thanks_page_shows_no_number_that_cannot_be_one(client, number):
    assert client.get("/portal/request/thanks", query_string={"number": number}).status_code == 404


@pytest.mark.requirement("COV-45")
@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("name", "Please fill in “Your name”."),
        ("email", "Please fill in “Your e-mail address”."),
        ("category", "Please choose something under “Category”."),
        ("subcategory", "Please choose something under “Subcategory”."),
        ("description", "Please fill in “Your question”."),
    ],
)
def test_a_missing_field_is_named_at_the_field_and_makes_no_case(send, product, missing, sentence):
    answer = send(**{missing: "  "})

    assert answer.status_code == 422
    assert problem_at(answer.text, f"request-{missing}") == sentence
    assert cases(product) == 0


def test_nothing_typed_is_lost_when_something_is_wrong(send):
    text = send(email="nobody", description="Two\nlines & <b>", phone="+31 20 123").text

    kept = tree(text)
    assert kept.get_element_by_id("request-name").get("value") == "Sanne de Vries"
    assert kept.get_element_by_id("request-email").get("value") == "nobody"
    assert kept.get_element_by_id("request-phone").get("value") == "+31 20 123"
    assert kept.get_element_by_id("request-description").text.strip() == "Two\nlines & <b>"
    assert chosen(text, "request-category") == ["user_help"]
    assert chosen(text, "request-subcategory") == ["signing_in"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "sanne@"),
        ("email", "sanne@example.org\r\nBcc: all@example.org"),
        ("email", "a" * 300 + "@example.org"),
        ("name", "x" * 121),
        ("description", "x" * 10_001),
        ("category", "no_such_topic"),
        ("subcategory", "quotation"),
        ("category", "' OR 1=1 --"),
        ("description", "NUL \0 inside"),
        ("name", "\x1b[31m"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(send, product, field, value):
    answer = send(**{field: value})

    assert answer.status_code == 422
    assert problem_at(answer.text, f"request-{field}") != ""
    assert cases(product) == 0


def test_the_sentence_is_in_the_language_of_the_customer(client, web, product):
    with web.app_context():
        filled = REQUEST | {keys.FIELD: keys.issue(), "name": ""}

    dutch = client.post("/portal/request?lang=nl", data=filled)
    german = client.post("/portal/request?lang=de", data=filled)

    assert "Uw naam" in problem_at(dutch.text, "request-name")
    assert "Ihr Name" in problem_at(german.text, "request-name")


@pytest.mark.requirement("COV-42")
def test_an_address_can_choose_category_and_subcategory(client):
    text = page(client.get("/portal/request?category=user_help&subcategory=signing_in"))

    assert chosen(text, "request-category") == ["user_help"]
    assert chosen(text, "request-subcategory") == ["signing_in"]


@ON_ONE
@pytest.mark.parametrize(
    "query",
    ["category=nonsense", "subcategory=signing_in", "category=user_help&subcategory=quotation",
     "category=%00", "category=" + "x" * 5000, "category=a&category=b"],
)  # fmt: skip
def test_an_address_cannot_choose_what_is_not_offered(client, query):
    text = page(client.get(f"/portal/request?{query}"))

    assert chosen(text, "request-subcategory") == []


def test_another_category_brings_its_own_subcategories_without_scripts(client, send, product):
    first = page(client.get("/portal/request?category=user_help"))
    asked = send(category="commercial", name="", _refresh="1")

    assert "signing_in" in options(first, "request-subcategory")
    assert asked.status_code == 200
    assert "quotation" in options(asked.text, "request-subcategory")
    assert "signing_in" not in options(asked.text, "request-subcategory")
    assert "Please" not in words(asked.text, "//form")
    assert tree(asked.text).get_element_by_id("request-email").get("value") == REQUEST["email"]
    assert cases(product) == 0


@pytest.mark.requirement("COV-44")
def test_a_new_subcategory_is_offered_at_once_and_an_old_one_is_gone(client, product, send):
    with product.db.write() as session:
        topic = session.scalars(select(Category).where(Category.key == "user_help")).one()
        names = {"en": "Lost phone", "nl": "Telefoon kwijt", "de": "Handy weg"}
        categories.add_subcategory(session, topic.id, names, Priority.HIGH)
        _, gone = categories.place(session, "user_help", "signing_in")
        categories.set_active(session, gone, active=False)

    offered = options(page(client.get("/portal/request?category=user_help")), "request-subcategory")

    assert "lost_phone" in offered
    assert "signing_in" not in offered
    assert send(subcategory="lost_phone").status_code == 303
    assert send(subcategory="signing_in").status_code == 422


@pytest.mark.requirement("CARE-12")
def test_a_title_is_wanted_when_classifying_and_not_when_asking(send, product, house):
    answer = send(subject="")
    with product.db.read() as session:
        case = get_case(session, number_in(answer.headers["Location"]))
        task = house.task(session, case, "classify")
        form = product.engine.definitions.get(session, task.version_id).form("request", "classify")
        lookups = product.lookups(session)
        begin = product.prefill(session, "request", "classify", case, house.mila)
        raw = dict(initial(form, begin, lookups).entered) | {"subject": [" "]}
        untitled = validate(form, raw, lookups)

    assert answer.status_code == 303
    assert [problem.code for problem in untitled.problems["subject"]] == ["required"]


def test_the_form_needs_no_session_and_sets_no_cookie(strict_client, product):
    shown = strict_client.get("/portal/request")
    key = tree(page(shown)).xpath(f"//input[@name='{keys.FIELD}']/@value")[0]
    sent = strict_client.post("/portal/request", data=REQUEST | {keys.FIELD: key})

    assert sent.status_code == 303
    assert "Set-Cookie" not in shown.headers
    assert "Set-Cookie" not in sent.headers
    assert strict_client.get_cookie(COOKIE) is None
    assert sessions(product) == 0


def test_somebody_signed_in_finds_name_and_address_filled_in(client, entered):
    entered(client, email="known@example.org")

    text = page(client.get("/portal/request"))

    assert tree(text).get_element_by_id("request-name").get("value") == "Sanne de Vries"
    assert tree(text).get_element_by_id("request-email").get("value") == "known@example.org"


def test_sent_twice_it_is_one_case_with_one_number(send, product, key):
    first, second = send(form_key=key), send(form_key=key)

    assert first.headers["Location"] == second.headers["Location"]
    assert cases(product) == 1


def test_another_question_on_the_same_page_is_another_case(send, product, key):
    first = send(form_key=key)
    other = send(form_key=key, description="And my second question.")

    assert first.headers["Location"] != other.headers["Location"]
    assert cases(product) == 2


def test_what_machines_fill_in_makes_no_case_and_people_lose_nothing(send, product):
    answer = send(website="https://spam.example/")

    assert answer.status_code == 422
    assert "Website" in words(answer.text, "//*[@role='alert']")
    assert tree(answer.text).get_element_by_id("request-description").text.strip()
    assert tree(answer.text).xpath(f"//input[@name='{intake.TRAP}']/@value") == [""]
    assert cases(product) == 0


def test_a_form_that_comes_back_at_once_is_to_be_read_over(send, product, key, in_a_hurry):
    answer = send(form_key=key)
    later = clock.utc_now() + timedelta(seconds=3)

    assert answer.status_code == 422
    assert "very fast" in words(answer.text, "//*[@role='alert']")
    assert cases(product) == 0
    assert f'value="{key}"' in answer.text
    with time_machine.travel(later):
        assert send(form_key=key).status_code == 303


def test_a_page_left_open_for_long_gets_a_new_key_and_keeps_the_text(send, product, key):
    with time_machine.travel(clock.utc_now() + timedelta(hours=13)):
        answer = send(form_key=key)
        fresh = tree(answer.text).xpath(f"//input[@name='{keys.FIELD}']/@value")[0]

        assert answer.status_code == 422
        assert "open for a long time" in words(answer.text, "//*[@role='alert']")
        assert cases(product) == 0
        assert send(form_key=fresh).status_code == 303


@ON_ONE
@pytest.mark.parametrize(
    "forged",
    ["", "x", "a.b.c", "..", "0" * 32 + ".1.deadbeef", "é.1.2", "a" * 70_000, "1.99999999999999.x",
     "\0.\0.\0", "-1.-1.-1"],
)  # fmt: skip
def test_a_key_that_is_not_ours_makes_no_case(send, product, forged):
    answer = send(form_key=forged)

    assert answer.status_code == 400
    assert tree(answer.text).get_element_by_id("request-description").text.strip()
    assert cases(product) == 0


@ON_ONE
def test_a_key_cannot_be_made_older_or_newer(send, product, key):
    nonce, at, signature = key.split(".")

    assert send(form_key=f"{nonce}.{int(at) - 60}.{signature}").status_code == 400
    assert send(form_key=f"{'0' * 32}.{at}.{signature}").status_code == 400
    assert cases(product) == 0


@pytest.mark.usefixtures("one_window")
def test_an_address_cannot_be_flooded(send, product):
    answers = [send(description=f"Question {n}").status_code for n in range(12)]

    assert answers == [303] * 10 + [429] * 2
    assert cases(product) == 10
    assert send(email="else@example.org").status_code == 303


@pytest.mark.usefixtures("one_window")
def test_one_place_cannot_flood_many_addresses(send, product):
    answers = [send(email=f"victim{n}@example.org").status_code for n in range(42)]

    assert answers == [303] * 40 + [429] * 2
    assert cases(product) == 40


@ON_ONE
def test_a_refusal_for_flooding_keeps_what_was_typed(send):
    for n in range(10):
        send(description=f"Question {n}")

    text = send(description="The last one").text

    assert tree(text).get_element_by_id("request-description").text.strip() == "The last one"


def test_fields_nobody_asked_for_change_nothing(send, product):
    answer = send(
        status="closed", priority="urgent", assignee_id="1", portal_enabled="1", number="7",
        contact_id="1", language="xx", channel="phone", is_complaint="1",
    )  # fmt: skip

    with product.db.read() as session:
        case = get_case(session, number_in(answer.headers["Location"]))
        assert (case.status, case.priority, case.assignee_id) == ("unclassified", "medium", None)
        assert (case.channel, case.language, case.is_complaint) == ("portal", "en", False)
        assert not case.portal_enabled


def test_the_owner_of_an_address_is_not_renamed_by_whoever_types_it(send, product):
    send(name="Sanne de Vries")
    send(name="Somebody Else", description="Another")

    with product.db.read() as session:
        assert session.scalars(select(Contact.name)).all() == ["Sanne de Vries"]
        assert session.scalar(select(func.count(Case.id))) == 2
