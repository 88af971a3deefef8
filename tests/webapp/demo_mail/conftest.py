"""A served demo with a mail world of its own, and a house that wrote to a customer."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from engine.clock import utc_now
from processes.bootstrap import App
from processes.people.models import Contact
from tests.servers.post import World
from tests.webapp.browsing import Window, serving
from webapp.app import create_app
from webapp.config import WebSettings

SUPPORT = "support@casewright.example"
SANNE = "sanne@example.org"


@pytest.fixture(scope="session")
def running(tmp_path_factory, database_url) -> Iterator[World]:
    pytest.importorskip("pymap")
    world = World(tmp_path_factory.mktemp("world"), database_url)
    world.start()
    yield world
    world.kill()


@pytest.fixture
def world(running: World) -> World:
    """The mail world, all mailboxes empty."""
    for box in (running.place.folder / "boxes").iterdir():
        box.rename(running.folder / f"{utc_now().timestamp()}-{box.name}")
    return running


@pytest.fixture
def house(product: App, world: World) -> App:
    """A demo in which Sanne is known."""
    settings = product.settings.model_copy(update={"demo": True, "data_dir": world.folder})
    with product.db.write() as session:
        session.add(Contact(name="Sanne de Vries", email=SANNE, created_at=utc_now()))
    return replace(product, settings=settings)


@pytest.fixture
def demo(house: App) -> FlaskClient:
    """A browser of the demo; forms need no token."""
    made: Flask = create_app(house, WebSettings())
    made.config.update(WTF_CSRF_ENABLED=False)
    return made.test_client()


@pytest.fixture
def open_demo(browser: Browser, house: App):
    """Open windows of a real browser on the demo."""
    opened: list[Window] = []
    with serving(create_app(house, WebSettings())) as address:

        def open_window(*, width: int = 1440, **options) -> Window:
            size = {"width": width, "height": 900}
            opened.append(Window(browser, address, viewport=size, **options))
            return opened[-1]

        yield open_window
        for window in opened:
            window.close()
