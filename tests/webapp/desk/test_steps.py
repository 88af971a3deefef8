import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from processes.cases.models import Channel
from processes.people.models import AccessCode
from tests.webapp.conftest import page
from tests.webapp.desk.conftest import (
    SCRIPT,
    address,
    open_task,
    part,
    shown_form,
    tasks,
    tree,
    words,
)


def field(text: str, name: str):
    return tree(text).xpath(f"//*[@name='{name}']")[0]


def problems_at(text: str, name: str) -> str:
    """Return what the field points to as its problems."""
    whole = tree(text)
    ids = whole.xpath(
        f"//*[@name='{name}' or (self::fieldset and .//*[@name='{name}'])]/@aria-describedby"
    )
    return " ".join(whole.get_element_by_id(each).text_content() for each in " ".join(ids).split())


def test_completing_a_step_moves_the_case_and_says_so(desk, house, send):
    case = house.submits()

    answer = send(case, "classify", subject="Sign-in fails")

    assert answer.status_code == 303
    shown = page(desk.get(answer.headers["Location"]))
    assert "The step is completed." in words(shown, "//*[@id='toasts']")
    assert "Handle request" in part(shown, "chead")
    assert house.see(case).subject == "Sign-in fails"


def test_by_script_the_answer_is_the_parts_that_changed(house, send):
    case = house.submits()

    answer = send(case, "classify", headers=SCRIPT)

    assert answer.status_code == 200
    assert "<html" not in answer.text
    for changed in ("dock", "chead", "strip", "talk", "facts", "follow", "rows", "views"):
        assert f'id="{changed}"' in answer.text
    assert "Handle request" in part(answer.text, "dock")
    assert "The step is completed." in answer.text


@pytest.mark.requirement("COV-52")
@pytest.mark.parametrize("missing", ["category", "subcategory", "status", "priority"])
def test_classifying_needs_category_subcategory_status_and_priority(house, send, missing):
    case = house.submits()

    answer = send(case, "classify", **{missing: None})

    assert answer.status_code == 422
    assert "Please choose something under" in problems_at(answer.text, missing)
    assert house.waiting_at(case) == ["classify"]


@pytest.mark.requirement("COV-91")
def test_a_wrong_field_keeps_everything_that_was_typed(house, send):
    case = house.submits()

    answer = send(
        case,
        "classify",
        subject="",
        contact_email="not an address",
        description="Typed for a quarter of an hour.",
    )

    assert answer.status_code == 422
    assert field(answer.text, "description").text.strip() == "Typed for a quarter of an hour."
    assert field(answer.text, "contact_email").value == "not an address"
    assert "Please fill in “Title”." in problems_at(answer.text, "subject")
    assert "must be an e-mail address" in problems_at(answer.text, "contact_email")
    alert = words(answer.text, "//*[@role='alert']")
    assert "Please check what you entered" in alert
    assert house.see(case).description != "Typed for a quarter of an hour."


def test_by_script_the_faults_come_into_the_box(house, send):
    case = house.submits()

    answer = send(case, "classify", headers=SCRIPT, subject="")

    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#dock"
    assert "Please fill in “Title”." in problems_at(answer.text, "subject")


@pytest.mark.parametrize(("language", "told"), [("nl", "Titel"), ("de", "Titel")])
def test_faults_are_told_in_the_readers_language(house, send, language, told):
    case = house.submits()
    with house.db.write() as session:
        session.merge(house.mila).locale = language

    answer = send(case, "classify", subject="")

    sentence = problems_at(answer.text, "subject")
    assert told in sentence
    assert "Please" not in sentence


@pytest.mark.parametrize("headers", [{}, SCRIPT])
def test_another_category_brings_its_subcategories_and_judges_nothing(house, send, headers):
    case = house.submits()

    answer = send(
        case,
        "classify",
        headers=headers,
        category="commercial",
        subject="",
        description="Half a sen",
        _refresh="1",
    )

    assert answer.status_code == 200
    offered = field(answer.text, "subcategory").xpath(".//option/@value")
    assert offered == ["", "quotation", "invoice", "contract"]
    assert field(answer.text, "description").text.strip() == "Half a sen"
    assert not tree(answer.text).xpath("//*[@aria-invalid]")
    assert house.waiting_at(case) == ["classify"]


def test_a_double_press_completes_once(desk, house):
    case = house.classified()
    task = open_task(house, case, "handle")
    sent = shown_form(desk, case, task) | {"next": "reply_and_wait", "message": "Once only"}

    answers = [desk.post(address(case, f"steps/{task.id}"), data=sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 409]
    assert "You have completed this step already" in answers[1].text
    assert sum("Once only" in mail.text for mail in house.mails(case)) == 1


@pytest.mark.requirement("CARE-04")
def test_who_comes_second_is_told_who_has_accepted_the_step(desk, colleague, house, send):
    case = house.classified()
    task = open_task(house, case, "handle")
    sent = shown_form(desk, case, task) | {"next": "reply_and_wait", "message": "Too late"}

    accepted = colleague.post(address(case, f"steps/{task.id}/accept"))
    second = desk.post(address(case, f"steps/{task.id}/accept"))
    tried = desk.post(address(case, f"steps/{task.id}"), data=sent)

    assert accepted.status_code == 303
    assert (second.status_code, tried.status_code) == (409, 409)
    for answer in (second, tried):
        assert "Emma Clarke has accepted this step" in part(answer.text, "dock")
    assert "Too late" in field(tried.text, "message").text
    assert "Emma Clarke has accepted this step" in part(page(desk.get(address(case))), "dock")
    answered = send(case, "handle", browser=colleague, next="reply_and_wait", message="I do it")
    assert answered.status_code == 303


def test_a_step_given_back_is_free_again(desk, colleague, house, send):
    case = house.classified()
    task = open_task(house, case, "handle")
    desk.post(address(case, f"steps/{task.id}/accept"))

    refused = colleague.post(address(case, f"steps/{task.id}/give-back"))
    given = desk.post(address(case, f"steps/{task.id}/give-back"))

    assert (refused.status_code, given.status_code) == (409, 303)
    assert tasks(house, case)[0].claimed_by is None


def test_a_step_that_fails_tells_a_number_and_keeps_the_text(house, send, monkeypatch):
    case = house.classified()
    house.completes(case, "handle", next="final_answer")

    def fail(*_):
        raise RuntimeError("the printer is on fire")

    monkeypatch.setattr("processes.closure.operations.case_of", fail)
    answer = send(case, "write_final_answer", answer="Took me an hour.")

    assert answer.status_code == 500
    assert re.search(r"Incident \d+\.", part(answer.text, "dock"))
    assert field(answer.text, "answer").text.strip() == "Took me an hour."
    assert "printer" not in answer.text
    assert house.waiting_at(case)[-1] == "write_final_answer"
    monkeypatch.undo()
    assert send(case, "write_final_answer", answer="Took me an hour.").status_code == 303


def test_what_an_operation_refuses_stands_at_its_field(house, send, noor):
    case = house.submits()
    with house.db.write() as session:
        person = session.merge(noor)

    task = open_task(house, case, "classify")
    with house.db.write() as session:
        session.merge(person).role = "faq_news"

    answer = send(case, "classify", handler=str(person.id))

    assert answer.status_code == 422
    assert problems_at(answer.text, "handler")
    assert tasks(house, case)[0].id == task.id


@pytest.mark.parametrize("action", ["", "/accept", "/give-back"])
def test_a_step_of_another_case_is_not_found(desk, house, action):
    case, other = house.classified(), house.submits()
    task = open_task(house, other, "classify")

    for task_id in (task.id, "0" * 32, "not-a-task"):
        answer = desk.post(address(case, f"steps/{task_id}{action}"), data={"subject": "x"})
        assert answer.status_code == 404
    assert house.waiting_at(other) == ["classify"]


def test_fields_the_form_does_not_name_change_nothing(house, send):
    case = house.submits()

    send(
        case,
        "classify",
        closed_at="2026-01-01",
        number="X",
        id="1",
        role="admin",
        status="in_progress",
        assignee_id="99",
    )

    seen = house.see(case)
    assert (seen.number, seen.closed_at, seen.assignee_id) == (case.number, None, house.mila.id)


@pytest.mark.parametrize("status", ["closed", "mine", "", "unclassified"])
def test_no_other_status_can_be_sent(house, send, status):
    case = house.submits()

    assert send(case, "classify", status=status).status_code == 422
    assert house.see(case).status == "unclassified"


@pytest.mark.requirement("COV-47")
@pytest.mark.parametrize("make", ["submits", "opens"])
def test_before_it_is_classified_nobody_works_on_a_request(desk, house, make):
    case = house.submits() if make == "submits" else house.opens(Channel.PHONE)

    reply = desk.post(address(case, "reply"), data={"text": "Hello"})
    given = desk.post(address(case, "handler"), data={"handler": str(house.emma.id)})

    assert {task.element_id for task in tasks(house, case)} <= {"take_down", "classify"}
    assert (reply.status_code, given.status_code) == (409, 409)
    assert "Hello" in part(reply.text, "dock")
    assert house.mails(case) == []
    shown = page(desk.get(address(case)))
    assert "Before anybody writes to the customer, the request is classified." in shown


@pytest.mark.requirement("COV-56")
@pytest.mark.parametrize("ticked", ["true", None])
def test_a_portal_opens_only_where_the_tick_is_set(house, send, ticked):
    case = house.submits()

    send(case, "classify", portal=ticked)

    with house.db.read() as session:
        codes = session.query(AccessCode).filter_by(case_id=case.id).count()
    assert (house.see(case).portal_enabled, codes) == (ticked is not None, int(ticked is not None))


@pytest.mark.requirement("COV-85")
@pytest.mark.parametrize("missing", ["answer", "notice", "request"])
def test_a_final_answer_has_three_parts_or_does_not_leave(house, send, missing):
    case = house.classified()
    house.completes(case, "handle", next="final_answer")
    before = len(house.mails(case))

    answer = send(case, "write_final_answer", **{"answer": "It is fixed."} | {missing: " "})

    assert answer.status_code == 422
    assert "Please fill in" in problems_at(answer.text, missing)
    assert len(house.mails(case)) == before


@pytest.mark.requirement("COV-86")
def test_sending_the_final_answer_sets_status_and_priority_at_once(house, send):
    case = house.classified(priority="urgent")
    house.completes(case, "handle", next="final_answer")

    send(case, "write_final_answer", answer="It is fixed.")

    seen = house.see(case)
    assert (seen.status, seen.priority) == ("waiting_customer", "low")


@pytest.mark.requirement("CON-37")
def test_the_help_of_a_step_stands_beside_its_form(desk, house):
    case = house.submits()

    (beside,) = tree(page(desk.get(address(case)))).xpath(
        "//*[contains(@class, 'dock-form')]/following-sibling::aside"
    )

    assert "Choose who handles the request" in beside.text_content()


def test_of_twelve_who_complete_a_step_at_once_one_wins(web, product, signed_in, desk, house):
    case = house.classified()
    task = open_task(house, case, "handle")
    sent = shown_form(desk, case, task) | {"next": "reply_and_wait", "message": "Only one of us"}
    browsers = [web.test_client() for _ in range(12)]
    for number, browser in enumerate(browsers):
        signed_in(browser, ("serviceUser", "agentUser", "superuser")[number % 3])

    with ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(
                lambda browser: (
                    browser.post(address(case, f"steps/{task.id}"), data=sent).status_code
                ),
                browsers,
            )
        )

    assert sorted(answers) == [303, *[409] * 11]
    assert sum("Only one of us" in mail.text for mail in house.mails(case)) == 1
