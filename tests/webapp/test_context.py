import errno

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from engine.clock import utc_now
from engine.errors import AlreadyDoneError, InvalidInputError
from processes.bootstrap import App
from processes.people import sessions as stored
from processes.people.models import Organization
from tests.webapp.conftest import SignIn
from webapp import auth
from webapp.app import create_app
from webapp.config import WebSettings
from webapp.context import checkpoint, tx
from webapp.logs import REQUEST_FAILED

SECRET = "swordfish-at-midnight"

trial = Blueprint("trial", __name__)


def add(name: str) -> None:
    tx().add(Organization(name=name, created_at=utc_now()))
    tx().flush()


@trial.route("/trial/<int:status>", methods=["GET", "POST"])
def answer(status: int):
    add("Fenmark")
    return "done", status


@trial.post("/trial/kept")
def kept():
    add("Counted")
    checkpoint()
    add("Not counted")
    return "refused", 422


@trial.post("/trial/app-error")
def app_error():
    add("Fenmark")
    raise AlreadyDoneError(by="Noor Bakker", at="10:14")


@trial.post("/trial/input-error")
def input_error():
    add("Fenmark")
    raise InvalidInputError({"name": ["required"]})


@trial.post("/trial/crash")
def crash():
    add("Fenmark")
    raise RuntimeError(SECRET)


@trial.get("/trial/away")
def away():
    raise OperationalError("SELECT 1", {}, Exception(SECRET))


@trial.get("/trial/full/<kind>")
def full(kind):
    raise {
        "disk": OSError(errno.ENOSPC, SECRET),
        "handles": OSError(errno.EMFILE, SECRET),
        "memory": MemoryError(),
    }[kind]


@trial.post("/trial/commit-fails")
def commit_fails():
    name = "Twice"
    tx().add_all(Organization(name=name, created_at=utc_now()) for _ in range(2))
    return "done"


@pytest.fixture
def client(product: App) -> FlaskClient:
    web: Flask = create_app(product, WebSettings())
    web.config.update(WTF_CSRF_ENABLED=False)
    web.register_blueprint(trial)
    return web.test_client()


def names(product: App) -> list[str]:
    with product.db.read() as session:
        return list(session.scalars(select(Organization.name).order_by(Organization.name)))


@pytest.mark.parametrize(("status", "kept_names"), [(200, ["Fenmark"]), (303, ["Fenmark"])])
def test_what_a_view_wrote_is_kept_when_it_answers_well(client, product, status, kept_names):
    client.post(f"/trial/{status}")

    assert names(product) == kept_names


@pytest.mark.parametrize("status", [400, 409, 422, 503])
def test_what_a_view_wrote_is_thrown_away_when_it_refuses(client, product, status):
    assert client.post(f"/trial/{status}").status_code == status

    assert names(product) == []


def test_reading_requests_keep_nothing(client, product):
    assert client.get("/trial/200").status_code == 200

    assert names(product) == []


def test_what_must_count_is_kept_although_the_answer_is_a_refusal(client, product):
    assert client.post("/trial/kept").status_code == 422

    assert names(product) == ["Counted"]


def test_an_error_of_the_product_is_a_sentence_and_changes_nothing(client, product):
    answer = client.post("/trial/app-error")

    assert answer.status_code == 409
    assert "This step was completed by Noor Bakker at 10:14." in answer.text
    assert names(product) == []


def test_a_script_gets_the_sentence_for_the_corner(client):
    answer = client.post("/trial/app-error", headers={"HX-Request": "true"})

    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#toasts"
    assert "<html" not in answer.text
    assert 'role="alert"' in answer.text


def test_an_unexpected_failure_tells_a_number_and_nothing_else(client, product):
    with capture_logs() as logged:
        answer = client.post("/trial/crash")

    assert answer.status_code == 500
    assert SECRET not in answer.text
    assert "RuntimeError" not in answer.text
    number = answer.text.split("<code>")[1].split("</code>")[0]
    noted = next(line for line in logged if line["event"] == REQUEST_FAILED)
    assert noted["incident"] == number
    assert SECRET in str(noted["exc_info"])
    assert names(product) == []


def test_a_database_that_is_away_is_said_so_with_a_time_to_come_back(client):
    answer = client.get("/trial/away")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert SECRET not in answer.text


def test_a_signed_in_page_survives_a_database_that_is_away(client, signed_in: SignIn):
    signed_in(client, "serviceUser")

    assert client.get("/trial/away").status_code == 503


def test_a_database_that_leaves_while_the_reader_is_looked_up_is_said_so_too(
    client, signed_in: SignIn, monkeypatch
):
    signed_in(client, "serviceUser")

    def leave() -> None:
        raise OperationalError("SELECT 1", {}, Exception(SECRET))

    monkeypatch.setattr(auth, "tx", leave)
    answer = client.get("/nothing-here")

    assert answer.status_code == 503
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("disk", 507, "There is no room left to save this. Nothing was changed."),
        ("handles", 503, "Please try again in a moment"),
        ("memory", 503, "Please try again in a moment"),
    ],
)
def test_what_the_machine_lacks_is_said_in_words(client, kind, status, words):
    answer = client.get(f"/trial/full/{kind}")

    assert answer.status_code == status
    assert words in answer.text
    assert SECRET not in answer.text


def test_a_database_that_leaves_while_the_session_is_read_is_said_so_too(
    client, signed_in: SignIn, monkeypatch
):
    signed_in(client, "serviceUser")

    def leave(*_: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception(SECRET))

    monkeypatch.setattr(stored, "load", leave)
    answer = client.get("/trial/200")

    assert answer.status_code == 503
    assert SECRET not in answer.text


def test_a_commit_that_fails_is_answered_like_any_failure(client, product):
    answer = client.post("/trial/commit-fails")

    assert answer.status_code == 500
    assert names(product) == []


@pytest.mark.parametrize(
    ("path", "language", "words"),
    [
        ("/nothing-here", "en", "There is nothing here, or it is not yours to see."),
        ("/trial/422x", "en", "There is nothing here"),
    ],
)
def test_an_unknown_address_is_a_page_in_words(client, path, language, words):
    answer = client.get(path, headers={"Accept-Language": language})

    assert answer.status_code == 404
    assert words in answer.text


def test_a_wrong_method_says_which_are_right(client):
    answer = client.get("/trial/crash")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
