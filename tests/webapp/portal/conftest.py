import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import func, select

from processes.bootstrap import App
from processes.cases.models import Case
from processes.people import sign_in_codes
from processes.people.models import SignInCode, WebSession
from tests.processes.world import House
from webapp.portal import keys

REQUEST = {
    "name": "Sanne de Vries",
    "email": "sanne@example.org",
    "phone": "",
    "category": "user_help",
    "subcategory": "signing_in",
    "subject": "",
    "description": "Since yesterday I cannot sign in any more.",
}
ON_ONE = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
"""For what no database has a say in."""
COOKIE = "casewright-portal"
EMAIL = "sanne@example.org"


@pytest.fixture
def house(product: App) -> House:
    """The product in the hands of its people."""
    made = House.__new__(House)
    made.app, made.db = product, product.db
    made.mila, made.emma = made.staff("serviceUser"), made.staff("agentUser")
    return made


@pytest.fixture
def client(client: FlaskClient) -> FlaskClient:
    """A browser that asks for English, whatever the customer speaks."""
    client.set_cookie("lang", "en")
    return client


@pytest.fixture(autouse=True)
def patient(monkeypatch, request) -> None:
    """Nobody waits two seconds before sending a form, but in the test about that."""
    if "in_a_hurry" not in request.fixturenames:
        monkeypatch.setattr(keys, "FASTEST", timedelta(0))


@pytest.fixture
def in_a_hurry() -> None:
    """Keep the shortest time a form may take."""


@pytest.fixture
def key(web: Flask) -> str:
    """The hidden key of a form that has just been shown."""
    with web.app_context():
        return keys.issue()


@pytest.fixture
def send(client: FlaskClient, web: Flask) -> Callable[..., object]:
    """Send the request form, filled in well but for what is said."""

    def send(browser=client, **changed):
        with web.app_context():
            filled = {keys.FIELD: keys.issue()} | REQUEST | changed
        return browser.post("/portal/request", data=filled)

    return send


@pytest.fixture
def own_page(client: FlaskClient, house: House, entered) -> Callable[[Case], str]:
    """Enter as the customer of a case and return the page of it."""

    def read(case: Case, browser=client) -> str:
        entered(browser, contact_id=house.see(case).contact_id)
        answer = browser.get(f"/portal/cases/{case.number}")
        assert answer.status_code == 200
        return answer.text

    return read


@pytest.fixture
def waiting(house):
    """A case in which the customer has been asked something."""
    case = house.classified(portal=True)
    house.completes(case, "handle", next="reply_and_wait", message="Which telephone do you use?")
    return case


@pytest.fixture
def answered(house):
    return house.answered(portal=True)


@pytest.fixture
def closed(house):
    return house.closed(portal=True)


@pytest.fixture
def own(client, house, entered):
    """The browser of the customer of a case."""

    def browser_of(case):
        entered(client, contact_id=house.see(case).contact_id)
        return client

    return browser_of


def tree(text: str) -> html.HtmlElement:
    return html.fromstring(text)


def words(text: str, path: str = "//main") -> str:
    """Return the visible words of a part of a page."""
    return " ".join(" ".join(found.text_content().split()) for found in tree(text).xpath(path))


def problem_at(text: str, field: str) -> str:
    """Return the sentence a field points to as its problem."""
    page = tree(text)
    ids = " ".join(page.xpath(f"//*[@id='{field}']/@aria-describedby")).split()
    found = (words(text, f"//*[@id='{each}' and contains(@class, 'problem')]") for each in ids)
    return " ".join(filter(None, found))


def cases(product: App) -> int:
    with product.db.read() as session:
        return session.scalar(select(func.count(Case.id)))


def sessions(product: App) -> int:
    with product.db.read() as session:
        return session.scalar(select(func.count(WebSession.id)))


def digits_sent(product: App) -> str:
    """Return the eight digits that were made last."""
    with product.db.read() as session:
        row = session.scalars(select(SignInCode).order_by(SignInCode.id.desc())).first()
        return sign_in_codes.plaintext(session, row)


def number_in(location: str) -> str:
    return re.search(r"number=([0-9A-Z-]+)", location).group(1)


def reply(browser, case, text, **more):
    return browser.post(f"/portal/cases/{case.number}/messages", data={"text": text, **more})


def agree(browser, case):
    return browser.post(f"/portal/cases/{case.number}/agreement")


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
