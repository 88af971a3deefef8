import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from engine import clock
from processes.bootstrap import App
from processes.people import sessions, staff
from processes.people.models import RateBucket, Staff, WebSession
from tests.webapp.conftest import PASSWORD, SignIn, page
from webapp.app import create_app
from webapp.config import WebSettings

DESK = "casewright-desk"


def attempt(client: FlaskClient, username: str, password: str, **more: str):
    return client.post("/sign-in", data={"username": username, "password": password, **more})


def alert_of(text: str) -> str:
    found = re.search(r'role="alert".*?<div>(.*?)</div>', text, re.DOTALL)
    return found.group(1).strip() if found else ""


def test_the_right_password_opens_the_desk_under_a_new_session_id(client, product):
    client.set_cookie(DESK, "an-id-somebody-else-chose")

    answer = attempt(client, "serviceUser", PASSWORD)

    assert answer.status_code == 303
    assert client.get_cookie(DESK).value != "an-id-somebody-else-chose"
    assert "Mila Jansen" in page(client.get("/preferences"))


def test_a_session_from_before_signing_in_ends_with_it(strict_client, product):
    text = page(strict_client.get("/sign-in"))
    token = re.search(r'name="csrf_token" value="([^"]+)"', text).group(1)
    before = strict_client.get_cookie(DESK).value

    attempt(strict_client, "serviceUser", PASSWORD, csrf_token=token)

    with product.db.read() as session:
        assert sessions.load(session, "desk", before) is None
    assert strict_client.get_cookie(DESK).value != before


@pytest.mark.parametrize(
    ("username", "password"),
    [("serviceUser", "wrong-password"), ("nobody-here", PASSWORD), ("serviceUser' --", PASSWORD)],
)
def test_a_wrong_name_and_a_wrong_password_read_the_same(client, username, password):
    answer = attempt(client, username, password)

    assert answer.status_code == 422
    assert alert_of(answer.text) == "User name and password do not fit together."


def test_somebody_who_left_reads_the_same_too(client, product):
    with product.db.write() as session:
        session.scalars(select(Staff).where(Staff.username == "agentUser")).one().active = False

    answer = attempt(client, "agentUser", PASSWORD)

    assert (answer.status_code, alert_of(answer.text)) == (
        422,
        "User name and password do not fit together.",
    )


@pytest.mark.usefixtures("one_window")
def test_after_five_failures_even_the_right_password_waits(client, product):
    for _ in range(5):
        attempt(client, "serviceUser", "wrong-password")

    assert attempt(client, "serviceUser", PASSWORD).status_code == 429
    assert attempt(client, "superuser", PASSWORD).status_code == 303


@pytest.mark.requirement("CON-07")
@pytest.mark.usefixtures("one_window")
def test_user_name_and_password_let_in_and_wrong_ones_read_alike_and_have_to_wait(client):
    told = {
        alert_of(attempt(client, username, "wrong-password").text)
        for username in ("serviceUser", "nobody-here")
    }
    assert told == {"User name and password do not fit together."}
    assert attempt(client, "serviceUser", PASSWORD).status_code == 303
    client.post("/sign-out")
    for _ in range(5):
        attempt(client, "agentUser", "wrong-password")
    assert attempt(client, "agentUser", PASSWORD).status_code == 429


@pytest.mark.usefixtures("one_window")
def test_signing_in_often_is_no_failure(client, product):
    for _ in range(7):
        assert attempt(client, "serviceUser", PASSWORD).status_code == 303

    with product.db.read() as session:
        assert session.scalar(select(func.sum(RateBucket.hits))) == 0


@pytest.mark.usefixtures("one_window")
def test_twelve_guesses_at_once_share_the_five(web, product):
    def guess(number):
        return attempt(web.test_client(), "serviceUser", f"wrong-password-{number}").status_code

    with ThreadPoolExecutor(12) as pool:
        answers = Counter(pool.map(guess, range(12)))

    assert answers[422] <= 5
    assert answers[429] >= 7


@pytest.mark.parametrize("username", ["\0", "service\0User", "service\x1bUser", "x" * 60, "ﬃ"])
def test_odd_names_are_nobodys_or_read_as_they_look(client, username):
    answer = attempt(client, username, "wrong-password")

    assert answer.status_code == 422


@pytest.mark.usefixtures("one_window")
def test_characters_nobody_sees_buy_no_further_tries(client):
    for number in range(5):
        attempt(client, f"service{chr(number)}User", "wrong-password")

    assert attempt(client, "serviceUser", PASSWORD).status_code == 429


@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        ("/preferences", "/preferences"),
        ("/preferences?a=1", "/preferences?a=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("/\tevil", "/"),
        ("javascript:alert(1)", "/"),
        ("/ok\r\nSet-Cookie: a=b", "/"),
        ("", "/"),
    ],
)
def test_afterwards_only_pages_of_ours_are_opened(client, asked, reached):
    answer = attempt(client, "serviceUser", PASSWORD, next=asked)

    assert answer.status_code == 303
    assert answer.headers["Location"] == reached


def test_a_page_that_needs_signing_in_comes_back_afterwards(client):
    answer = client.get("/preferences?from=mail")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=/preferences?from%3Dmail"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_page_whose_script_asks_stays_and_is_told_where_to_sign_in(client, method):
    ask = getattr(client, method)
    here = {"HX-Request": "true", "HX-Current-URL": "http://localhost/desk/cases/1?view=all"}

    answer = ask("/preferences", headers=here)

    assert answer.status_code == 401
    assert "HX-Redirect" not in answer.headers
    assert answer.headers["HX-Retarget"] == "#toasts"
    assert "You are not signed in any more. What you typed is still here." in answer.text
    assert 'href="/sign-in?next=/desk/cases/1?view%3Dall" target="_blank"' in answer.text


def test_signing_out_ends_the_session_on_the_server(client, product, signed_in: SignIn):
    signed_in(client, "serviceUser")
    raw = client.get_cookie(DESK).value

    client.post("/sign-out")

    with product.db.read() as session:
        assert session.scalars(select(WebSession)).all() == []
    client.set_cookie(DESK, raw)
    assert client.get("/preferences").status_code == 303


def test_a_new_password_ends_every_session(client, product: App, signed_in: SignIn):
    person = signed_in(client, "serviceUser")
    with product.db.write() as session:
        staff.change_password(session, session.get(Staff, person.id), "a-long-new-password")

    assert client.get("/preferences").status_code == 303


def test_demo_users_and_the_demo_clock_stand_in_the_demo_only(client, product):
    settings = product.settings.model_copy(update={"demo": True})
    demo = create_app(replace(product, settings=settings), WebSettings()).test_client()

    assert "serviceUser" in page(demo.get("/sign-in"))
    assert "/demo/clock" in page(demo.get("/sign-in"))
    assert "serviceUser" not in page(client.get("/sign-in"))
    assert "/demo/clock" not in page(client.get("/sign-in"))
    assert client.post("/demo/clock", data={"step": "day"}).status_code == 404


def test_the_demo_clock_moves_time_for_everybody(product):
    settings = product.settings.model_copy(update={"demo": True})
    web = create_app(replace(product, settings=settings), WebSettings())
    web.config.update(WTF_CSRF_ENABLED=False)

    answer = web.test_client().post("/demo/clock", data={"step": "week", "next": "/preferences"})

    assert answer.headers["Location"] == "/preferences"
    with product.db.read() as session:
        assert clock.business_now(session) - clock.utc_now() > timedelta(days=7, hours=23)
    assert web.test_client().post("/demo/clock", data={"step": "year"}).status_code == 422
