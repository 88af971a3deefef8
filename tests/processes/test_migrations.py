"""The migrations lead from nothing to exactly the tables the code knows."""

import re
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from casewright.database import upgrade
from processes.models import metadata

_INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = :s"
_CONSTRAINTS = (
    "SELECT conrelid::regclass || conname, pg_get_constraintdef(oid) FROM pg_constraint"
    " WHERE connamespace = CAST(:s AS regnamespace)"
)
_ADDED = re.compile(r"(\b(\w+) INTEGER) CONSTRAINT (fk_\w+) REFERENCES")
"""A column added later bears its foreign key itself."""
FOLDER = Path(__file__).parents[2] / "processes" / "migrations"


def test_upgrading_from_empty_gives_what_the_code_expects(db, dialect, database_url, tmp_path):
    # `db` was made by the migrations; beside it stands one made from the tables of the code
    if dialect == "sqlite":
        expected = create_engine(f"sqlite:///{tmp_path / 'expected.db'}")
        metadata.create_all(expected)
        assert _sqlite(db.engine) == _sqlite(expected)
        expected.dispose()
        return
    expected = create_engine(_schema(database_url, "expected"))
    with db.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS expected CASCADE"))
        connection.execute(text("CREATE SCHEMA expected"))
    metadata.create_all(expected)
    try:
        assert _postgresql(db.engine, "public") == _postgresql(expected, "expected")
    finally:
        expected.dispose()
        with db.engine.begin() as connection:
            connection.execute(text("DROP SCHEMA expected CASCADE"))


def test_there_is_one_head_and_it_is_written_down():
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    heads = ScriptDirectory.from_config(config).get_heads()
    assert heads == [(FOLDER / ".current-head").read_text().strip()]


def test_no_migration_looks_at_the_models():
    for path in (FOLDER / "versions").glob("*.py"):
        assert "processes" not in path.read_text(), path.name
        assert "engine.models" not in path.read_text(), path.name


def test_upgrading_twice_changes_nothing(tmp_path):
    url = f"sqlite:///{tmp_path / 'twice.db'}"
    upgrade(url)
    upgrade(url)
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT seconds FROM clock_offset")).all() == [(0,)]
    engine.dispose()


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_every_foreign_key_that_is_searched_by_has_an_index(table):
    known = metadata.tables[table]
    leading = {next(iter(index.columns)).name for index in known.indexes if index.columns}
    leading |= {column.name for column in known.primary_key}
    leading |= {
        next(iter(constraint.columns)).name
        for constraint in known.constraints
        if type(constraint).__name__ == "UniqueConstraint"
    }
    wanted = {"case_id", "instance_id"} & set(known.columns.keys())
    if table in {"cases", "web_session"}:
        return  # a case's instance is found from the case; a session's case from the session
    assert wanted <= leading


def _sqlite(engine):
    """Return every table and index as SQLite keeps them, without quotes and spaces."""
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE :n"),
            {"n": "alembic%"},
        ).all()
    return {name: sorted(_pieces(sql)) for name, sql in rows}


def _pieces(sql):
    plain = re.sub(r'[\s"]+', " ", sql).strip().removesuffix(")" if "TABLE" in sql else "")
    plain = _ADDED.sub(r"\1, CONSTRAINT \3 FOREIGN KEY(\2) REFERENCES", plain)
    return [re.sub(r"\s", "", piece) for piece in re.split(r",(?![^(]*\))", plain)]


def _postgresql(engine, schema):
    """Return columns, indexes and constraints of a schema."""
    inspector = inspect(engine)
    found = {}
    for table in inspector.get_table_names(schema=schema):
        if table == "alembic_version":
            continue
        columns = [
            (c["name"], str(c["type"]), c["nullable"])
            for c in inspector.get_columns(table, schema=schema)
        ]
        found[table] = sorted(columns)
    with engine.connect() as connection:
        for query in (_INDEXES, _CONSTRAINTS):
            for name, definition in connection.execute(text(query), {"s": schema}):
                if "alembic" not in name:
                    plain = definition.replace(f"{schema}.", "")
                    found[name.replace(f"{schema}.", "")] = plain
    return found


def _schema(url, schema):
    changed = make_url(url).update_query_dict({"options": f"-csearch_path={schema}"})
    if changed.drivername == "postgresql":
        changed = changed.set(drivername="postgresql+psycopg")
    return changed.render_as_string(hide_password=False)
