from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.webapp.conftest import page

MOST = 12
"""Queries a page may ask, whatever it shows."""


@contextmanager
def counted(product):
    asked = []

    def note(_connection, _cursor, statement, *_):
        asked.append(statement)

    event.listen(product.db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(product.db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("messages", [1, 25])
def test_a_case_asks_the_database_the_same_however_much_was_said(
    client, house, entered, product, messages
):
    case = house.answered(portal=True)
    for n in range(messages):
        house.replies(case, f"Message {n}")
    entered(client, contact_id=house.see(case).contact_id)
    client.get(f"/portal/cases/{case.number}")  # the diagram is parsed once

    with counted(product) as asked:
        text = page(client.get(f"/portal/cases/{case.number}"))

    assert text.count("<article") > messages
    assert len(asked) <= MOST, asked


@pytest.mark.parametrize("cases", [1, 12])
def test_a_list_asks_the_database_the_same_however_long_it_is(
    client, house, entered, product, cases
):
    made = [house.submits(description=f"Question {n}") for n in range(cases)]
    entered(client, contact_id=house.see(made[0]).contact_id)

    with counted(product) as asked:
        text = page(client.get("/portal/"))

    assert all(case.number in text for case in made)
    assert len(asked) <= MOST, asked
