"""The fault plan on the servers of a test run; `make faults` brings its own."""

from collections.abc import Callable, Iterator

import pytest

from processes.config import Settings
from tests.faults.site import MAIL_LEASE, Site
from tests.servers.process import short_folder
from tests.servers.smtp import MailServer


@pytest.fixture
def settings(database_url, db, dialect, request, mail_server: MailServer) -> Settings:
    """SQLite goes with the broker of files, PostgreSQL with Redis."""
    broker = request.getfixturevalue("redis_url") if dialect == "postgresql" else ""
    return Settings(
        secret_key="k" * 40,
        database_url=database_url,
        broker_url=f"{broker}?virtual_host=10" if broker else "",
        data_dir=short_folder(),
        smtp_url=mail_server.url,
        mail_lease_seconds=MAIL_LEASE,
        public_url="http://127.0.0.1",
    )


@pytest.fixture
def make_site(settings: Settings, mail_server: MailServer) -> Iterator[Callable[..., Site]]:
    """Makes the site of this test; ends whatever of it still runs."""
    made: list[Site] = []

    def site(**options) -> Site:
        made.append(Site(settings, mail_server, **options))
        return made[-1]

    yield site
    for one in made:
        one.app.db.engine.dispose()
