"""The desk's lists and the search."""

import pytest
from sqlalchemy import event

from engine.errors import NotFoundError
from processes.cases.desk import open_file, overview
from processes.cases.queries import (
    VIEWS,
    get_case,
    list_cases,
    timeline,
)


@pytest.mark.requirement("CARE-03")
def test_the_accepted_list_shows_claimed_steps_only(house):
    accepted, open_case = house.classified(), house.classified()
    with house.db.write() as session:
        task = house.task(session, accepted, "handle")
        house.app.engine.claim(session, task.id, house.mila.actor)
    with house.db.read() as session:
        rows = list_cases(session, view="accepted", staff=house.mila).rows
        assert [row.number for row in rows] == [accepted.number]
        assert list_cases(session, view="accepted", staff=house.emma).rows == []
        assert overview(session, house.mila).accepted == 1
    assert open_case.number not in [row.number for row in rows]


def test_unassigned_holds_what_nobody_handles(house):
    new, taken = house.submits(), house.classified()
    with house.db.read() as session:
        unassigned = list_cases(session, view="unassigned", staff=house.mila).rows
        everything = list_cases(session, view="all", staff=house.mila).rows
        seen = overview(session, house.mila)
    assert [row.number for row in unassigned] == [new.number]
    assert {row.number for row in everything} == {new.number, taken.number}
    assert (seen.mine, seen.unassigned, seen.all) == (1, 1, 2)


def test_a_list_costs_the_same_statements_whatever_its_length(house):
    house.submits()
    few = statements(house)
    for _ in range(12):
        house.submits()
    assert statements(house) == few
    assert few <= 10


def test_pages_follow_each_other_without_gap_or_double(house):
    numbers = {house.submits().number for _ in range(7)}
    seen = []
    with house.db.read() as session:
        for page in (1, 2, 3):
            found = list_cases(session, view="all", staff=house.mila, page=page, per_page=3)
            seen += [row.number for row in found.rows]
            assert found.has_next == (page < 3)
    assert len(seen) == 7
    assert set(seen) == numbers


@pytest.mark.parametrize(
    "query", ["SANNE", "sanne@example.org", "inloggen", "kan inloggen", "de vries  sinds"]
)
def test_the_search_finds_by_people_and_words(house, query):
    case = house.submits()
    assert found(house, query) == [case.number]


@pytest.mark.parametrize(
    "query", ["%", "_", "100%", "\\", "' OR 1=1", "nobody\x00x", "nobody", "a" * 5_000]
)
def test_wildcards_and_worse_are_plain_text(house, query):
    house.submits()
    assert found(house, query) == []


def test_a_changed_title_is_found_and_the_customers_own_words_too(house):
    case = house.submits(description="hij doet het nie meer")
    house.completes(
        case, "classify", subject="Storing", request_type="action", description="Machine defect"
    )
    assert found(house, "storing") == found(house, "defect") == found(house, "nie meer")
    assert found(house, "storing") == [case.number]


def test_a_case_is_found_by_a_number_typed_carelessly(house):
    case = house.submits()
    with house.db.read() as session:
        assert get_case(session, case.number.lower().replace("-", " ")).id == case.id


@pytest.mark.parametrize("number", ["", "0000-0000-0", "x" * 10_000, "%", "\x00"])
def test_no_case_is_no_case(house, number):
    with house.db.read() as session, pytest.raises(NotFoundError):
        get_case(session, number)


def test_other_cases_of_the_customer_are_listed(house):
    first, second = house.submits(), house.submits()
    house.submits(email="tom@example.org")
    with house.db.read() as session:
        others = open_file(session, first.number, house.mila).others
    assert [case.id for case in others] == [second.id]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_can_be_empty(house, view):
    with house.db.read() as session:
        assert list_cases(session, view=view, staff=house.mila).rows == []


def found(house, query):
    with house.db.read() as session:
        rows = list_cases(session, view="all", staff=house.mila, q=query).rows
        return [row.number for row in rows]


def statements(house):
    """Count what the list, the numbers beside it and one case page ask the database."""
    asked = []

    def note(_connection, _cursor, statement, *_):
        asked.append(statement)

    event.listen(house.db.engine, "before_cursor_execute", note)
    try:
        with house.db.read() as session:
            rows = list_cases(session, view="all", staff=house.mila).rows
            overview(session, house.mila)
            case = get_case(session, rows[0].number)
            timeline(session, case, public_only=False)
    finally:
        event.remove(house.db.engine, "before_cursor_execute", note)
    return len(asked)
