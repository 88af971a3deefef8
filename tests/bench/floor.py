"""The floor: a 4 KB row update and two inserts in one transaction of five statements."""

from datetime import timedelta
from os import urandom

from sqlalchemy import (
    Column,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    select,
    update,
)

from engine.clock import utc_now
from engine.db import Database

_ROWS = 100
_STATE = urandom(4096)
_metadata = MetaData()
_state = Table(
    "bench_state",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("state", LargeBinary),
    Column("revision", Integer),
)
_log = Table(
    "bench_log",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("state_id", Integer),
    Column("text", String(200)),
)
_timer = Table(
    "bench_timer",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("state_id", Integer),
    Column("due_at", DateTime(timezone=True), index=True),
)


class Floor:
    """The step itself, on tables of its own in the product's database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        _metadata.drop_all(database.engine)
        _metadata.create_all(database.engine)
        with database.write() as session:
            rows = [{"id": n, "state": _STATE, "revision": 0} for n in range(_ROWS)]
            session.execute(insert(_state), rows)
        self._turn = 0

    def step(self) -> None:
        """Lock and read a row, write it back whole, insert twice, commit."""
        self._turn = (self._turn + 1) % _ROWS
        with self._database.write() as session:
            connection = session.connection()
            row = connection.execute(
                select(_state).where(_state.c.id == self._turn).with_for_update()
            ).one()
            connection.execute(
                update(_state).where(_state.c.id == bindparam("wanted")),
                {"wanted": self._turn, "state": _STATE, "revision": row.revision + 1},
            )
            connection.execute(insert(_log), {"state_id": self._turn, "text": "step"})
            due = utc_now() + timedelta(days=8)
            connection.execute(insert(_timer), {"state_id": self._turn, "due_at": due})

    def drop(self) -> None:
        """Leave no table behind."""
        _metadata.drop_all(self._database.engine)
