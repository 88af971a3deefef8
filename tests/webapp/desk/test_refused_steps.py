"""Steps that go away under somebody's hands: who was faster is said, what was typed is kept."""

import pytest

from tests.webapp.desk.conftest import SCRIPT, address, open_task, part, shown_form
from webapp.desk import tasks as desk_tasks
from webapp.desk.page import case_page


def test_a_step_somebody_else_has_done_says_who_and_when_and_keeps_the_text(
    desk, colleague, house, send
):
    case = house.classified()
    task = open_task(house, case, "handle")
    mine = shown_form(desk, case, task) | {"next": "reply_and_wait", "message": "My long answer"}
    send(case, "handle", browser=colleague, next="reply_and_wait", message="Hers")

    for headers in ({}, SCRIPT):
        answer = desk.post(address(case, f"steps/{task.id}"), data=mine, headers=headers)

        dock = part(answer.text, "dock")
        assert answer.status_code == 409
        assert "Emma Clarke has completed this step" in dock
        assert "Message to the customer" in dock
        assert "My long answer" in dock
    assert [mail.text.count("My long answer") for mail in house.mails(case)] == [0, 0]


def test_a_step_that_time_has_taken_away_keeps_the_text_too(desk, house):
    case = house.closed()
    house.replies(case, "Again!")
    task = open_task(house, case, "handle")
    sent = shown_form(desk, case, task) | {"next": "reply_and_wait", "message": "Still typing"}
    with house.db.write() as session:
        house.app.engine.cancel(session, task.instance_id, "a mistake", "staff:1")

    answer = desk.post(address(case, f"steps/{task.id}"), data=sent)

    assert answer.status_code == 409
    assert "no longer needed" in part(answer.text, "dock")
    assert "Still typing" in part(answer.text, "dock")


def test_a_form_whose_step_is_gone_asks_for_nothing_and_keeps_the_text(
    desk, colleague, house, send
):
    case = house.classified()
    task = open_task(house, case, "handle")
    typed = shown_form(desk, case, task) | {"message": "Still typing", "_refresh": "1"}
    send(case, "handle", browser=colleague, next="reply_and_wait", message="Hers")

    by_script = desk.post(address(case, f"steps/{task.id}"), data=typed, headers=SCRIPT)
    without = desk.post(address(case, f"steps/{task.id}"), data=typed)

    assert (by_script.status_code, by_script.text) == (204, "")  # htmx leaves the form alone
    assert without.status_code == 409
    assert "Still typing" in part(without.text, "dock")


@pytest.fixture
def outrun(house, noor, monkeypatch):
    """Let a colleague complete a step after it was looked up and before its page is drawn."""

    def between(case):
        def draw(number, draft):
            if "handle" in house.waiting_at(case):
                house.completes(case, "handle", staff=noor, next="reply_and_wait", message="Hers")
            return case_page(number, draft)

        monkeypatch.setattr(desk_tasks, "case_page", draw)

    return between


@pytest.mark.parametrize("asks", [{"_refresh": "1"}, {"next": ""}])
@pytest.mark.parametrize("headers", [{}, SCRIPT])
def test_a_step_that_goes_while_its_form_is_drawn_keeps_the_text(
    desk, house, outrun, asks, headers
):
    case = house.classified()
    task = open_task(house, case, "handle")
    typed = shown_form(desk, case, task) | {"message": "Still typing"} | asks
    outrun(case)

    answer = desk.post(address(case, f"steps/{task.id}"), data=typed, headers=headers)

    if headers and "_refresh" in asks:
        assert (answer.status_code, answer.text) == (204, "")
    else:
        assert answer.status_code == 409
        dock = part(answer.text, "dock")
        assert "Message to the customer Still typing" in dock
        assert "Noor Bakker has completed this step" in dock
