from collections import Counter
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from engine import clock
from processes.cases.timeline import Author
from processes.mail.models import OutgoingMail
from processes.people import access_codes
from processes.portal_access import services as portal
from tests.webapp.conftest import page
from tests.webapp.portal.conftest import (
    EMAIL,
    ON_ONE,
    ask,
    enter,
    is_in,
    problem_at,
    tree,
    without_tokens,
)

MISMATCH = "Address and code do not fit together"


@pytest.fixture
def case(house):
    return house.classified(portal=True)


@pytest.fixture
def other(web):
    return web.test_client()


@pytest.mark.requirement("COV-81")
def test_address_and_mailed_code_open_exactly_that_case_and_a_wrong_pair_gives_no_hint(
    client, other, house, case
):
    second = house.submits(description="Another question")
    answer = enter(client, code=house.code(case))

    assert answer.headers["Location"] == f"/portal/cases/{case.number}"
    assert client.get(f"/portal/cases/{case.number}").status_code == 200
    assert client.get(f"/portal/cases/{second.number}").status_code == 404
    assert second.number not in page(client.get("/portal/"))
    known = enter(other, code="0000-0000-0000")
    unknown = enter(other, email="nobody@example.org", code="0000-0000-0000")
    foreign = enter(other, email="nobody@example.org", code=house.code(case))
    assert {known.status_code, unknown.status_code, foreign.status_code} == {422}
    assert MISMATCH in problem_at(known.text, "code")
    assert without_tokens(known.text) == without_tokens(unknown.text)
    assert without_tokens(known.text) == without_tokens(foreign.text)


@ON_ONE
@pytest.mark.parametrize(
    ("typed", "meant"), [("A", "a"), ("-", ""), ("-", " "), ("0", "o"), ("1", "l"), ("1", "I")]
)
def test_a_code_may_be_typed_in_any_spelling(client, house, case, typed, meant):
    code = f" {house.code(case).replace(typed, meant)} "

    assert enter(client, email=" Sanne@Example.org ", code=code).status_code == 303


def test_a_code_opens_again_and_again_until_it_ends(client, other, house, case, product):
    code = house.code(case)

    assert enter(client, code=code).status_code == 303
    assert enter(other, code=code).status_code == 303
    with product.db.write() as session:
        portal.switch_off(session, session.get(type(case), case.id), Author("system", ""))
    assert enter(client, code=code).status_code == 422
    assert not is_in(other)


def test_a_newer_code_ends_the_older_one(client, house, case, product):
    old = house.code(case)
    with product.db.write() as session:
        fresh = session.get(type(case), case.id)
        portal.switch_on(product, session, fresh, Author(house.mila.actor, "Mila"))
        new = access_codes.plaintext(session, access_codes.current(session, case.id))

    assert enter(client, code=old).status_code == 422
    assert enter(client, code=new).status_code == 303


def test_a_code_nobody_used_is_worth_nothing_after_two_weeks(client, house, case):
    code = house.code(case)

    with time_machine.travel(clock.utc_now() + timedelta(days=14, minutes=1)):
        assert enter(client, code=code).status_code == 422


LOOK_ALIKES = [
    "s\u0430nne@example.org",  # a Cyrillic letter
    "sanne@ex\u0430mple.org",
    "sanne@example.org.evil.example",
    "sanne+1@example.org",
    "sanne@example.org\0",
    "sanne@example.org@evil.example",
    "SANNE@EXAMPLE.ORG%00",
    "\u017fanne@example.org",  # a long s, whose capital is S
]


@pytest.mark.parametrize("email", LOOK_ALIKES)
def test_a_look_alike_address_opens_nothing(client, house, case, email, product):
    refused = enter(client, email=email, code=house.code(case) if "\0" not in email else "x")
    ask(client, email=email)

    assert refused.status_code == 422
    assert not is_in(client)
    with product.db.read() as session:
        to = session.scalars(
            select(OutgoingMail.to_address).where(OutgoingMail.template.contains("sign_in"))
        ).all()
        assert set(to) <= {EMAIL}


@pytest.mark.parametrize(
    ("email", "code"),
    [("", ""), ("not an address", "x"), (EMAIL, ""), ("", "0000-0000-0000"),
     ("x" * 100_000 + "@example.org", "1"), (EMAIL, "9" * 100_000), (EMAIL, "\0\0\0"),
     (EMAIL, "' OR 1=1 --"), ("' OR 1=1 --@example.org", "1"), (EMAIL, "٣٤٥٦٧٨٩٠١٢٣٤"),
     (EMAIL, "%%%%____"), ("\ud800@example.org".encode("utf-8", "surrogatepass"), "1")],
)  # fmt: skip
def test_anything_else_is_refused_at_its_field(client, house, case, email, code):
    answer = enter(client, email=email, code=code)

    assert answer.status_code == 422
    assert problem_at(answer.text, "email") or problem_at(answer.text, "code")
    assert not is_in(client)


def test_a_wrong_pair_keeps_what_was_typed(client, case):
    kept = tree(enter(client, code="0000-0000-0000").text)

    assert kept.get_element_by_id("email").get("value") == EMAIL
    assert kept.get_element_by_id("code").get("value") == "0000-0000-0000"


@pytest.mark.usefixtures("one_window")
def test_guessing_a_mailed_code_is_stopped_even_for_the_right_one(client, house, case):
    answers = [enter(client, code=f"0000-0000-00{n:02}").status_code for n in range(12)]

    assert answers == [422] * 10 + [429] * 2
    assert enter(client, code=house.code(case)).status_code == 429
    assert not is_in(client)


@pytest.mark.usefixtures("one_window")
def test_guessing_for_many_addresses_from_one_place_is_stopped(client, product):
    answers = Counter(
        enter(client, email=f"a{n}@example.org", code="1").status_code for n in range(62)
    )

    assert answers == {422: 60, 429: 2}
