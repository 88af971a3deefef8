import re
from dataclasses import replace

import pytest
from flask import Blueprint, request
from flask.testing import FlaskClient

from processes.bootstrap import App
from tests.webapp.conftest import PASSWORD, SignIn, page
from webapp.app import create_app
from webapp.config import WebSettings
from webapp.security import draws_diagram, safe_target

drawing = Blueprint("drawing", __name__)


@drawing.get("/drawing")
def show():
    draws_diagram()
    return "a diagram"


@drawing.post("/body")
def body():
    return str(len(request.form.get("text", "")))


@pytest.fixture
def drawing_client(product: App) -> FlaskClient:
    web = create_app(product, WebSettings(max_upload=2_000))
    web.config.update(WTF_CSRF_ENABLED=False)
    web.register_blueprint(drawing)
    return web.test_client()


def policy(response) -> dict[str, str]:
    parts = response.headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


@pytest.mark.parametrize("path", ["/sign-in", "/nothing", "/health", "/"])
def test_every_response_says_what_the_browser_may_do(client, path):
    answer = client.get(path)

    assert policy(answer)["default-src"] == "'none'"
    assert policy(answer)["script-src"] == "'self'"
    assert policy(answer)["style-src"] == "'self'"
    assert policy(answer)["frame-ancestors"] == "'none'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"


def test_only_a_page_that_draws_a_diagram_allows_style_attributes(drawing_client):
    drawn = policy(drawing_client.get("/drawing"))

    assert drawn["style-src-attr"] == "'unsafe-inline'"
    assert drawn["style-src"] == "'self'"
    assert drawn["script-src"] == "'self'"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:80", ""])
def test_another_host_name_is_not_answered(client, host):
    answer = client.get("/sign-in", headers={"Host": host})

    assert answer.status_code == 400
    assert "evil" not in answer.text


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "Forwarded"])
def test_forwarded_names_are_not_believed_without_a_proxy(client, header):
    answer = client.get("/preferences", headers={header: "evil.example"})

    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "https://localhost"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_form_on_another_site_changes_nothing(client, signed_in: SignIn, headers):
    signed_in(client, "serviceUser")

    assert client.post("/sign-out", headers=headers).status_code == 403
    assert client.get("/preferences").status_code == 200


@pytest.mark.parametrize("origin", ["http://localhost", None])
def test_our_own_pages_may_send_forms(client, signed_in: SignIn, origin):
    signed_in(client, "serviceUser")

    answer = client.post("/sign-out", headers={"Origin": origin} if origin else {})

    assert answer.status_code == 303


@pytest.mark.parametrize("token", ["", "made-up", "a.b.c"])
def test_a_form_without_its_token_is_refused(strict_client, token):
    data = {"username": "serviceUser", "password": PASSWORD, "csrf_token": token}

    answer = strict_client.post("/sign-in", data=data)

    assert answer.status_code == 400
    assert "This form has expired" in answer.text


@pytest.mark.parametrize(
    ("site", "more", "shown"),
    [
        ("same-origin", {}, True),
        ("none", {}, False),
        ("same-origin", {"imap_password": "x"}, False),
    ],
)
def test_what_was_typed_into_a_form_that_has_expired_is_shown(strict_client, site, more, shown):
    sent = {"text": "My long message", "html": "<p>a b</p>", "_key": "a b", **more}
    headers = {"Sec-Fetch-Site": site}

    answer = strict_client.post("/portal/cases/x/messages", data=sent, headers=headers)

    assert answer.status_code == 400
    assert ("My long message" in answer.text) == shown
    assert ("What you had typed" in answer.text) == shown
    assert "a b" not in answer.text


def test_a_script_with_an_old_token_is_told_a_fresh_one(strict_client, signed_in: SignIn):
    signed_in(strict_client, "serviceUser")
    old = {"X-CSRFToken": "made-up"}

    for headers in (old, old | {"HX-Request": "true"}):
        answer = strict_client.post("/preferences", headers=headers)
        fresh = {"X-CSRFToken": answer.headers["X-CSRFToken"]}
        again = strict_client.post("/preferences", headers=headers | fresh)

        assert answer.status_code == 400
        assert again.status_code != 400
    assert "X-CSRFToken" not in strict_client.post("/preferences").headers


def test_the_token_of_one_browser_is_nothing_in_another(strict_client, product):
    text = page(strict_client.get("/sign-in"))
    token = re.search(r'name="csrf_token"\s+value="([^"]+)"', text).group(1)
    other = strict_client.application.test_client()
    other.get("/sign-in")

    answer = other.post(
        "/sign-in",
        data={"username": "serviceUser", "password": PASSWORD, "csrf_token": token},
    )

    assert answer.status_code == 400


def test_a_body_that_is_too_large_is_refused(drawing_client):
    answer = drawing_client.post("/body", data={"text": "x" * 5_000})

    assert answer.status_code == 413
    assert "too large" in answer.text


def test_more_parts_than_any_form_has_are_refused(client):
    data = {f"field{number}": "x" for number in range(1_500)}

    answer = client.post("/sign-in", data=data, content_type="multipart/form-data")

    assert answer.status_code == 413


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "/\nSet-Cookie: a=b",
        "/\x00",
        "relative/path",
        "http:/evil.example",
        "http://[::1",
        "//[evil",
        "[",
        "",
        None,
    ],
)
def test_addresses_that_lead_elsewhere_are_not_followed(asked):
    assert safe_target(asked, "/start") == "/start"


@pytest.mark.parametrize("asked", ["/", "/desk/cases/7K3M-9QXT-4", "/desk/?view=all&q=a%20b"])
def test_addresses_of_ours_are_followed(asked):
    assert safe_target(asked, "/start") == asked


def test_with_tls_cookies_and_headers_insist_on_it(product: App):
    settings = product.settings.model_copy(update={"public_url": "https://desk.example"})
    secure = replace(product, settings=settings)
    client = create_app(secure, WebSettings()).test_client()

    answer = client.get("/sign-in", base_url="https://desk.example")

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-desk=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert client.get("/sign-in", base_url="http://localhost").status_code == 400


def test_without_tls_cookies_still_stay_away_from_scripts(strict_client):
    cookie = strict_client.get("/sign-in").headers["Set-Cookie"]

    assert cookie.startswith("casewright-desk=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_a_form_without_files_may_be_a_megabyte_and_no_more(client):
    body = b"username=" + b"a" * 1_000_100
    kind = "application/x-www-form-urlencoded"
    assert client.post("/sign-in", data=body, content_type=kind).status_code == 413
