import pytest
from lxml import html

from tests.webapp.portal.conftest import ON_ONE, words

pytestmark = ON_ONE


def shown(text):
    """Return each stage of the track as (state, words)."""
    stages = html.fromstring(text).xpath("//ol[@class='track']/li")
    return [
        (each.get("class"), " ".join(" ".join(each.xpath("./b/text()")).split())) for each in stages
    ]


def under(text, name):
    found = words(text, f"//ol[@class='track']/li[b[normalize-space()='{name}']]")
    return found.removeprefix(name).strip()


LATER = [("later", "Final answer"), ("later", "Closing"), ("later", "Closed")]


def test_a_new_request_is_received(house, own_page):
    text = own_page(house.submits())

    assert shown(text) == [("now", "Received"), ("later", "In progress"), *LATER]


def test_a_request_taken_down_by_phone_is_received_too(house, own_page):
    case = house.opens()
    house.completes(
        case, "take_down", contact_name="Sanne", contact_email="sanne@example.org",
        category="user_help", subcategory="signing_in", description="By phone", language="en",
    )  # fmt: skip
    house.completes(case, "classify", subject="By phone", portal=True)

    assert shown(own_page(case))[:2] == [("done", "Received"), ("now", "In progress")]


def test_a_request_in_treatment_names_its_handler(house, own_page):
    text = own_page(house.classified(portal=True))

    assert shown(text) == [("done", "Received"), ("now", "In progress"), *LATER]
    assert under(text, "In progress").startswith("by Mila")


def test_waiting_for_the_customer_is_said_where_it_will_go_on(house, own_page):
    case = house.classified(portal=True)
    house.completes(case, "handle", next="reply_and_wait", message="Which?")

    text = own_page(case)
    assert shown(text) == [("done", "Received"), ("now", "In progress"), *LATER]
    assert under(text, "In progress") == "waiting for you"


def test_going_round_many_times_makes_no_longer_way(house, own_page):
    case = house.classified(portal=True)
    for _ in range(4):
        house.completes(case, "handle", next="reply_and_wait", message="Which?")
        house.replies(case)

    assert shown(own_page(case)) == [("done", "Received"), ("now", "In progress"), *LATER]


def test_the_closing_week_says_until_when(house, own_page):
    text = own_page(house.answered(portal=True))

    done = [("done", "Received"), ("done", "In progress"), ("done", "Final answer")]
    assert shown(text) == [*done, ("now", "Closing"), ("later", "Closed")]
    assert under(text, "Closing").startswith("until ")


def test_a_reply_to_the_answer_is_being_read(house, own_page):
    case = house.answered(portal=True)
    house.replies(case)

    done = [("done", "Received"), ("done", "In progress"), ("done", "Final answer")]
    assert shown(own_page(case)) == [*done, ("now", "Reply read"), ("later", "Closed")]


def test_an_objection_takes_the_request_back(house, own_page):
    case = house.answered(portal=True)
    house.replies(case)
    house.completes(case, "read_reply", outcome="objects", note="It is still broken")

    assert shown(own_page(case)) == [("done", "Received"), ("now", "In progress"), *LATER]


@pytest.mark.parametrize(
    ("way", "stages"),
    [
        ("closed", ["Received", "In progress", "Closed"]),
        ("agreed", ["Received", "In progress", "Final answer", "Closed"]),
    ],
)
def test_a_closed_request_shows_what_it_went_through(house, own_page, way, stages):
    case = house.closed(portal=True) if way == "closed" else house.answered(portal=True)
    if way == "agreed":
        house.agrees(case)

    assert shown(own_page(case)) == [("done", name) for name in stages]


def test_a_reopened_request_is_in_treatment_again(house, own_page):
    case = house.closed(portal=True)
    house.replies(case)

    assert shown(own_page(case)) == [("done", "Received"), ("now", "In progress"), *LATER]


def test_a_cancelled_process_still_shows_a_page(house, own_page):
    case = house.classified(portal=True)
    with house.db.write() as session:
        house.app.engine.cancel(session, house.see(case).instance_id, "by test", house.mila.actor)

    assert shown(own_page(case))[0] == ("done", "Received")


def test_the_stages_speak_the_readers_language(house, own_page, client):
    case = house.classified(portal=True)
    own_page(case)

    text = client.get(f"/portal/cases/{case.number}?lang=de").text

    assert ("later", "Abschließende Antwort") in shown(text)


def test_no_word_of_the_diagram_is_shown(house, own_page):
    text = own_page(house.answered(portal=True))

    assert all(
        word not in text for word in ("good_week", "waiting_customer", "A good week", "bpmn")
    )
