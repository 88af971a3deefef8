import re

from tests.webapp.conftest import page
from tests.webapp.desk.conftest import address, open_task, tree


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


def test_a_step_i_have_done_elsewhere_is_taken_away(desk, house):
    case = house.classified()
    asks = follow_address(desk, case)
    house.completes(case, "handle", next="reply_and_wait", message="Mine")

    assert "dock" in parts(page(desk.get(asks)))


def test_accepting_tells_the_open_pages(desk, colleague, house):
    case = house.classified()
    asks = follow_address(desk, case)
    colleague.post(address(case, f"steps/{open_task(house, case, 'handle').id}/accept"))

    assert "dock" in parts(page(desk.get(asks)))


def test_odd_questions_are_answered_all_the_same(desk, house):
    case = house.classified()

    for odd in ("dock=x&steps=,,", "steps=%00", "dock=" + "y" * 3_000, "view=nonsense"):
        assert desk.get(f"{address(case, 'live')}?{odd}").status_code == 200
