"""A house with many cases: copies of two that the product's own commands have made."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Table, insert, select, text

from engine.db import Base, Database
from engine.models import ProcessInstance, UserTask
from processes.cases.models import Activity, Case
from processes.people.models import Contact, Staff

CASES: Final = 100_000
OPEN: Final = 5_000
_CONTACTS, _STAFF, _ENTRIES, _UNASSIGNED = 40_000, 45, 4, 10
"""How many there are, entries a case at most; every so many open cases one has no handler."""
_SUBJECTS: Final = ("leaks", "does not start", "smells", "is too loud", "was never delivered")
_FIRST: Final = 1_000_000
"""Ids of copies begin here."""
_PIECE: Final = 5_000

Row = dict[str, Any]


def fill(db: Database, waiting: int, closed: int) -> None:
    """Add `CASES` copies of a waiting and a closed case, with all that belongs to them.

    `OPEN` of them wait, the latest ones; their handlers are that of the waiting case and others.
    """
    mine, done = (_row(db, Case, Case.id == key) for key in (waiting, closed))
    runs, ended = (
        _row(db, ProcessInstance, ProcessInstance.id == case["instance_id"])
        for case in (mine, done)
    )
    step = _row(db, UserTask, UserTask.instance_id == runs["id"], UserTask.status == "ready")
    person = _row(db, Contact, Contact.id == mine["contact_id"])
    handler = _row(db, Staff, Staff.id == mine["assignee_id"])
    said = [_rows(db, Activity, Activity.case_id == key)[:_ENTRIES] for key in (waiting, closed)]
    _copy(db, Contact, (_contact(person, n) for n in range(_CONTACTS)))
    _copy(db, Staff, (_colleague(handler, n) for n in range(_STAFF)))
    _copy(db, ProcessInstance, (_instance(runs if n < OPEN else ended, n) for n in range(CASES)))
    _copy(db, UserTask, (_step(step, n) for n in range(OPEN)))
    _copy(db, Case, (_case(mine if n < OPEN else done, n) for n in range(CASES)))
    entries = (_entry(entry, n) for n in range(CASES) for entry in said[n >= OPEN])
    _copy(db, Activity, entries)
    with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE"))


def _contact(row: Row, number: int) -> Row:
    name = f"Jane Roe {number}"
    return row | {"id": _FIRST + number, "name": name, "email": f"crowd{number}@customer.example"}


def _colleague(row: Row, number: int) -> Row:
    name = f"colleague{number}"
    return row | {"id": _FIRST + number, "username": name, "name": name.title(), "email": name}


def _instance(row: Row, number: int) -> Row:
    return row | {"id": UUID(int=_FIRST + number), "key": str(_FIRST + number)}


def _step(row: Row, number: int) -> Row:
    return row | {"id": UUID(int=_FIRST + number), "instance_id": UUID(int=_FIRST + number)}


def _case(row: Row, number: int) -> Row:
    """Return a copy that is a minute older than the one before it."""
    older = timedelta(minutes=number)
    subject = f"Washing machine {number} {_SUBJECTS[number % len(_SUBJECTS)]}"
    assignee = row["assignee_id"] if number % _STAFF == 1 else _FIRST + number % _STAFF
    return row | {
        "id": _FIRST + number,
        "number": f"X{_FIRST + number}",
        "instance_id": UUID(int=_FIRST + number),
        "contact_id": _FIRST + number % _CONTACTS,
        "assignee_id": None if number < OPEN and number % _UNASSIGNED == 0 else assignee,
        "mail_key": None,
        "applied_solution_id": None,
        "subject": subject,
        "search_text": f"{row['search_text']} {subject.lower()} x{_FIRST + number}",
        "created_at": row["created_at"] - older,
        "updated_at": row["updated_at"] - older,
        "closed_at": row["closed_at"] and row["closed_at"] - older,
    }


def _entry(row: Row, number: int) -> Row:
    kept = {name: value for name, value in row.items() if name not in {"id", "mail_id"}}
    return kept | {"case_id": _FIRST + number}


def _table(model: type[Base]) -> Table:
    return cast("Table", model.__table__)


def _rows(db: Database, model: type[Base], *wanted: ColumnElement[bool]) -> list[Row]:
    query = select(_table(model)).where(*wanted)
    with db.engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def _row(db: Database, model: type[Base], *wanted: ColumnElement[bool]) -> Row:
    return _rows(db, model, *wanted)[0]


def _copy(db: Database, model: type[Base], rows: Iterable[Row]) -> None:
    waiting = iter(rows)
    while piece := list(islice(waiting, _PIECE)):
        with db.write() as session:
            session.execute(insert(_table(model)), piece)
