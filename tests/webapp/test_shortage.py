"""No memory, no threads: a sentence whatever happens, and never twice the same work."""

import errno
import sys
import zlib
from pathlib import Path

import pytest
from flask import Blueprint, Flask, session
from flask.testing import FlaskClient
from lxml import etree
from sqlalchemy import select

from engine.clock import utc_now
from engine.errors import StepFailedError
from processes.bootstrap import App
from processes.people.models import Organization
from webapp import shortage
from webapp.app import create_app
from webapp.config import WebSettings
from webapp.context import tx
from webapp.shortage import LastResort, Reserve, is_shortage

BUSY = "The service is busy or just being restarted. Please try again in a moment."
MEGABYTE = 1 << 20

trial = Blueprint("shortage", __name__)


def ask_too_much() -> bytes:
    """Ask for more memory than any machine has; Python says no."""
    return bytes(sys.maxsize // 2)


@trial.post("/shortage/step")
def step():
    tx().add(Organization(name="Fenmark", created_at=utc_now()))
    try:
        ask_too_much()
    except MemoryError as error:
        raise StepFailedError(None, "do") from error


@trial.post("/shortage/view")
def view():
    tx().add(Organization(name="Fenmark", created_at=utc_now()))
    return ask_too_much()


@trial.post("/shortage/afterwards")
def afterwards():
    tx().add(Organization(name="Fenmark", created_at=utc_now()))
    return "saved", 201


@trial.post("/shortage/signs-in")
def signs_in():
    session["somebody"] = 1
    return "signed in"


@pytest.fixture
def web(product: App) -> Flask:
    made = create_app(product, WebSettings())
    made.config.update(WTF_CSRF_ENABLED=False)
    made.register_blueprint(trial)
    return made


@pytest.fixture
def client(web: Flask) -> FlaskClient:
    return web.test_client()


@pytest.fixture
def nothing_left(web: Flask) -> None:
    """Let every page fail for lack of memory, those about errors among them."""
    web.context_processor(ask_too_much)


def names(product: App) -> list[str]:
    with product.db.read() as reading:
        return list(reading.scalars(select(Organization.name)))


@pytest.mark.parametrize("path", ["/shortage/view", "/shortage/step"])
def test_a_shortage_is_a_sentence_and_changes_nothing(client, product, path):
    answer = client.post(path)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert BUSY in answer.text
    assert names(product) == []


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("path", ["/shortage/view", "/shortage/step"])
def test_where_no_page_can_be_drawn_the_answer_was_made_before(client, product, path):
    answer = client.post(path)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for words in (BUSY, "Probeer het", "Bitte versuchen"):
        assert words in answer.text
    assert names(product) == []


@pytest.mark.usefixtures("nothing_left")
def test_a_script_gets_its_line_for_the_corner_then_too(client):
    answer = client.post("/shortage/view", headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Retarget"]) == (503, "#toasts")
    assert 'role="alert"' in answer.text
    assert "<html" not in answer.text


def test_who_was_served_is_told_so_although_memory_ran_out_after_the_commit(web, client, product):
    web.after_request(lambda _response: ask_too_much())

    answer = client.post("/shortage/afterwards")

    assert (answer.status_code, answer.text) == (201, "saved")
    assert names(product) == ["Fenmark"]


def test_who_could_not_be_remembered_is_told_to_try_again(web, client):
    web.after_request(lambda _response: ask_too_much())

    assert client.post("/shortage/signs-in").status_code == 503


def test_any_other_failure_is_not_taken_for_a_shortage(web):
    def broken(_environ, _start):
        raise ZeroDivisionError

    answers = web.extensions[shortage.EXTENSION]
    with pytest.raises(ZeroDivisionError):
        LastResort(broken, answers)({}, lambda *_: None)


def test_what_fails_after_the_answer_was_begun_is_left_to_the_server(web):
    def begun(_environ, start):
        start("200 OK", [])
        return ask_too_much()

    answers = web.extensions[shortage.EXTENSION]
    with pytest.raises(MemoryError):
        LastResort(begun, answers)({}, lambda *_: None)


def caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), True),
        (OSError(errno.EMFILE, "Too many open files"), True),
        (RuntimeError("can't start new thread"), True),
        (zlib.error("Error -4 while decompressing data"), True),
        (SystemError("<built-in> returned NULL without setting an exception"), True),
        (etree.XMLSyntaxError("unknown error (<string>, line 0)", 0, 0, 0), True),
        (caused(StepFailedError(), MemoryError()), True),
        (caused(StepFailedError(), ValueError()), False),
        (RuntimeError("no memory of that"), False),
        (OSError(errno.ENOENT, "No such file"), False),
        (zlib.error("Error -3 while decompressing data"), False),
        (ValueError("can't start new thread"), False),
    ],
)
def test_a_shortage_is_known_by_what_lies_beneath(error, expected):
    assert is_shortage(error) is expected


def test_a_chain_that_bites_its_tail_has_an_end():
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert not is_shortage(first)


def mapped() -> int:
    """Return the bytes of address space this process may write to and shares with nobody."""
    lines = Path("/proc/self/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("VmData:")]
    return int(line.split()[1]) * 1024


def test_the_reserve_is_given_back_to_the_system_and_taken_again():
    before = mapped()
    reserve = Reserve(64 * MEGABYTE)
    assert mapped() - before >= 64 * MEGABYTE
    reserve.give()
    assert mapped() - before < 64 * MEGABYTE
    reserve.take()
    assert mapped() - before >= 64 * MEGABYTE
    reserve.give()
