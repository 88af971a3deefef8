import re
import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from engine import clock
from processes.mail.models import OutgoingMail
from processes.people.models import AccessCode, SignInCode, WebSession
from processes.portal_access import services as portal
from tests.webapp.conftest import page
from tests.webapp.portal.conftest import (
    COOKIE,
    EMAIL,
    ask,
    digits_sent,
    enter,
    enter_digits,
    is_in,
    problem_at,
    without_tokens,
)

NOT_RIGHT = "These digits are not right"


@pytest.fixture
def case(house):
    return house.classified(portal=True)


@pytest.fixture
def other(web):
    return web.test_client()


def test_eight_digits_open_all_requests_of_the_address(client, house, product):
    mine = [house.submits(description=f"Question {n}") for n in range(2)]
    foreign = house.submits(email="else@example.org")

    assert ask(client).status_code == 303
    text = page(client.get("/portal/sign-in"))
    assert "eight digits are on their way" in text
    answer = enter_digits(client, digits_sent(product))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/portal/")
    listed = page(client.get("/portal/"))
    assert all(case.number in listed for case in mine)
    assert foreign.number not in listed


def test_the_digits_are_eight_and_stored_where_nobody_can_read_them(client, house, product):
    house.submits()
    ask(client)

    assert re.fullmatch(r"[0-9]{8}", digits_sent(product))
    with product.db.read() as session:
        row = session.scalars(select(SignInCode)).one()
        assert digits_sent(product) not in f"{row.fingerprint}{row.nonce}{row.browser_hash}"


def test_asking_for_an_unknown_address_reads_the_same_and_writes_no_mail(
    client, other, house, product
):
    house.submits()
    known, unknown = ask(client), ask(other, email="nobody@example.org")

    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code, unknown.headers["Location"],
    )  # fmt: skip
    shown = page(client.get("/portal/sign-in")), page(other.get("/portal/sign-in"))
    assert without_tokens(shown[0]) == without_tokens(shown[1])
    wrong = enter_digits(client, "00000000"), enter_digits(other, "00000000")
    assert without_tokens(wrong[0].text) == without_tokens(wrong[1].text)
    with product.db.read() as session:
        rows = session.scalars(
            select(OutgoingMail).where(OutgoingMail.template == "portal_access/sign_in_code")
        ).all()
        assert [mail.to_address for mail in rows] == [EMAIL]
    assert enter_digits(other, digits_sent(product)).status_code == 422


def test_asking_takes_about_the_same_time_for_known_and_unknown_addresses(web, house):
    known = [f"known{n}@example.org" for n in range(8)]
    for email in known:
        house.submits(email=email)

    def seconds(emails):
        taken = []
        for email in emails:
            browser = web.test_client()
            begun = time.perf_counter()
            ask(browser, email=email)
            taken.append(time.perf_counter() - begun)
        return statistics.median(taken)

    seconds(["warm@example.org"])
    ours, theirs = seconds(known), seconds([f"nobody{n}@example.org" for n in range(8)])
    assert min(ours, theirs) >= 0.05
    assert abs(ours - theirs) < 0.05


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b@c.example", "x" * 300 + "@example.org", "a\nb@example.org"]
)
def test_asking_for_what_is_no_address_is_refused_at_the_field(client, product, email):
    answer = ask(client, email=email)

    assert answer.status_code == 422
    assert "e-mail address" in problem_at(answer.text, "ask_email")
    with product.db.read() as session:
        assert session.scalar(select(func.count(SignInCode.id))) == 0


def test_digits_work_in_the_browser_that_asked_only(client, other, house, product):
    house.submits()
    ask(client)
    ask(other, email="nobody@example.org")

    with product.db.read() as session:
        row = session.scalars(select(SignInCode).where(SignInCode.email == EMAIL)).one()
        digits = portal.sign_in_codes.plaintext(session, row)
    assert enter_digits(other, digits).status_code == 422
    assert enter_digits(client, digits).status_code == 303


def test_digits_without_having_asked_open_nothing(client, house):
    house.submits()

    assert enter_digits(client, "12345678").status_code == 422


def test_digits_work_once(client, other, house, product):
    house.submits()
    ask(client)
    raw = client.get_cookie(COOKIE).value
    digits = digits_sent(product)

    assert enter_digits(client, digits).status_code == 303
    other.set_cookie(COOKIE, raw)
    assert enter_digits(other, digits).status_code == 422
    assert not is_in(other)


def test_digits_end_after_ten_minutes(client, house, product):
    house.submits()
    ask(client)
    digits = digits_sent(product)

    with time_machine.travel(clock.utc_now() + timedelta(minutes=10, seconds=5)):
        answer = enter_digits(client, digits)
        assert answer.status_code == 422
        assert NOT_RIGHT in problem_at(answer.text, "digits")


def test_new_digits_end_the_old_ones(client, house, product):
    house.submits()
    ask(client)
    old = digits_sent(product)
    ask(client)

    assert enter_digits(client, old).status_code == 422
    assert enter_digits(client, digits_sent(product)).status_code == 303


def test_after_five_wrong_tries_the_right_digits_are_void(client, house, product):
    house.submits()
    ask(client)
    digits = digits_sent(product)
    wrong = f"{(int(digits) + 1) % 10**8:08}"

    assert [enter_digits(client, wrong).status_code for _ in range(5)] == [422] * 5
    assert enter_digits(client, digits).status_code == 422
    assert not is_in(client)


def test_a_wrong_try_counts_although_it_is_refused(client, house, product):
    house.submits()
    ask(client)

    enter_digits(client, "00000000")

    with product.db.read() as session:
        assert session.scalars(select(SignInCode.tries)).one() == 1


@pytest.mark.usefixtures("one_window")
def test_digits_cannot_be_asked_for_without_end(client, house, product):
    house.submits()
    known = [ask(client).status_code for _ in range(6)]
    unknown = [ask(client, email="nobody@example.org").status_code for _ in range(6)]

    assert known == unknown == [303] * 5 + [429]
    with product.db.read() as session:
        sent = select(func.count()).where(OutgoingMail.template == "portal_access/sign_in_code")
        assert session.scalar(sent) == 5


def test_twenty_uses_of_one_code_at_once_open_one_session(web, client, house, product):
    house.submits()
    ask(client)
    client.get("/portal/sign-in")
    raw, digits = client.get_cookie(COOKIE).value, digits_sent(product)

    def once(_):
        browser = web.test_client()
        browser.set_cookie(COOKIE, raw)
        return enter_digits(browser, digits).status_code

    with ThreadPoolExecutor(20) as pool:
        answers = Counter(pool.map(once, range(20)))

    assert answers == {303: 1, 422: 19}
    with product.db.read() as session:
        opened = select(func.count()).where(WebSession.contact_id.is_not(None))
        assert session.scalar(opened) == 1


@pytest.mark.usefixtures("one_window")
def test_twenty_uses_of_a_mailed_code_at_once_break_nothing(web, house, case, product):
    code = house.code(case)

    with ThreadPoolExecutor(20) as pool:
        answers = Counter(
            pool.map(lambda _: enter(web.test_client(), code=code).status_code, range(20))
        )

    assert set(answers) <= {303, 429}
    assert answers[303] == 10
    with product.db.read() as session:
        assert session.scalars(select(AccessCode)).one().first_used_at is not None
