"""The web face on the wired product, on both databases, with staff who can be signed in."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, ViewportSize
from werkzeug.test import TestResponse

from engine.clock import utc_now
from engine.db import Database
from processes.bootstrap import App, build
from processes.config import Settings
from processes.demo import users
from processes.people.models import Contact, Staff
from tests.databases import Snapshot
from tests.webapp import clients
from tests.webapp.browsing import Window, Windows, serving
from webapp import logs
from webapp.app import create_app
from webapp.config import WebSettings

PASSWORD = users.PASSWORD

SignIn = Callable[[FlaskClient, str], Staff]
Enter = Callable[..., Contact]


@pytest.fixture(scope="session")
def settings(database_url: str, run_folder: Path) -> Settings:
    return Settings(
        secret_key="k" * 40,
        database_url=database_url,
        data_dir=run_folder,
        public_url="http://localhost",
    )


@pytest.fixture(scope="session")
def prepared(
    settings: Settings, session_database: tuple[Database, Snapshot]
) -> Iterator[tuple[App, Snapshot]]:
    """The product with its processes, categories and the staff of the demo, all English."""
    session_database[1].restore()
    product = build(settings)
    with product.db.write() as session:
        product.prepare(session)
        for person in users.hire(session).values():
            person.locale = "en"
    yield product, Snapshot(product.db.engine)
    product.db.engine.dispose()


@pytest.fixture(scope="session")
def web(prepared: tuple[App, Snapshot]) -> Flask:
    """The application as it is served, but that forms need no token; see `strict_client`."""
    logs.configure()
    made = create_app(prepared[0], WebSettings())
    made.config.update(TESTING=False, WTF_CSRF_ENABLED=False)
    return made


@pytest.fixture(scope="session")
def served_web(prepared: tuple[App, Snapshot]) -> Flask:
    """The application exactly as it is served; made once, so its templates are compiled once."""
    return create_app(prepared[0], WebSettings())


@pytest.fixture
def product(prepared: tuple[App, Snapshot]) -> App:
    """The wired product on a database as `prepared` left it."""
    prepared[1].restore()
    return prepared[0]


@pytest.fixture
def client(web: Flask, product: App) -> FlaskClient:
    """A browser nobody is signed in to."""
    return web.test_client()


@pytest.fixture
def served(served_web: Flask, product: App) -> Iterator[str]:
    """The address of the application, served exactly as it is."""
    logs.configure()
    with serving(served_web) as address:
        yield address


@pytest.fixture
def windows(browser: Browser, served: str) -> Iterator[Windows]:
    """Open windows of a real browser: `windows(width=390, color_scheme="dark")`."""
    opened: list[Window] = []

    def open_window(*, width: int = 1440, height: int = 900, **options: Any) -> Window:
        size: ViewportSize = {"width": width, "height": height}
        opened.append(Window(browser, served, viewport=size, **options))
        return opened[-1]

    yield open_window
    for window in opened:
        window.close()


@pytest.fixture
def strict_client(served_web: Flask, product: App) -> FlaskClient:
    """A browser of the application exactly as it is served."""
    return served_web.test_client()


@pytest.fixture
def signed_in(product: App) -> SignIn:
    """Sign a member of staff in to a client: `signed_in(client, "serviceUser")`."""

    def sign_in(browser: FlaskClient, username: str) -> Staff:
        with product.db.write() as session:
            person = session.query(Staff).filter_by(username=username).one()
            clients.sign_in(session, browser, person.id)
        return person

    return sign_in


@pytest.fixture
def entered(product: App) -> Enter:
    """Sign a new customer in to the portal: `entered(client, email="a@b.example")`."""

    def enter(
        browser: FlaskClient,
        *,
        email: str = "sanne@example.com",
        contact_id: int | None = None,
        case_id: int | None = None,
    ) -> Contact:
        with product.db.write() as session:
            contact = session.get(Contact, contact_id) if contact_id else None
            if contact is None:
                contact = Contact(name="Sanne de Vries", email=email, created_at=utc_now())
                session.add(contact)
                session.flush()
            clients.enter(session, browser, contact.id, case_id)
        return contact

    return enter


def page(response: TestResponse) -> str:
    """Return the text of a page that was found."""
    assert response.status_code == 200, response.status
    return response.text
