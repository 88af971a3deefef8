"""Browser sessions kept in the database, one cookie for each side of the counter."""

from dataclasses import dataclass
from typing import Any, cast

from flask import Flask, Request, Response, g, session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session as Transaction
from werkzeug.datastructures import CallbackDict

from processes.people import sessions as stored
from processes.people.models import SessionKind, WebSession
from webapp import context

STAFF, CONTACT, CASE = "_user_id", "contact_id", "case_id"
"""What a session remembers about who is signed in; `_user_id` is flask-login's name."""

_UNATTENDED = ("/live", "/portal/live")
"""Asked by an open page on its own: no sign of life of a person."""


@dataclass(frozen=True)
class Cookie:
    """How the cookie of one side is called, and whether it needs TLS."""

    name: str
    secure: bool

    def set(self, response: Response, value: str) -> None:
        """Hand the cookie out."""
        response.set_cookie(
            self.name, value, path="/", secure=self.secure, httponly=True, samesite="Lax"
        )

    def take_back(self, response: Response) -> None:
        """Let the browser forget the cookie."""
        response.delete_cookie(
            self.name, path="/", secure=self.secure, httponly=True, samesite="Lax"
        )


class BrowserSession(CallbackDict[str, Any], SessionMixin):
    """What we remember about one browser; a row exists only once something is remembered."""

    def __init__(
        self, kind: SessionKind, raw: str | None = None, row: WebSession | None = None
    ) -> None:
        super().__init__(dict(row.data or {}) if row else {}, _note_change)
        self.kind = kind
        self.raw = raw if row else None
        self.row_id = row.id if row else None
        self.is_lost = raw is not None and row is None
        self.needs_touch = row is not None and stored.needs_touch(row)
        self.renewed = False
        self.modified = False


class DatabaseSessions(SessionInterface):
    """Loads and saves sessions, each in a short transaction of its own."""

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure

    def open_session(self, app: Flask, request: Request) -> BrowserSession:  # noqa: ARG002
        """Return the session behind the cookie of this side, or an empty one.

        While the database is away it is empty, and `insist` raises why: a page about it needs one.
        """
        kind = _side(request.path)
        raw = request.cookies.get(self.cookie(kind).name)
        if raw is None:
            return BrowserSession(kind)
        try:
            with context.app().db.read() as transaction:
                found = BrowserSession(kind, raw, stored.load(transaction, kind, raw))
        except (DBAPIError, PoolTimeoutError) as error:
            g.offline, g.session_missing = True, error
            return BrowserSession(kind)
        if request.path.startswith(_UNATTENDED):
            found.needs_touch = False
        return found

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        """Write what changed, and tell the browser if its id did."""
        mine = cast("BrowserSession", session)
        response.vary.add("Cookie")
        if g.get("offline", False):
            return
        if mine.modified or mine.renewed:
            with context.app().db.write() as transaction:
                self._write(transaction, mine, response)
        elif mine.needs_touch and mine.row_id is not None:
            with context.app().db.write() as transaction:
                stored.touch(transaction, mine.row_id)
        elif mine.is_lost:
            self.cookie(mine.kind).take_back(response)

    def cookie(self, kind: SessionKind) -> Cookie:
        """Return the cookie of one side; the name differs where TLS cannot protect it."""
        return Cookie(f"__Host-{kind}" if self._secure else f"casewright-{kind}", self._secure)

    def _write(self, transaction: Transaction, mine: BrowserSession, response: Response) -> None:
        if mine.raw is not None and (mine.renewed or not mine):
            stored.revoke(transaction, mine.raw)
            mine.raw = None
        if not mine:
            self.cookie(mine.kind).take_back(response)
            return
        row = self._row(transaction, mine, response)
        if row is not None:
            row.data = dict(mine)
            stored.touch(transaction, row.id)

    def _row(
        self, transaction: Transaction, mine: BrowserSession, response: Response
    ) -> WebSession | None:
        """Return the row to write; None when somebody ended this session in the meantime."""
        if mine.raw is not None:
            row = transaction.get(WebSession, mine.row_id, with_for_update=True)
            if row is None:
                self.cookie(mine.kind).take_back(response)
            return row
        mine.raw, row = stored.create(
            transaction,
            mine.kind,
            staff_id=int(mine[STAFF]) if STAFF in mine else None,
            contact_id=mine.get(CONTACT),
            case_id=mine.get(CASE),
        )
        self.cookie(mine.kind).set(response, mine.raw)
        return row


def insist() -> None:
    """Raise what kept the session from being read; called before each request."""
    missing: Exception | None = g.get("session_missing")
    if missing is not None:
        raise missing


def renew() -> None:
    """Give this browser a new session id; whoever knew the old one is out."""
    cast("BrowserSession", session).renewed = True


def _side(path: str) -> SessionKind:
    """Return which cookie a path belongs to."""
    return SessionKind.PORTAL if f"{path}/".startswith("/portal/") else SessionKind.DESK


def _note_change(mine: CallbackDict[str, Any]) -> None:
    cast("BrowserSession", mine).modified = True
