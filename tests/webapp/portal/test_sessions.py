import pytest

from processes.people import sessions as stored
from processes.people.models import SessionKind
from tests.webapp.conftest import page
from tests.webapp.portal.conftest import (
    COOKIE,
    EMAIL,
    ON_ONE,
    ask,
    digits_sent,
    enter,
    enter_digits,
    is_in,
    tree,
    words,
)


@pytest.fixture
def case(house):
    return house.classified(portal=True)


@pytest.fixture
def other(web):
    return web.test_client()


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


@ON_ONE
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


@ON_ONE
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
