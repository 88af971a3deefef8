from datetime import timedelta

import pytest
from flask import Blueprint, session
from sqlalchemy import func, select, update

from engine.clock import utc_now
from processes.bootstrap import App
from processes.people.models import WebSession
from tests.webapp.conftest import Enter, SignIn
from webapp.app import create_app
from webapp.auth import requires_visitor
from webapp.config import WebSettings
from webapp.context import app

DESK, PORTAL = "casewright-desk", "casewright-portal"

inner = Blueprint("inner", __name__)


@inner.get("/portal/inner")
@requires_visitor
def room():
    return "inside"


@inner.get("/portal/sign-in", endpoint="door")
def door():
    return "door"


@inner.get("/note")
def note():
    session["seen"] = "yes"
    return "noted"


@inner.get("/slow-revoke")
def slow_revoke():
    """Somebody else ends this session while the request still works with it."""
    with app().db.write() as other:
        for row in other.scalars(select(WebSession)):
            other.delete(row)
    session["seen"] = "yes"
    return "late"


@pytest.fixture
def client(product: App):
    web = create_app(product, WebSettings())
    web.config.update(WTF_CSRF_ENABLED=False)
    if "portal.sign_in" not in web.view_functions:
        web.add_url_rule("/portal/sign-in", "portal.sign_in", lambda: "door")
    web.register_blueprint(inner)
    return web.test_client()


def rows(product: App) -> int:
    with product.db.read() as reading:
        return reading.scalar(select(func.count(WebSession.id))) or 0


def age(product: App, **values) -> None:
    with product.db.write() as writing:
        writing.execute(update(WebSession).values(**values))


@pytest.mark.parametrize("path", ["/", "/health", "/nothing"])
def test_somebody_who_only_reads_leaves_no_row(client, product, path):
    client.get(path)

    if path != "/nothing":  # the demo's bar on that page holds a form, and forms need a token
        assert rows(product) == 0
        assert client.get_cookie(DESK) is None


def test_a_page_may_remember_something_while_it_reads(client, product):
    client.get("/note")

    assert rows(product) == 1
    assert len(client.get_cookie(DESK).value) >= 43  # 256 random bits


def test_the_id_is_not_stored_as_it_is(client, product):
    client.get("/note")

    with product.db.read() as reading:
        stored = reading.scalars(select(WebSession)).one()
    assert client.get_cookie(DESK).value not in (stored.id_hash, str(stored.data))


@pytest.mark.parametrize(
    "old",
    [
        {"seen_at": utc_now() - timedelta(minutes=31)},
        {"expires_at": utc_now() - timedelta(seconds=1)},
    ],
    ids=["idle", "absolute"],
)
def test_a_desk_session_ends(client, product, signed_in: SignIn, old):
    signed_in(client, "serviceUser")
    age(product, **old)

    assert client.get("/preferences").status_code == 303


def test_a_person_who_works_stays_signed_in(client, product, signed_in: SignIn):
    signed_in(client, "serviceUser")
    age(product, seen_at=utc_now() - timedelta(minutes=20))

    client.get("/preferences")

    with product.db.read() as reading:
        seen = reading.scalars(select(WebSession.seen_at)).one()
    assert utc_now() - seen < timedelta(minutes=1)


def test_a_page_that_asks_on_its_own_keeps_nobody_signed_in(client, product, signed_in: SignIn):
    signed_in(client, "serviceUser")
    before = utc_now() - timedelta(minutes=20)
    age(product, seen_at=before)

    client.get("/live/since/0")

    with product.db.read() as reading:
        assert reading.scalars(select(WebSession.seen_at)).one() == before


def test_the_desk_cookie_opens_nothing_in_the_portal(client, signed_in: SignIn):
    signed_in(client, "serviceUser")
    client.set_cookie(PORTAL, client.get_cookie(DESK).value)

    assert client.get("/portal/inner").status_code == 303


def test_the_portal_cookie_opens_nothing_on_the_desk(client, entered: Enter):
    entered(client)
    client.set_cookie(DESK, client.get_cookie(PORTAL).value)

    assert client.get("/portal/inner").text == "inside"
    assert client.get("/preferences").status_code == 303


@pytest.mark.parametrize("value", ["", "x", "x" * 5_000, "../../etc/passwd", "%00", "ключ"])
def test_a_made_up_cookie_is_nobody(client, product, value):
    answer = client.get(
        "/preferences", headers={"Cookie": f"{DESK}={value}".encode().decode("latin-1")}
    )

    assert answer.status_code == 303
    assert rows(product) == 0


def test_a_session_that_was_ended_does_not_come_back(client, product, signed_in: SignIn):
    signed_in(client, "serviceUser")

    client.get("/slow-revoke")

    assert rows(product) == 0
    assert client.get("/preferences").status_code == 303
