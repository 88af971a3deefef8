"""Browsers without a window: signed in on either side of the counter, their statements counted."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from engine.db import Database
from processes.people import sessions
from processes.people.models import SessionKind


def sign_in(session: Session, browser: FlaskClient, staff_id: int) -> None:
    """Sign a member of staff in at the desk."""
    raw, row = sessions.create(session, SessionKind.DESK, staff_id=staff_id)
    row.data = {"_user_id": str(staff_id)}
    browser.set_cookie("casewright-desk", raw)


def enter(
    session: Session, browser: FlaskClient, contact_id: int, case_id: int | None = None
) -> None:
    """Sign a customer in to the portal; with `case_id` as the code of one case does."""
    raw, row = sessions.create(session, SessionKind.PORTAL, contact_id=contact_id, case_id=case_id)
    row.data = {"contact_id": contact_id} | ({"case_id": case_id} if case_id else {})
    browser.set_cookie("casewright-portal", raw)


@contextmanager
def counted(db: Database) -> Iterator[list[str]]:
    """Collect the statements that reach the database."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
