"""Prepares the database: tables by the migrations, then what a new installation begins with."""

from pathlib import Path

from alembic import command
from alembic.config import Config

import processes
from processes.bootstrap import build
from processes.config import Settings


def prepare() -> None:
    """Bring the configured database to this version and fill an empty one."""
    settings = Settings()
    upgrade(settings.database)
    product = build(settings)
    with product.db.write() as session:
        product.prepare(session)
    product.db.dispose()


def upgrade(url: str, revision: str = "head") -> None:
    """Run the migrations that the database at `url` has not seen, up to `revision`."""
    config = Config()
    folder = Path(processes.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, revision)
