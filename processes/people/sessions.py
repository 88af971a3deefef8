"""Signed-in browsers, kept in the database; times are real times."""

import secrets as random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine.clock import utc_now
from processes.database import house
from processes.people import secrets
from processes.people.models import SessionKind, WebSession

_PURPOSE = "web-session"
_TOUCH_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Lifetime:
    """How long a session lasts without use, and at most."""

    idle: timedelta
    absolute: timedelta


LIFETIMES = {
    SessionKind.DESK: Lifetime(idle=timedelta(minutes=30), absolute=timedelta(hours=12)),
    SessionKind.PORTAL: Lifetime(idle=timedelta(minutes=60), absolute=timedelta(days=7)),
}


def create(
    session: Session,
    kind: SessionKind,
    *,
    staff_id: int | None = None,
    contact_id: int | None = None,
    case_id: int | None = None,
) -> tuple[str, WebSession]:
    """Open a session and return the id for the cookie with its row."""
    now = utc_now()
    raw = random.token_urlsafe(32)
    row = WebSession(
        id_hash=_hash(session, raw),
        kind=kind,
        data={},
        staff_id=staff_id,
        contact_id=contact_id,
        case_id=case_id,
        created_at=now,
        seen_at=now,
        expires_at=now + LIFETIMES[kind].absolute,
    )
    session.add(row)
    session.flush()
    return raw, row


def load(session: Session, kind: SessionKind, raw: str) -> WebSession | None:
    """Return the living session behind a cookie of this side of the counter."""
    row = session.scalars(
        select(WebSession).where(WebSession.id_hash == _hash(session, raw), WebSession.kind == kind)
    ).one_or_none()
    if row is None:
        return None
    now = utc_now()
    idle = now - row.seen_at > LIFETIMES[kind].idle
    return None if idle or row.expires_at <= now else row


def needs_touch(row: WebSession) -> bool:
    """Return whether the last sign of life is old enough to be worth a write."""
    return utc_now() - row.seen_at > _TOUCH_AFTER


def touch(session: Session, row_id: int) -> None:
    """Note that the browser is still there."""
    seen = update(WebSession).where(WebSession.id == row_id).values(seen_at=utc_now())
    session.execute(seen)


def remember(row: WebSession, **values: Any) -> None:
    """Keep small facts with the session, such as the last view."""
    row.data = {**(row.data or {}), **values}


def revoke(session: Session, raw: str) -> None:
    """End one session."""
    session.execute(delete(WebSession).where(WebSession.id_hash == _hash(session, raw)))


def revoke_staff(session: Session, staff_id: int) -> None:
    """End every session of a member of staff: new password, new role, gone."""
    session.execute(delete(WebSession).where(WebSession.staff_id == staff_id))


def revoke_case(session: Session, case_id: int) -> None:
    """End the sessions that a case's own code opened."""
    session.execute(delete(WebSession).where(WebSession.case_id == case_id))


def forget_old(session: Session) -> int:
    """Delete sessions that are over; returns how many."""
    now, removed = utc_now(), 0
    for kind, lifetime in LIFETIMES.items():
        idle = (WebSession.kind == kind) & (WebSession.seen_at < now - lifetime.idle)
        gone = session.execute(delete(WebSession).where(idle | (WebSession.expires_at < now)))
        removed += int(getattr(gone, "rowcount", 0))
    return removed


def _hash(session: Session, raw: str) -> str:
    return secrets.fingerprint(house(session).secret_key, _PURPOSE, raw[:200])
