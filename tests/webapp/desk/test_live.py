import re

from tests.webapp.conftest import page
from tests.webapp.desk.conftest import address, open_task, part, tree


def follow_address(browser, case) -> str:
    """Return where the page of a case asks for what has changed."""
    return tree(page(browser.get(address(case)))).get_element_by_id("follow").get("hx-get")


def parts(text: str) -> set[str]:
    return set(re.findall(r'<\w+[^>]* id="(\w+)"[^>]*hx-swap-oob', text))


def test_while_nothing_happened_the_box_stays_as_it_is(desk, house):
    case = house.classified()

    answer = page(desk.get(follow_address(desk, case)))

    assert parts(answer) == {"chead", "maybe", "strip", "talk", "facts", "unread"}
    assert 'id="dock"' not in answer


def test_a_new_step_comes_with_the_box_and_keeps_what_stands_in_its_forms(desk, house):
    case = house.classified()
    house.completes(case, "handle", next="reply_and_wait", message="Which phone is it?")
    asks = follow_address(desk, case)
    house.replies(case, "The red one.")

    answer = page(desk.get(asks))

    assert "dock" in parts(answer)
    forms = tree(answer).xpath("//form[contains(@class, 'body')]")
    assert len(forms) == 5
    assert all(form.get("hx-preserve") for form in forms)
    assert "The red one." in answer


def test_a_step_a_colleague_has_done_is_only_told(desk, house, noor):
    case = house.classified()
    asks = follow_address(desk, case)
    house.completes(case, "handle", staff=noor, next="reply_and_wait", message="Hers")

    answer = page(desk.get(asks))

    assert 'id="dock"' not in answer
    assert "Noor Bakker has completed this step in the meantime." in answer


def told(text: str) -> str:
    """Return what the line in the dock says; the dock itself must not have come."""
    assert 'id="dock"' not in text
    return part(text, "dock-news")


def test_a_step_i_have_done_in_another_window_is_only_told(desk, house):
    case = house.classified()
    asks = follow_address(desk, case)
    house.completes(case, "handle", next="reply_and_wait", message="Mine")

    said = told(page(desk.get(asks)))

    assert "You have completed this step in another window." in said
    assert "What you typed is still here." in said


def test_a_step_a_colleague_has_accepted_is_only_told(desk, colleague, house):
    case = house.classified()
    asks = follow_address(desk, case)
    colleague.post(address(case, f"steps/{open_task(house, case, 'handle').id}/accept"))

    assert "Emma Clarke has accepted this step in the meantime." in told(page(desk.get(asks)))


def test_a_step_i_have_accepted_in_another_window_comes_with_the_box(desk, house):
    case = house.classified()
    asks = follow_address(desk, case)
    desk.post(address(case, f"steps/{open_task(house, case, 'handle').id}/accept"))

    assert "dock" in parts(page(desk.get(asks)))


def test_a_step_a_colleague_has_given_back_comes_with_the_box(desk, colleague, house):
    case = house.classified()
    task = open_task(house, case, "handle")
    colleague.post(address(case, f"steps/{task.id}/accept"))
    asks = follow_address(desk, case)
    colleague.post(address(case, f"steps/{task.id}/give-back"))

    assert "dock" in parts(page(desk.get(asks)))


def test_a_reply_begun_stays_when_the_case_closes(desk, house):
    case = house.answered()
    asks = follow_address(desk, case)
    house.waits(days=8, seconds=1)
    assert house.see(case).is_closed

    said = told(page(desk.get(asks)))

    assert "The process has moved on in the meantime. What you typed is still here." in said


def test_odd_questions_are_answered_all_the_same(desk, house):
    case = house.classified()

    for odd in ("dock=x~,.~", "dock=%00", "dock=" + "y" * 3_000, "view=nonsense"):
        assert desk.get(f"{address(case, 'live')}?{odd}").status_code == 200
