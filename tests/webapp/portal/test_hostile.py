"""What the portal's doors must withstand whoever knocks: forgery, hosts, methods, odd bodies."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from processes.cases.models import Activity
from processes.people.models import SignInCode
from tests.webapp.conftest import page
from tests.webapp.portal.conftest import ON_ONE, REQUEST, cases
from webapp.portal import keys

POSTS = (
    "/portal/sign-in",
    "/portal/sign-in/ask",
    "/portal/sign-in/digits",
    "/portal/sign-out",
    "/portal/cases/{number}/messages",
    "/portal/cases/{number}/agreement",
)
OPEN = ("/portal/", "/portal/request", "/portal/sign-in")
FIELDS = {
    "email": "sanne@example.org",
    "ask_email": "sanne@example.org",
    "code": "0000-0000-0000",
    "digits": "12345678",
    "text": "Hello",
}


@pytest.fixture
def case(house):
    return house.answered(portal=True)


@pytest.fixture
def strict(strict_client, house, case, entered) -> FlaskClient:
    """The customer's browser on the application exactly as it is served."""
    entered(strict_client, contact_id=house.see(case).contact_id)
    return strict_client


@pytest.fixture
def unchanged(house, case):
    """Fails when the test changed the case, its timeline or asked for a code."""

    def state():
        with house.db.read() as session:
            entries = session.scalar(select(func.count(Activity.id)))
            codes = session.scalar(select(func.count(SignInCode.id)))
        return house.see(case).status, entries, codes, cases(house.app)

    before = state()
    yield
    assert state() == before


def token_of(browser, path):
    return re.search(r'name="csrf_token" value="([^"]+)"', page(browser.get(path))).group(1)


@ON_ONE
@pytest.mark.parametrize("token", [None, "", "forged", "x" * 5000, "IjEi.abc.def", "\0"])
def test_a_form_without_its_token_changes_nothing(strict, case, unchanged, token):
    data = FIELDS | ({} if token is None else {"csrf_token": token})

    answers = {path: strict.post(path.format(number=case.number), data=data) for path in POSTS}

    assert {path: a.status_code for path, a in answers.items()} == dict.fromkeys(POSTS, 400)


def test_the_token_of_another_browser_changes_nothing(strict, case, unchanged, entered):
    stranger = strict.application.test_client()
    entered(stranger, email="else@example.org")
    data = FIELDS | {"csrf_token": token_of(stranger, "/portal/sign-in?switch=1")}

    answers = {path: strict.post(path.format(number=case.number), data=data) for path in POSTS}

    assert {path: a.status_code for path, a in answers.items()} == dict.fromkeys(POSTS, 400)


@ON_ONE
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:8080"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
def test_a_form_on_another_site_changes_nothing(strict, case, unchanged, headers, key):
    data = REQUEST | FIELDS | {keys.FIELD: key}
    data["csrf_token"] = token_of(strict, "/portal/sign-in?switch=1")
    paths = (*POSTS, "/portal/request")

    answers = {
        path: strict.post(path.format(number=case.number), data=data, headers=headers)
        for path in paths
    }

    assert {path: a.status_code for path, a in answers.items()} == dict.fromkeys(paths, 403)


@ON_ONE
@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "", "a" * 3000]
)
def test_another_host_is_not_served(client, host):
    for path in OPEN:
        answer = client.get(path, headers={"Host": host})

        assert answer.status_code == 400
        assert "evil" not in answer.text


def test_forwarded_headers_of_strangers_change_no_address(client):
    answer = client.get(
        "/portal/", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    )

    assert "evil" not in answer.headers["Location"]


@ON_ONE
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_refused(strict, case, unchanged, method):
    for path in set(POSTS) - {"/portal/sign-in"}:
        answer = strict.open(path.format(number=case.number), method=method)

        assert answer.status_code in {400, 403, 405}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"text": "Hello", "email": "sanne@example.org"}'),
        ("application/json", b"[" * 10_000),
        ("text/plain", b"text=Hello"),
        ("application/xml", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data"),
        ("application/x-www-form-urlencoded", b"text=%ff%fe&email=%00&=&&&%"),
        ("application/x-www-form-urlencoded; charset=utf-7", b"text=+ADw-script+AD4-"),
        ("application/x-www-form-urlencoded", b"f=1&" * 100_000),
        ("nonsense", b"\x00\xff"),
    ],
    ids=range(10),
)
def test_another_kind_of_body_changes_nothing(strict, case, unchanged, kind, body):
    for path in (*POSTS, "/portal/request"):
        answer = strict.post(path.format(number=case.number), data=body, content_type=kind)

        assert answer.status_code in {400, 413, 415, 422}, path


@ON_ONE
@pytest.mark.parametrize(
    "body", [b"description=" + b"x" * 600_000, b"a=1&" * 1_000_000, b"&" * 2_000_000]
)
def test_a_body_that_is_too_large_is_refused(client, unchanged, body):
    kind = "application/x-www-form-urlencoded"

    assert client.post("/portal/request", data=body, content_type=kind).status_code == 413


@pytest.mark.parametrize(
    "cookie", ["", "x", "\x00", "é", "a" * 8000, "' OR 1=1 --", "../../etc/passwd", "%00"]
)
def test_a_tampered_cookie_is_nobody(client, case, cookie):
    answer = client.get(
        f"/portal/cases/{case.number}", headers={"Cookie": f"casewright-portal={cookie}"}
    )

    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/portal/sign-in")


@ON_ONE
@pytest.mark.parametrize("lang", ["xx", "", "%00", "a" * 3000, "en<script>", "de-DE", "../nl"])
def test_an_unknown_language_is_no_failure(client, lang):
    answer = client.get("/portal/request", query_string={"lang": lang})

    assert "<script>alert" not in page(answer)
    assert "lang=" not in answer.headers.get("Set-Cookie", "")


@ON_ONE
def test_no_page_may_be_framed(client):
    for path in OPEN:
        answer = client.get(path)

        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_personal_pages_are_not_kept(client, case, house, entered):
    entered(client, contact_id=house.see(case).contact_id)

    for path in ("/portal/", f"/portal/cases/{case.number}"):
        assert client.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("number", ["AAAA-AAAA-A", "%00", "x" * 2000])
def test_the_live_channel_of_a_foreign_case_is_not_there(client, entered, house, case, number):
    entered(client, email="else@example.org")

    for asked in (case.number, number):
        assert client.get(f"/portal/live/{asked}").status_code == 404
        assert client.get(f"/portal/live/{asked}/since/0").status_code == 404
