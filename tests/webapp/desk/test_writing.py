import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.webapp.conftest import page
from tests.webapp.desk.conftest import SCRIPT, address, part, tree


def key_of(browser, case, panel) -> str:
    form = tree(page(browser.get(address(case)))).get_element_by_id(f"{panel}-form")
    return form.fields["_key"]


def said(house, case, text) -> int:
    return sum(entry.text == text for entry in house.timeline(case))


@pytest.mark.requirement("COV-61")
def test_notes_contacts_mails_and_todos_are_all_on_the_timeline(desk, house):
    case = house.classified()

    desk.post(address(case, "notes"), data={"text": "A note"})
    desk.post(address(case, "contacts"), data={"text": "A call", "medium": "phone"})
    desk.post(address(case, "reply"), data={"text": "A mail"})
    desk.post(address(case, "todos"), data={"text": "A to-do"})

    talk = tree(page(desk.get(address(case)))).get_element_by_id("talk")
    shown = {
        entry.get("class").split()[1]: " ".join(entry.text_content().split())
        for entry in talk.xpath(".//article")[1:]
    }
    assert "A note" in shown["note"]
    assert "A call" in shown["contact"]
    assert "by phone" in shown["contact"]
    assert "A mail" in shown["us"]
    assert "to Sanne de Vries by e-mail" in shown["us"]
    assert "Goes out in a moment" in shown["us"]
    assert "A to-do" in shown["todo"]


def test_a_reply_leaves_the_step_where_it_is_and_goes_out_as_a_mail(desk, house):
    case = house.classified()

    desk.post(address(case, "reply"), data={"text": "Which phone is it?"})

    assert "handle" in house.waiting_at(case)
    assert "Which phone is it?" in house.mails(case)[-1].text


@pytest.mark.parametrize("panel", ["reply", "note", "contact", "todo"])
@pytest.mark.parametrize("headers", [{}, SCRIPT])
def test_the_same_form_twice_counts_once(desk, house, panel, headers):
    case = house.classified()
    path = address(case, {"reply": "reply"}.get(panel, f"{panel}s"))
    sent = {"text": "Said once", "medium": "phone", "_key": key_of(desk, case, panel)}

    answers = [desk.post(path, data=sent, headers=headers) for _ in range(2)]

    assert {answer.status_code for answer in answers} == {200 if headers else 303}
    assert said(house, case, "Said once") == 1


def test_something_else_written_on_the_same_page_counts_too(desk, house):
    case = house.classified()
    key = key_of(desk, case, "note")

    for text in ("First", "Second", "First"):
        desk.post(address(case, "notes"), data={"text": text, "_key": key})

    assert (said(house, case, "First"), said(house, case, "Second")) == (1, 1)


def test_twelve_presses_at_once_write_one_note(web, product, signed_in, house):
    case = house.classified()
    browsers = [web.test_client() for _ in range(12)]
    for browser in browsers:
        signed_in(browser, "serviceUser")
    key = key_of(browsers[0], case, "note")

    with ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(
                lambda browser: (
                    browser.post(
                        address(case, "notes"), data={"text": "At once", "_key": key}
                    ).status_code
                ),
                browsers,
            )
        )

    assert set(answers) == {303}
    assert said(house, case, "At once") == 1


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\0"])
@pytest.mark.parametrize("rest", ["reply", "notes", "contacts", "todos"])
def test_an_empty_text_is_refused_at_the_field(desk, house, rest, text):
    case = house.classified()
    before = len(house.timeline(case))

    answer = desk.post(address(case, rest), data={"text": text, "medium": "phone"})

    assert answer.status_code == 422
    assert "Please fill in" in part(answer.text, "dock")
    assert len(house.timeline(case)) == before


def test_a_text_without_end_is_refused_and_kept(desk, house):
    case = house.classified()
    long = "word " * 4_001

    answer = desk.post(address(case, "notes"), data={"text": long})

    assert answer.status_code == 422
    assert tree(answer.text).get_element_by_id("note-text").text.count("word") == 4_001


@pytest.mark.parametrize("medium", ["", "telepathy", "portal"])
def test_a_contact_needs_a_way_we_know(desk, house, medium):
    case = house.classified()

    answer = desk.post(address(case, "contacts"), data={"text": "Hello", "medium": medium})

    assert answer.status_code == 422
    assert "How you spoke" in part(answer.text, "dock")
    assert tree(answer.text).get_element_by_id("contact-text").text.strip() == "Hello"


def test_a_reply_before_classifying_is_refused_with_the_text_kept(desk, house):
    case = house.submits()

    answer = desk.post(address(case, "reply"), data={"text": "Typed too early"})

    assert answer.status_code == 409
    assert "must be classified before" in part(answer.text, "dock")
    assert "Typed too early" in part(answer.text, "dock")
    assert house.mails(case) == []


def test_a_reply_to_a_closed_case_is_refused_with_the_text_kept(desk, house):
    case = house.closed()
    before = len(house.mails(case))

    answer = desk.post(address(case, "reply"), data={"text": "One more thing"})

    assert answer.status_code == 409
    assert "The case is closed." in part(answer.text, "dock")
    assert "One more thing" in part(answer.text, "dock")
    assert len(house.mails(case)) == before


@pytest.mark.parametrize("state", ["waiting", "closed"])
def test_what_the_customer_says_by_phone_can_be_the_reply(desk, house, state):
    case = house.classified() if state == "waiting" else house.closed()
    if state == "waiting":
        house.completes(case, "handle", next="reply_and_wait", message="Which phone?")
    assert 'name="is_reply"' in page(desk.get(address(case)))

    desk.post(
        address(case, "contacts"), data={"text": "The red one.", "medium": "phone", "is_reply": "1"}
    )

    assert "handle" in house.waiting_at(case)
    assert house.see(case).status == "in_progress"
    talk = tree(page(desk.get(address(case)))).get_element_by_id("talk")
    (told,) = talk.xpath(".//article[contains(@class, 'them')][last()]")
    assert re.search(r"Sanne de Vries\s+by phone", " ".join(told.text_content().split()))


def test_a_todo_is_ticked_off_and_opened_again(desk, house):
    case = house.classified()
    desk.post(address(case, "todos"), data={"text": "Call back"})
    todo = house.timeline(case)[-1]

    for done in ("1", "0"):
        desk.post(address(case, f"todos/{todo.id}"), data={"done": done})
        (box,) = tree(page(desk.get(address(case)))).xpath("//button[@role='checkbox']")
        assert box.get("aria-checked") == ("true" if done == "1" else "false")


def test_a_todo_of_another_case_is_not_found(desk, house):
    case, other = house.classified(), house.classified()
    desk.post(address(other, "todos"), data={"text": "Call back"})
    todo, note = house.timeline(other)[-1], house.timeline(case)[0]

    for foreign in (todo.id, note.id, 999_999, 2**80):
        answer = desk.post(address(case, f"todos/{foreign}"), data={"done": "1"})
        assert answer.status_code == 404


def test_without_the_token_of_the_page_nothing_is_written(strict_client, signed_in, house):
    signed_in(strict_client, "serviceUser")
    case = house.classified()
    before = len(house.timeline(case))

    for rest in ("reply", "notes", "contacts", "todos", "portal", "mail", "handler", "read"):
        assert strict_client.post(address(case, rest), data={"text": "x"}).status_code == 400
    assert strict_client.post("/desk/new").status_code == 400
    assert len(house.timeline(case)) == before
