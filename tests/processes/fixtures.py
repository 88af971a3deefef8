"""The product on each database; imported by the conftest of every folder that needs it."""

from collections.abc import Iterator

import pytest

from engine.db import Database
from tests.processes.world import House


@pytest.fixture
def house(db: Database, database_url: str) -> Iterator[House]:
    """The wired product with its shipped diagrams, two agents and no cases."""
    made = House(database_url)
    yield made
    made.db.engine.dispose()
