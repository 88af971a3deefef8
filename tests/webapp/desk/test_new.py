import re

import pytest
from sqlalchemy import select

from processes.cases.models import Case
from processes.cases.numbers import is_valid
from tests.webapp.conftest import page
from tests.webapp.desk.conftest import part, tree, words


def all_cases(house) -> list[Case]:
    with house.db.read() as session:
        return list(session.scalars(select(Case)))


def key_on_page(browser) -> str:
    return re.search(r'name="_key" value="([^"]+)"', page(browser.get("/desk/"))).group(1)


@pytest.mark.requirement("COV-31")
@pytest.mark.requirement("CALL-05")
@pytest.mark.requirement("COV-72")
def test_one_press_makes_an_empty_case_with_a_number_and_opens_it(desk, house):
    assert tree(page(desk.get("/desk/"))).xpath("//form[@action='/desk/new']//button")

    answer = desk.post("/desk/new")

    (case,) = all_cases(house)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"/desk/cases/{case.number}")
    assert is_valid(case.number)
    assert case.status == "unclassified"
    empty = (case.subject, case.description, case.contact_id, case.category_id, case.assignee_id)
    assert empty == ("", "", None, None, None)
    shown = page(desk.get(answer.headers["Location"]))
    assert case.number in words(shown)
    assert "Take down request" in part(shown, "dock")


@pytest.mark.requirement("CON-15")
@pytest.mark.parametrize("channel", ["phone", "counter", "fax", "chat", "manual"])
def test_the_menu_says_how_the_customer_came(desk, house, channel):
    offered = tree(page(desk.get("/desk/"))).xpath("//form[@action='/desk/new']//button/@value")

    desk.post("/desk/new", data={"channel": channel})

    (case,) = all_cases(house)
    assert channel in offered
    assert case.channel == channel
    assert {
        "phone": "Phone",
        "counter": "Counter",
        "fax": "Fax",
        "chat": "Chat",
        "manual": "Entered by hand",
    }[channel] in part(page(desk.get(f"/desk/cases/{case.number}")), "facts")


def test_a_second_press_opens_the_same_case(desk, house):
    key = key_on_page(desk)

    first = desk.post("/desk/new", data={"_key": key})
    second = desk.post("/desk/new", data={"_key": key})

    assert len(all_cases(house)) == 1
    assert second.headers["Location"] == first.headers["Location"]


def test_a_page_loaded_anew_makes_another_case(desk, house):
    for _ in range(2):
        desk.post("/desk/new", data={"_key": key_on_page(desk)})

    assert len(all_cases(house)) == 2


@pytest.mark.parametrize("channel", ["portal", "email", "telepathy", "", "phone'--"])
def test_nobody_makes_a_case_by_another_way(desk, house, channel):
    answer = desk.post("/desk/new", data={"channel": channel})

    assert answer.status_code == 422
    assert all_cases(house) == []


@pytest.mark.requirement_part("COV-39", missing="no report counts channels yet")
def test_what_a_caller_tells_is_on_the_case(desk, house, send):
    desk.post("/desk/new", data={"channel": "phone"})
    (case,) = all_cases(house)

    send(case, "take_down", contact_name="Jule Brandt", subject="Refund", description="Wants it.")

    told = house.see(case)
    assert (told.channel, told.contact.name, told.subject) == ("phone", "Jule Brandt", "Refund")


@pytest.mark.requirement("CARE-12")
def test_a_title_is_asked_when_classifying_not_before(desk, house, send):
    desk.post("/desk/new")
    (case,) = all_cases(house)

    assert send(case, "take_down").status_code == 303
    refused = send(case, "classify", category="user_help", subcategory="signing_in", subject="")

    assert refused.status_code == 422
    assert "Please fill in “Title”." in refused.text
    again = send(case, "classify", category="user_help", subcategory="signing_in", subject="Now")
    assert again.status_code == 303
