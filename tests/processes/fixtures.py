"""The product on each database; imported by the conftest of every folder that needs it."""

from collections.abc import Iterator

import pytest

from engine.db import Database
from tests.databases import Snapshot
from tests.processes.world import House


@pytest.fixture(scope="session")
def furnished(session_database: tuple[Database, Snapshot], database_url: str) -> Snapshot:
    """The rows of an installation with shipped diagrams and two agents, made once."""
    database, empty = session_database
    empty.restore()
    House.furnish(database_url)
    return Snapshot(database.engine)


@pytest.fixture
def house(furnished: Snapshot, database_url: str) -> Iterator[House]:
    """The wired product with its shipped diagrams, two agents and no cases."""
    furnished.restore()
    made = House(database_url)
    yield made
    made.db.engine.dispose()
