"""D8: stored databases of every state format, and what must become of them.

`python -m tests.faults.golden` makes the files of the current format; they are kept for ever in
`tests/faults/states/format-<n>/`. Each holds every row of a small database, the migration it
stood at, and nothing else: replaying means to migrate it and to bring every instance to its end.
A new format is a new folder.
"""

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from alembic.runtime.migration import MigrationContext
from sqlalchemy import JSON, Integer, LargeBinary, MetaData, Table, Uuid, insert, select, text
from sqlalchemy.engine import Connection

from casewright.database import upgrade
from engine import deployment, queries
from engine.spiff.codec import FORMAT
from processes.bootstrap import App, build
from processes.config import Settings
from processes.people.models import Role
from processes.people.staff import add_staff
from processes.request import services as request
from processes.request.services import Intake
from tests.engine import diagrams as d
from tests.faults.operations import files
from tests.servers.process import short_folder

_INTAKE = Intake(
    name="Jane Roe",
    email="jane@customer.example",
    category="user_help",
    subcategory="something_broken",
    description="It leaks.",
    language="en",
    subject="Leak",
)
FOLDER = Path(__file__).parent / "states"
_ACTOR = "staff:1"
_NO_FOREIGN_KEYS = {
    "postgresql": "SET LOCAL session_replication_role = replica",
    "sqlite": "PRAGMA defer_foreign_keys = ON",
}
_ASYNC = {"async": "true"}
_FORMS: dict[str, dict[str, Any]] = {
    "classify": {
        "subject": "Leak",
        "handler": 1,
        "priority": "medium",
        "category": "user_help",
        "subcategory": "something_broken",
        "request_type": "action",
        "language": "en",
        "status": "in_progress",
        "description": "It leaks.",
        "portal": True,
        "automatic_mail": True,
    },
    "handle": {"next": "close_now", "message": "Done."},
    "write_final_answer": {"answer": "Tighten it.", "notice": "We close.", "request": "React."},
}
"""What the shipped forms are completed with; all others take who completed them."""


def stories() -> dict[str, tuple[bytes, tuple[str, ...]]]:
    """Return diagrams by name, each with the user tasks to complete before the state is kept."""
    form = "faults.form"
    return _waits_alone(form) | _waits_beside(form)


def _waits_alone(form: str) -> dict[str, tuple[bytes, tuple[str, ...]]]:
    return {
        "waits_for_form": (
            d.diagram(
                *("waits_for_form", d.start(), d.user("ask", form), d.end()),
                d.chain("start", "ask", "end"),
            ),
            (),
        ),
        "waits_for_reply_or_week": (
            d.diagram(
                *("waits_for_reply_or_week", d.start(), d.exclusive("again")),
                *(d.user("answer", form), d.event_gateway("wait")),
                *(d.catch("reply", "reply", "said"), d.timer("week", "P8D"), d.end()),
                d.chain("start", "again", "answer", "wait", "reply", "again"),
                d.chain("wait", "week", "end"),
                messages=["reply"],
            ),
            ("answer",),
        ),
    }


def _waits_beside(form: str) -> dict[str, tuple[bytes, tuple[str, ...]]]:
    """Return those in which several things are open at once, or something else runs."""
    return {
        "waits_in_two_branches": (
            d.diagram(
                *("waits_in_two_branches", d.start(), d.parallel("fork"), d.parallel("join")),
                *(d.user("left", form), d.user("right", form), d.timer("pause", "PT1H"), d.end()),
                d.chain("start", "fork", "left", "join", "end"),
                d.chain("fork", "right", "pause", "join"),
            ),
            ("right",),
        ),
        "waits_with_reminder": (
            d.diagram(
                *("waits_with_reminder", d.start(), d.user("work", form), d.end()),
                d.boundary("late", "work", d.duration("P2D"), interrupting=False),
                *(d.user("remind", form), d.end("reminded")),
                d.chain("start", "work", "end"),
                d.chain("late", "remind", "reminded"),
            ),
            (),
        ),
        "waits_for_job": (
            d.diagram(
                *("waits_for_job", d.start(), d.service("note", "faults.note", **_ASYNC)),
                *(d.user("see", form), d.end(), d.chain("start", "note", "see", "end")),
            ),
            (),
        ),
        "waits_in_called": (
            d.diagram(
                *("waits_in_called", d.start(), d.call("inside", "waits_for_reply_or_week")),
                *(d.user("after", form), d.end(), d.chain("start", "inside", "after", "end")),
            ),
            ("answer",),
        ),
    }


def make_house(url: str, folder: Path) -> None:
    """Keep the shipped processes at work: a case before, one after classifying, one in its week."""
    upgrade(url)
    app = product(url, folder)
    with app.db.write() as session:
        app.prepare(session)
        add_staff(
            *(session,),
            username="mila",
            name="Mila",
            email="mila@casewright.example",
            role=Role.AGENT,
            password_hash="-",
        )
    finally_ = {"next": "final_answer", "message": ""}
    for steps in ((), ("classify",), ("classify", "handle", "write_final_answer")):
        with app.db.write() as session:
            key = str(request.submit_request(app, session, _INTAKE).id)
        for element in steps:
            complete(app, key, element, **(finally_ if element == "handle" else {}))
    keep(app, "house")


def make(url: str, folder: Path) -> None:
    """Start each story, take it to where it waits, keep all rows."""
    upgrade(url)
    app = product(url, folder)
    with app.db.write() as session:
        content = files(**{name: diagram for name, (diagram, _) in stories().items()})
        deployment.deploy(session, content, app.vocabulary, actor="system")
    for name, (_, steps) in stories().items():
        data = {"kind": "x", "nested": {"list": [1, 2, "drei"]}, "none": None}
        with app.db.write() as session:
            app.engine.start(session, name, key=name, data=data, actor="system")
        for element in steps:
            complete(app, name, element)
    keep(app, "stories")


def keep(app: App, name: str) -> None:
    """Write all rows to a file of the current format."""
    kept = dump(app)
    app.db.engine.dispose()
    place = FOLDER / f"format-{FORMAT}"
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{name}.json").write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


def product(url: str, folder: Path) -> App:
    """Return the product on a database."""
    return build(Settings(database_url=url, data_dir=folder, secret_key="g" * 40))  # type: ignore[arg-type]


def complete(app: App, key: str, element: str = "", **changed: Any) -> bool:
    """Complete the first open user task of a case, or the one named; False if there is none."""
    with app.db.write() as session:
        tasks = [t for t in queries.open_tasks(session, key) if element in {"", t.element_id}]
        if not tasks:
            return False
        name = tasks[0].element_id
        given = _FORMS.get(name, {"by": name}) | changed
        app.engine.complete_user_task(session, tasks[0].id, given, _ACTOR)
    return True


def dump(app: App) -> dict[str, Any]:
    """Return every row of every table, and the migration they stand at."""
    metadata = MetaData()
    metadata.reflect(app.db.engine)
    with app.db.engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        tables = {
            table.name: [_plain(dict(row)) for row in connection.execute(select(table)).mappings()]
            for table in metadata.tables.values()
            if table.name != "alembic_version"
        }
    return {"revision": revision, "tables": {name: rows for name, rows in tables.items() if rows}}


def restore(kept: dict[str, Any], url: str) -> None:
    """Make an empty database what it was when the rows were kept, then bring it up to date."""
    upgrade(url, kept["revision"])
    app = product(url, Path())
    metadata = MetaData()
    metadata.reflect(app.db.engine)
    for column in (column for table in metadata.tables.values() for column in table.columns):
        if isinstance(column.type, JSON):
            column.type.none_as_null = True  # a NULL comes back as NULL
    with app.db.engine.execution_options(write=True).begin() as connection:
        connection.execute(text(_NO_FOREIGN_KEYS[connection.dialect.name]))
        for table in metadata.tables.values():
            if table.name in kept["tables"]:
                connection.execute(table.delete())
            rows = kept["tables"].get(table.name, [])
            if rows:
                connection.execute(insert(table), [_typed(table, row) for row in rows])
                _count_on(connection, table)
    app.db.engine.dispose()
    upgrade(url)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as JSON can hold it: bytes in base64, times in ISO, ids as text."""
    plain = {}
    for name, value in row.items():
        kept = value
        if isinstance(value, bytes):
            kept = {"base64": base64.b64encode(value).decode()}
        elif isinstance(value, datetime):
            kept = {"time": value.isoformat()}
        elif isinstance(value, UUID):
            kept = value.hex
        plain[name] = kept
    return plain


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(table.c[name].type, value) for name, value in row.items()}


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return base64.b64decode(value["base64"])
    if isinstance(kind, Uuid):
        return UUID(value)
    if isinstance(value, dict) and set(value) == {"time"}:
        return datetime.fromisoformat(value["time"])
    return value


def _count_on(connection: Connection, table: Table) -> None:
    """Let PostgreSQL count on from the rows that are there."""
    column = table.c.get("id")
    if connection.dialect.name != "postgresql" or not isinstance(
        getattr(column, "type", 0), Integer
    ):
        return
    connection.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) "  # noqa: S608
            f"FROM {table.name}"
        )
    )


def main() -> None:
    """Make the golden files of the format this product writes."""
    folder = short_folder()
    make(f"sqlite:///{folder / 'stories.db'}", folder)
    make_house(f"sqlite:///{folder / 'house.db'}", folder)
    print(f"kept in {FOLDER / f'format-{FORMAT}'}")


if __name__ == "__main__":
    main()
