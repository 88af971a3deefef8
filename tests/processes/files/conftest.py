from collections.abc import Callable, Iterator

import pytest

from processes.config import Settings
from processes.files.store import Store, store_of
from tests.processes.world import House, settings_for
from tests.servers.s3 import S3Server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A real S3-compatible service."""
    server = S3Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def files_settings(request, tmp_path) -> dict[str, object]:
    """Settings of each kind of store, empty."""
    told: dict[str, object] = {"data_dir": tmp_path}
    if request.param == "bucket":
        server: S3Server = request.getfixturevalue("s3_server")
        told |= server.settings
        told["files_url"] = f"{told['files_url']}/{tmp_path.name}"
    return told


@pytest.fixture
def store(files_settings) -> Store:
    return store_of(settings_for("sqlite://", **files_settings))


@pytest.fixture
def make_house(house: House, database_url: str) -> Iterator[Callable[..., House]]:
    """Open the furnished installation with other settings."""
    opened: list[House] = []

    def make(**changed) -> House:
        opened.append(House(database_url, **changed))
        return opened[-1]

    yield make
    for each in opened:
        each.db.engine.dispose()


@pytest.fixture
def stored_house(make_house, files_settings) -> House:
    """The product with each kind of store, on each database."""
    return make_house(**files_settings)


def settings_of(house: House) -> Settings:
    return house.app.settings
