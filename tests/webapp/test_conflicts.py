"""Two requests in each other's way: the database undoes one, and it is simply done again."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from threading import Barrier, BrokenBarrierError

import pytest
from flask import Blueprint, Flask, current_app, request
from sqlalchemy import func, select, text

from engine.clock import utc_now
from processes.files.models import Attachment
from processes.people.models import Organization, Staff
from webapp.app import create_app
from webapp.auth import requires_staff, staff
from webapp.config import WebSettings
from webapp.context import app, checkpoint, tx
from webapp.files.uploads import take

trial = Blueprint("trial", __name__)


def rename(number):
    row = tx().get_one(Organization, number, with_for_update=True)
    row.name += "!"
    tx().flush()


@trial.post("/trial/rename/<int:first>/<int:second>")
@requires_staff
def rename_both(first, second):
    """Take two rows in the order of the address; the first time both requests hold one."""
    take(request.files.getlist("files"))
    if "kept" in request.form:
        checkpoint()
    rename(first)
    current_app.extensions["meeting"].wait(20 if app().db.dialect == "postgresql" else 0.5)
    rename(second)
    staff().timezone = request.form["typed"]  # the row of the newest transaction, or it is lost
    return "done"


@trial.post("/trial/rests")
def rests():
    """Rest within a transaction for longer than PostgreSQL allows."""
    if app().db.dialect == "postgresql":
        tx().execute(text("SET LOCAL idle_in_transaction_session_timeout = 50"))
        time.sleep(0.3)
    tx().execute(select(Organization.id))
    return "done"


class Meeting:
    """Lets two requests wait for each other once; on SQLite only one can be there at a time."""

    def __init__(self) -> None:
        self._barrier, self._over = Barrier(2), False

    def wait(self, seconds: float) -> None:
        if not self._over:
            with suppress(BrokenBarrierError):
                self._barrier.wait(seconds)
            self._over = True


@pytest.fixture
def numbers(product):
    with product.db.write() as session:
        rows = [Organization(name=name, created_at=utc_now()) for name in ("one", "two")]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


@pytest.fixture
def web(product) -> Flask:
    web = create_app(product, WebSettings())
    web.config.update(WTF_CSRF_ENABLED=False)
    web.extensions["meeting"] = Meeting()
    web.register_blueprint(trial)
    return web


def in_each_others_way(web, signed_in, numbers, file=None, **form):
    """Send both orders at once, each as another person; return the status of each answer."""
    clients = {}
    for username, order in (("serviceUser", numbers), ("adminUser", numbers[::-1])):
        clients[web.test_client()] = (username, order)
    for client, (username, _) in clients.items():
        signed_in(client, username)

    def send(item):
        client, (username, (first, second)) = item
        data = {"typed": username, **form}
        if file is not None:
            data["files"] = (BytesIO(b"brought"), file)
        return client.post(f"/trial/rename/{first}/{second}", data=data).status_code

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(send, clients.items()))


def names(product):
    with product.db.read() as session:
        return list(session.scalars(select(Organization.name).order_by(Organization.id)))


def typed(product):
    query = select(Staff.timezone).where(Staff.username.in_(["serviceUser", "adminUser"]))
    with product.db.read() as session:
        return set(session.scalars(query))


def test_a_request_in_a_deadlock_is_done_again_and_nothing_typed_is_lost(
    web, product, signed_in, numbers
):
    assert in_each_others_way(web, signed_in, numbers) == [200, 200]
    assert names(product) == ["one!!", "two!!"]
    assert typed(product) == {"serviceUser", "adminUser"}


@pytest.mark.parametrize(("file", "kept"), [("a.txt", 2), ("", 0)])
def test_files_that_came_along_are_kept_once_when_a_request_is_done_again(
    web, product, signed_in, numbers, file, kept
):
    assert in_each_others_way(web, signed_in, numbers, file=file) == [200, 200]
    assert names(product) == ["one!!", "two!!"]
    with product.db.read() as session:
        assert session.scalar(select(func.count(Attachment.id))) == kept


def test_a_request_that_has_kept_a_part_is_never_done_twice(web, product, signed_in, numbers):
    answers = in_each_others_way(web, signed_in, numbers, kept="yes")

    undone = answers.count(503)
    assert undone == (product.db.dialect == "postgresql")
    assert answers.count(200) == 2 - undone
    assert names(product) == (["one!", "two!"] if undone else ["one!!", "two!!"])


def test_a_request_that_rested_too_long_is_asked_to_come_again(web, product):
    answer = web.test_client().post("/trial/rests")

    assert answer.status_code == (503 if product.db.dialect == "postgresql" else 200)
