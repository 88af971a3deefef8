"""Installations on both kinds of ground: files alone, and servers with several of each part."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from processes.config import Settings
from tests.journeys.installation import Installation
from tests.servers.process import short_folder
from tests.servers.smtp import MailServer


@pytest.fixture
def settings(database_url, db, dialect, request, mail_server: MailServer) -> Settings:
    """SQLite goes with the broker of files, PostgreSQL with Redis."""
    folder = short_folder()
    broker = request.getfixturevalue("redis_url") if dialect == "postgresql" else ""
    return Settings(
        secret_key="k" * 40,
        database_url=database_url,
        broker_url=f"{broker}?virtual_host=9" if broker else "",
        data_dir=folder,
        smtp_url=mail_server.url,
        mail_lease_seconds=12,
        public_url="http://127.0.0.1",
    )


@pytest.fixture
def installation(settings: Settings, dialect: str) -> Iterator[Installation]:
    """One web and one worker on SQLite; two webs and two workers on PostgreSQL and Redis."""
    many = 2 if dialect == "postgresql" else 1
    made = Installation(settings, Path(settings.data_dir), webs=many, workers=many)
    try:
        made.start()
        yield made
    finally:
        made.stop()
