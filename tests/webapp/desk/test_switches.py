import pytest

from tests.webapp.conftest import page
from tests.webapp.desk.conftest import address, part, tree


def switch(text: str, words: str) -> str:
    (found,) = tree(text).xpath(f"//button[@role='switch' and @aria-label='{words}']")
    return found.get("aria-checked")


@pytest.mark.requirement("COV-79")
def test_switching_the_portal_on_later_sends_link_and_code(desk, house):
    case = house.classified(portal="")
    assert switch(page(desk.get(address(case))), "Customer portal") == "false"
    before = len(house.mails(case))

    desk.post(address(case, "portal"), data={"state": "on"})

    assert switch(page(desk.get(address(case))), "Customer portal") == "true"
    (mail,) = house.mails(case)[before:]
    assert f"/portal/cases/{case.number}" in mail.text
    assert house.code(case) in mail.text


def test_switching_the_portal_on_twice_sends_one_code(desk, house):
    case = house.classified(portal="")
    before = len(house.mails(case))

    for _ in range(2):
        desk.post(address(case, "portal"), data={"state": "on"})

    assert len(house.mails(case)) == before + 1


def test_switching_the_portal_off_shuts_the_door(desk, house):
    case = house.classified()
    code = house.code(case)

    desk.post(address(case, "portal"), data={"state": "off"})

    assert not house.see(case).portal_enabled
    assert house.signs_in(case, code) is None


def test_without_an_address_there_is_no_portal(desk, house):
    case = house.opens()

    shown = page(desk.get(address(case)))
    answer = desk.post(address(case, "portal"), data={"state": "on"})

    assert "No e-mail address is known." in part(shown, "facts")
    assert answer.status_code == 422
    assert not house.see(case).portal_enabled


@pytest.mark.requirement("COV-90")
def test_with_automatic_mails_off_nothing_leaves_by_itself(desk, house, send):
    case = house.submits()
    desk.post(address(case, "mail"), data={"state": "off"})
    assert switch(page(desk.get(address(case))), "Automatic mails") == "false"

    send(case, "classify")
    desk.post(address(case, "portal"), data={"state": "off"})
    desk.post(address(case, "portal"), data={"state": "on"})
    send(case, "handle", next="final_answer", message="")
    send(case, "write_final_answer", answer="By hand.")
    house.waits(days=8, seconds=1)

    assert house.see(case).status == "closed"
    assert [mail.template for mail in house.mails(case)] == ["closure/final_answer"]


def test_switched_on_again_mails_leave(desk, house):
    case = house.classified(automatic_mail="")

    desk.post(address(case, "mail"), data={"state": "on"})

    assert house.see(case).automatic_mail
    assert "You switched automatic mails on" in part(page(desk.get(address(case))), "talk")


def test_a_case_is_handed_over(desk, colleague, house):
    case = house.classified()

    answer = desk.post(address(case, "handler"), data={"handler": str(house.emma.id)})

    assert answer.status_code == 303
    shown = page(desk.get(address(case)))
    assert "You handed the case over to Emma Clarke" in part(shown, "talk")
    assert case.number in page(colleague.get("/desk/?view=mine")) or house.see(case).assignee_id


@pytest.mark.parametrize("handler", ["", "0", "99999", "x", "1; drop table staff"])
def test_a_case_is_given_to_nobody_who_is_not_there(desk, house, handler):
    case = house.classified()

    assert desk.post(address(case, "handler"), data={"handler": handler}).status_code == 422
    assert house.see(case).assignee_id == house.mila.id
