"""Fixtures every test may use: databases, settings, the wired product, real servers."""

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from pydantic import SecretStr

from engine import db as engine_db
from engine.db import Database
from processes.bootstrap import App, build
from processes.config import Settings
from processes.people import rate_limits
from tests.databases import DIALECTS, Databases, Snapshot
from tests.servers.driven import Driven
from tests.servers.imap import ImapServer
from tests.servers.keeper import borrow
from tests.servers.process import short_folder
from tests.servers.programs import MissingServerError
from tests.servers.smtp import MailServer

pytest_plugins = ["tests.closing"]

_FOLDER, _RUN = "CASEWRIGHT_TEST_FOLDER", "CASEWRIGHT_TEST_RUN"


def pytest_configure(config: pytest.Config) -> None:
    _keep_bytecode()
    if not hasattr(config, "workerinput"):  # the process that starts the others, or the only one
        os.environ[_FOLDER], os.environ[_RUN] = str(short_folder()), str(os.getpid())


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        folder = Path(os.environ[_FOLDER])
        Databases(folder, os.getpid(), "").drop()
        shutil.rmtree(folder, ignore_errors=True)


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: tests of whole installations wait half their time."""
    return (os.cpu_count() or 1) + 1


def _keep_bytecode() -> None:
    """Compile each module once, not in each process of the run again, whatever the shell says."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


@pytest.fixture(scope="session", autouse=True)
def sql_is_compiled_once() -> Iterator[None]:
    """Every `Database` of a URL works on one engine, whose compiled statements outlive a test.

    Each has a face of its own on it: what a test listens for there is heard by nobody else.
    Connections are closed when a test disposes of its database, as ever.
    """
    engine_of = cache(engine_db._create)  # noqa: SLF001 - where all engines come from
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_db, "_create", lambda url: engine_of(url).execution_options())
        yield


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """A folder with a short path, shared by the processes of this run, gone afterwards."""
    return Path(os.environ[_FOLDER])


@pytest.fixture(scope="session", params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    """The database the test runs on; a test that uses it runs on each."""
    return str(request.param)


@pytest.fixture(scope="session")
def database_url(dialect: str, run_folder: Path, worker_id: str) -> str:
    """The URL of this process's own database, migrated."""
    try:
        return Databases(run_folder, int(os.environ[_RUN]), worker_id).url(dialect)
    except MissingServerError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def session_database(database_url: str) -> Iterator[tuple[Database, Snapshot]]:
    database = Database(database_url)
    yield database, Snapshot(database.engine)
    database.engine.dispose()


@pytest.fixture
def db(session_database: tuple[Database, Snapshot]) -> Database:
    """A database as the migrations leave it, whatever the tests before wrote."""
    database, snapshot = session_database
    snapshot.restore()
    return database


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a demo house on the test database; mail stays in the outbox."""
    return Settings(
        data_dir=tmp_path, database_url=database_url, secret_key=SecretStr("k" * 64), demo=True
    )


@pytest.fixture
def product(db: Database, settings: Settings) -> Iterator[App]:
    """The wired product on a clean database; `product.prepare` deploys what is shipped."""
    del db  # cleaned
    app = build(settings)
    yield app
    app.db.engine.dispose()


@pytest.fixture(scope="session")
def redis_url(run_folder: Path) -> str:
    """A real Redis, as BROKER_URL; shared by the run."""
    named = os.environ.get("BROKER_URL_TEST")
    try:
        return named or borrow("redis", run_folder, int(os.environ[_RUN]))
    except MissingServerError as error:
        pytest.skip(str(error))


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A real SMTP server that collects what it is sent and misbehaves when told to."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def one_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything a test counts falls into one window of the rate limits, whatever the time is."""
    moment = datetime(2026, 1, 5, 9, 1, tzinfo=UTC)
    monkeypatch.setattr(rate_limits, "utc_now", lambda: moment)


@pytest.fixture(scope="session")
def imap_server(run_folder: Path, worker_id: str) -> Iterator[ImapServer]:
    """A real IMAP server; take an account of your own from it in each test."""
    server = ImapServer(run_folder / f"imap-{worker_id}")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def post_office(imap_server: ImapServer) -> Iterator[MailServer]:
    """A real SMTP server that delivers into the accounts of the IMAP server."""
    server = MailServer(deliver=imap_server.deliver)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def driven() -> Iterator[Driven]:
    made = Driven()
    yield made
    made.close()


@pytest.fixture
def browser(driven: Driven) -> Browser:
    """A real Chromium; open a context of its own in each test."""
    try:
        return driven.browser()
    except MissingServerError as error:
        pytest.skip(str(error))
