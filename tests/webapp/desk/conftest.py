"""Agents at their desk, with customers who ask."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from engine import queries
from processes.bootstrap import App
from processes.cases.models import Case
from tests.processes.world import House
from tests.webapp.browsing import Window, Windows
from tests.webapp.conftest import SignIn
from tests.webapp.desk.post import Post

COOKIE = "casewright-desk"
SCRIPT = {"HX-Request": "true"}
"""Headers of a request by script."""


@pytest.fixture
def house(product: App) -> House:
    """The product in the hands of its people."""
    made = House.__new__(House)
    made.app, made.db = product, product.db
    made.mila, made.emma = made.staff("serviceUser"), made.staff("agentUser")
    return made


@pytest.fixture
def post(house: House) -> Post:
    """The post: mails come in as the test says."""
    return Post(house)


@pytest.fixture
def noor(house: House):
    """A colleague."""
    return house.staff("superuser")


@pytest.fixture
def desk(client: FlaskClient, signed_in: SignIn) -> FlaskClient:
    """Mila's browser."""
    signed_in(client, "serviceUser")
    return client


@pytest.fixture
def colleague(web, product: App, signed_in: SignIn) -> FlaskClient:
    """Emma's browser."""
    browser = web.test_client()
    signed_in(browser, "agentUser")
    return browser


@pytest.fixture
def send(desk: FlaskClient, house: House) -> Callable[..., TestResponse]:
    """Send the form of a step as the page shows it, but for what is said."""

    def complete(case: Case, element: str, browser=desk, headers=None, **entered) -> TestResponse:
        task = open_task(house, case, element)
        sent = shown_form(browser, case, task) | entered
        given = {name: value for name, value in sent.items() if value is not None}
        return browser.post(address(case, f"steps/{task.id}"), data=given, headers=headers)

    return complete


@pytest.fixture
def window(windows: Windows, client, signed_in: SignIn) -> Callable[..., Window]:
    """Open a window of a real browser in which Mila is signed in."""

    def open_window(username: str = "serviceUser", **options: Any) -> Window:
        signed_in(client, username)
        opened = windows(**options)
        opened.sign_in({COOKIE: client.get_cookie(COOKIE).value})
        return opened

    return open_window


def address(case: Case, rest: str = "") -> str:
    return f"/desk/cases/{case.number}" + (f"/{rest}" if rest else "")


def open_task(house: House, case: Case, element: str):
    with house.db.read() as session:
        return house.task(session, case, element)


def tasks(house: House, case: Case):
    with house.db.read() as session:
        return queries.open_tasks(session, str(case.id))


def shown_form(browser: FlaskClient, case: Case, task) -> dict[str, Any]:
    """Return what a browser would send for the form of a step."""
    page = tree(browser.get(address(case)).text)
    form = page.get_element_by_id(f"step-{task.id.hex[:8]}-form")
    return dict(form.fields) | {"_seen": page.xpath("//form//input[@name='_seen']/@value")}


def tree(text: str) -> html.HtmlElement:
    return html.fromstring(text)


def words(text: str, path: str = "//main") -> str:
    """Return the visible words of a part of a page."""
    return " ".join(" ".join(found.text_content().split()) for found in tree(text).xpath(path))


def part(text: str, element_id: str) -> str:
    """Return the words of the element with this id."""
    return words(text, f"//*[@id='{element_id}']")


def rows(text: str) -> list[str]:
    """Return the cases of the list, as one reads them."""
    return [
        " ".join(" ".join(row.itertext()).split())
        for row in tree(text).xpath("//ul[contains(@class, 'cases')]//a")
    ]
