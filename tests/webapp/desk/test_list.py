import pytest

from processes.cases.models import Channel
from tests.webapp.clients import counted
from tests.webapp.conftest import page
from tests.webapp.desk.conftest import address, open_task, rows, tree, words


def counts(text: str) -> dict[str, int]:
    return {
        link.text.strip(): int(link.xpath("string(.//span[contains(@class, 'count')])"))
        for link in tree(text).xpath("//nav[@id='views']/a")
    }


def test_each_view_shows_its_cases_and_their_number(desk, house):
    mine = house.classified(handler=str(house.mila.id))
    hers = house.classified(handler=str(house.emma.id), subject="A colleague's case")
    house.submits(subject="Nobody has this yet")
    house.closed(subject="Long done")

    shown = {
        view: rows(page(desk.get(f"/desk/?view={view}")))
        for view in ("mine", "unassigned", "all", "archive")
    }

    assert counts(page(desk.get("/desk/"))) == {
        "Mine": 1,
        "Unassigned": 1,
        "Steps": 0,
        "All": 3,
        "Archive": 1,
    }
    assert {view: len(found) for view, found in shown.items()} == {
        "mine": 1,
        "unassigned": 1,
        "all": 3,
        "archive": 1,
    }
    assert house.see(mine).subject in shown["mine"][0]
    assert house.see(hers).subject not in shown["mine"][0]
    assert "Nobody has this yet" in shown["unassigned"][0]
    assert "Long done" in shown["archive"][0]


@pytest.mark.requirement("COV-48")
def test_the_handler_is_required_and_finds_the_case_among_their_own(desk, colleague, house, send):
    case = house.submits()

    refused = send(case, "classify", handler="")
    send(case, "classify", handler=str(house.emma.id), subject="For Emma")

    assert refused.status_code == 422
    assert rows(page(desk.get("/desk/?view=mine"))) == []
    assert "For Emma" in rows(page(colleague.get("/desk/?view=mine")))[0]


@pytest.mark.requirement("CARE-03")
def test_my_steps_are_those_i_have_accepted_and_no_others(desk, colleague, house):
    accepted, free, hers = house.classified(), house.classified(), house.classified()
    for case, browser in ((accepted, desk), (hers, colleague)):
        browser.post(address(case, f"steps/{open_task(house, case, 'handle').id}/accept"))

    shown = page(desk.get("/desk/?view=accepted"))

    links = tree(shown).xpath("//ul[contains(@class, 'cases')]//a/@href")
    assert [link.split("?")[0] for link in links] == [address(accepted)]
    assert counts(shown)["Steps"] == 1
    assert free.number not in shown


@pytest.mark.requirement("COV-75")
@pytest.mark.requirement("COV-93")
def test_a_closed_case_is_in_the_archive_only_and_found_there_by_number_and_text(desk, house):
    case = house.closed(subject="Printer on fire")
    house.closed(subject="Something else")

    for view in ("mine", "unassigned", "accepted", "all"):
        assert rows(page(desk.get(f"/desk/?view={view}"))) == []
    for wanted in (case.number, case.number.replace("-", "").lower(), "printer FIRE"):
        found = rows(page(desk.get("/desk/", query_string={"view": "archive", "q": wanted})))
        assert len(found) == 1
        assert "Printer on fire" in found[0]


@pytest.mark.parametrize(
    "wanted",
    ["Zieliński", "espresso tank", "tomasz@example.org", "ESPRESSO", "%", "_", "nothing'--"],
)
def test_the_search_knows_customer_subject_and_text_and_takes_signs_as_signs(desk, house, wanted):
    house.submits(
        name="Tomasz Zieliński",
        email="tomasz@example.org",
        subject="Espresso machine",
        description="The tank has a crack.",
    )

    answer = desk.get("/desk/", query_string={"view": "all", "q": wanted})

    is_found = wanted not in {"%", "_", "nothing'--"}
    assert len(rows(page(answer))) == int(is_found)
    assert ("Nothing found" in answer.text) is not is_found


@pytest.mark.parametrize(
    "odd",
    [
        "view=nonsense",
        "page=0",
        "page=-3",
        "page=9999999999",
        "page=x",
        "q=%00",
        "q=" + "a" * 5_000,
        "view=archive&page=٣",
    ],
)
def test_an_odd_address_shows_a_list_all_the_same(desk, house, odd):
    house.submits()

    assert desk.get(f"/desk/?{odd}").status_code == 200
    assert desk.get(f"/desk/list?{odd}").status_code == 200


def test_an_empty_list_says_what_to_do(desk):
    assert "Nothing waits for you" in words(page(desk.get("/desk/")))
    assert "You have accepted no step" in words(page(desk.get("/desk/?view=accepted")))
    assert "The archive is empty" in words(page(desk.get("/desk/?view=archive")))


def test_news_stands_out_until_the_handler_has_read_it(desk, house):
    case = house.classified()
    house.completes(case, "handle", next="reply_and_wait", message="Which phone is it?")
    house.replies(case, "The red one.")

    row = tree(page(desk.get("/desk/"))).get_element_by_id(f"case-{case.id}")
    assert "new" in row.get("class").split()
    assert "unread" in row.text_content()

    desk.post(address(case, "read"))

    row = tree(page(desk.get("/desk/"))).get_element_by_id(f"case-{case.id}")
    assert "new" not in row.get("class").split()


def test_somebody_elses_reading_leaves_the_mark(colleague, house):
    case = house.classified()
    house.completes(case, "handle", next="reply_and_wait", message="Which phone is it?")
    house.replies(case, "The red one.")

    colleague.post(address(case, "read"))

    assert house.see(case).unread


def test_reading_a_page_changes_nothing(desk, house):
    case = house.classified()
    house.completes(case, "handle", next="reply_and_wait", message="Which phone is it?")
    house.replies(case, "The red one.")

    desk.get(address(case))

    assert house.see(case).unread


def test_a_row_tells_step_priority_and_when_it_goes_on(desk, house):
    case = house.answered(subject="Inloggen lukt niet")

    (row,) = rows(page(desk.get("/desk/")))

    assert "Priority: Low" in row
    assert "Sanne de Vries" in row
    assert "A good week" in row
    assert "7 d 23 h" in row or "8 d" in row
    assert house.see(case).subject in row


def test_a_long_list_has_pages(desk, house):
    for number in range(42):
        house.opens(Channel.PHONE) if number else house.opens(Channel.FAX)

    first = page(desk.get("/desk/?view=unassigned"))
    second = page(desk.get("/desk/?view=unassigned&page=2"))

    assert (len(rows(first)), len(rows(second))) == (40, 2)
    assert 'rel="next"' in first
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second


def test_the_pages_cost_the_same_however_many_cases_there_are(desk, house, product):
    def cost(path: str) -> int:
        desk.get(path)  # definitions and templates are read once a process
        with counted(product.db) as seen:
            assert desk.get(path).status_code == 200
        return len(seen)

    fresh, at_work = house.submits(), house.classified()
    paths = ["/desk/", "/desk/?view=accepted", address(fresh), address(at_work)]
    few = [cost(path) for path in paths]
    for number in range(12):
        house.submits(subject=f"Case {number}")
        house.replies(at_work, f"Message {number}")

    many = [cost(path) for path in paths]

    assert many == few
    assert max(many) <= 12


def test_the_fragment_brings_rows_and_numbers_for_a_page_that_shows_a_case(desk, house):
    case = house.classified()

    fragment = page(desk.get(f"/desk/list?view=mine&open={case.number}"))

    assert 'id="rows"' in fragment
    assert 'id="views"' in fragment
    assert "<html" not in fragment
    assert tree(fragment).xpath("//a[@aria-current='true' and @id]/@id") == [f"case-{case.id}"]
