"""Files in the hands of agents, customers and strangers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from processes.bootstrap import App
from processes.files import previews, services
from processes.files.models import Attachment
from tests.processes.files import samples
from tests.processes.world import House
from webapp.portal import keys

Attached = Callable[..., Attachment]


@pytest.fixture
def house(product: App) -> House:
    """The product in the hands of its people."""
    made = House.__new__(House)
    made.app, made.db = product, product.db
    made.mila, made.emma = made.staff("serviceUser"), made.staff("agentUser")
    return made


@pytest.fixture(autouse=True)
def patient(monkeypatch) -> None:
    """Nobody waits two seconds before sending a form."""
    monkeypatch.setattr(keys, "FASTEST", timedelta(0))


@pytest.fixture
def desk(client: FlaskClient, signed_in) -> FlaskClient:
    """Mila's browser."""
    signed_in(client, "serviceUser")
    return client


@pytest.fixture
def guest(web, house: House, entered) -> Callable[..., FlaskClient]:
    """Give the browser of the customer of a case."""

    def browser_of(case, **more) -> FlaskClient:
        browser = web.test_client()
        browser.set_cookie("lang", "en")
        entered(browser, contact_id=house.see(case).contact_id, **more)
        return browser

    return browser_of


@pytest.fixture
def attached(house: House) -> Attached:
    """Attach a file to an entry or mail, or to nothing."""

    def attach(content=b"hello", name="a.txt", *, drawn=False, **place) -> Attachment:
        with house.db.write() as session:
            stored = services.keep(session, content)
            attachment = services.attach(session, stored, name, **place)
            if drawn:
                made = previews.make(house.app.settings, stored.sha256)
                previews.note(session, stored.sha256, made=made)
            return attachment

    return attach


@pytest.fixture
def case(house: House):
    """A case whose customer may use the portal."""
    return house.classified(portal=True)


@pytest.fixture
def entry(house: House, case):
    """What the customer wrote last."""
    return house.replies(case)


def upload(browser: FlaskClient, *files: tuple[str, bytes], side="", **more):
    """Send files to the address that keeps them one by one."""
    sent = [(BytesIO(content), name) for name, content in files]
    return browser.post(
        f"{side}/files", data={"files": sent}, content_type="multipart/form-data", **more
    )


def png() -> bytes:
    return samples.picture()


@pytest.fixture
def smaller_files(web, monkeypatch) -> None:
    """Take files of 2,000 bytes at most."""
    product: App = web.extensions["casewright"]
    small = product.settings.model_copy(update={"largest_file_bytes": 2000})
    monkeypatch.setattr("webapp.files.uploads.app", lambda: replace(product, settings=small))
