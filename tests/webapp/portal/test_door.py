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
from processes.cases.timeline import Author
from processes.mail.models import OutgoingMail
from processes.people import sessions as stored
from processes.people.models import AccessCode, SessionKind, SignInCode, WebSession
from processes.portal_access import services as portal
from tests.webapp.conftest import page
from tests.webapp.portal.conftest import COOKIE, digits_sent, problem_at, tree, words

EMAIL = "sanne@example.org"
MISMATCH = "Address and code do not fit together"
NOT_RIGHT = "These digits are not right"


def enter(browser, email=EMAIL, code="", **more):
    return browser.post("/portal/sign-in", data={"email": email, "code": code, **more})


def ask(browser, email=EMAIL, **more):
    return browser.post("/portal/sign-in/ask", data={"ask_email": email, **more})


def enter_digits(browser, digits, **more):
    return browser.post("/portal/sign-in/digits", data={"digits": digits, **more})


def is_in(browser):
    return browser.get("/portal/").status_code == 200


def without_tokens(text):
    return re.sub(r'(name="csrf_token" +value|datetime|value)="[^"]*"', "", text)


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
    new = house.code(case)

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


def test_guessing_a_mailed_code_is_stopped_even_for_the_right_one(client, house, case):
    answers = [enter(client, code=f"0000-0000-00{n:02}").status_code for n in range(12)]

    assert answers == [422] * 10 + [429] * 2
    assert enter(client, code=house.code(case)).status_code == 429
    assert not is_in(client)


def test_guessing_for_many_addresses_from_one_place_is_stopped(client, product):
    answers = Counter(
        enter(client, email=f"a{n}@example.org", code="1").status_code for n in range(62)
    )

    assert answers == {422: 60, 429: 2}


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


def test_the_digits_are_eight_and_leave_the_stored_mail_when_it_is_sent(
    client, house, product, mail_server
):
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


def test_signing_in_gives_a_new_session_id(client, house, product):
    house.submits()
    ask(client)
    before = client.get_cookie(COOKIE).value

    enter_digits(client, digits_sent(product))

    assert client.get_cookie(COOKIE).value != before
    with product.db.read() as session:
        assert stored.load(session, SessionKind.PORTAL, before) is None


def test_a_session_somebody_else_chose_is_not_taken_over(client, other, house, case):
    client.set_cookie(COOKIE, "chosen-by-somebody-else")
    other.set_cookie(COOKIE, "chosen-by-somebody-else")

    enter(client, code=house.code(case))

    assert is_in(client)
    assert not is_in(other)


def test_signing_out_ends_the_session_on_the_server(client, other, house, case):
    enter(client, code=house.code(case))
    raw = client.get_cookie(COOKIE).value

    answer = client.post("/portal/sign-out")

    assert answer.status_code == 303
    assert "You are signed out." in page(client.get(answer.headers["Location"]))
    other.set_cookie(COOKIE, raw)
    assert not is_in(other)


def test_a_desk_session_opens_nothing_in_the_portal_and_the_other_way_round(
    client, other, house, case, signed_in
):
    signed_in(client, "serviceUser")
    desk = client.get_cookie("casewright-desk").value
    enter(other, code=house.code(case))
    portal_id = other.get_cookie(COOKIE).value

    assert not is_in(client)
    client.set_cookie(COOKIE, desk)
    assert not is_in(client)
    other.set_cookie("casewright-desk", portal_id)
    assert other.get("/preferences").status_code == 303


@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        ("/portal/request", "/portal/request"),
        ("/portal/cases/AAAA-AAAA-A?x=1", "/portal/cases/AAAA-AAAA-A?x=1"),
        ("https://evil.example/", "/portal/"),
        ("//evil.example/", "/portal/"),
        ("/\\evil.example", "/portal/"),
        ("\\\\evil.example", "/portal/"),
        ("/\tevil", "/portal/"),
        ("javascript:alert(1)", "/portal/"),
        ("/ok\r\nSet-Cookie: a=b", "/portal/"),
        ("portal/", "/portal/"),
        ("", "/portal/"),
    ],
)
def test_afterwards_only_pages_of_ours_are_opened(client, house, product, asked, reached):
    house.submits()
    ask(client)

    answer = enter_digits(client, digits_sent(product), next=asked)

    assert (answer.status_code, answer.headers["Location"]) == (303, reached)


def test_a_page_that_needs_signing_in_comes_back_afterwards(client, house, case, product):
    wanted = f"/portal/cases/{case.number}"
    first = client.get(wanted)
    door = page(client.get(first.headers["Location"]))

    assert first.status_code == 303
    assert set(tree(door).xpath("//input[@name='next']/@value")) == {wanted}
    asked = ask(client, next=wanted)
    again = page(client.get(asked.headers["Location"]))
    assert set(tree(again).xpath("//input[@name='next']/@value")) == {wanted}
    assert enter_digits(client, digits_sent(product), next=wanted).headers["Location"] == wanted


def test_a_link_may_bring_the_address_but_never_a_code(client):
    text = page(client.get(f"/portal/sign-in?email={EMAIL}&code=4F7K-29QX-T3MB&digits=12345678"))

    assert tree(text).get_element_by_id("email").get("value") == EMAIL
    assert tree(text).get_element_by_id("ask_email").get("value") == EMAIL
    assert tree(text).get_element_by_id("code").get("value") == ""
    assert "12345678" not in "".join(tree(text).xpath("//input/@value"))


@pytest.mark.parametrize(
    "email", ['"><script>alert(1)</script>', "x" * 9000, "\0", "a@b", "%F0%28"]
)
def test_what_is_no_address_is_not_filled_in(client, email):
    text = page(client.get("/portal/sign-in", query_string={"email": email}))

    assert tree(text).get_element_by_id("email").get("value") == ""
    assert "<script>alert" not in text


def test_somebody_signed_in_goes_on_unless_they_want_another_way_in(client, house, case):
    enter(client, code=house.code(case))

    assert client.get("/portal/sign-in").headers["Location"] == "/portal/"
    assert "Send me a code" in words(page(client.get("/portal/sign-in?switch=1")))


def test_another_code_takes_the_place_of_the_first(client, house, case):
    second = house.classified(portal=True)
    enter(client, code=house.code(case))

    assert enter(client, code=house.code(second)).status_code == 303

    assert client.get(f"/portal/cases/{second.number}").status_code == 200
    assert client.get(f"/portal/cases/{case.number}").status_code == 404
