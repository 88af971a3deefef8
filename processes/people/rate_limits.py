"""How often something may happen; counted in the database, so it holds over all processes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.clock import utc_now
from processes.database import house
from processes.people import secrets
from processes.people.models import RateBucket

_KEPT = timedelta(days=2)


@dataclass(frozen=True)
class Limit:
    """So many times in so long."""

    name: str
    times: int
    window: timedelta


STAFF_SIGN_IN = Limit("staff-sign-in", 5, timedelta(minutes=5))
"""Per account; the answer is a wait, never a lock."""
STAFF_SIGN_IN_PLACE = Limit("staff-sign-in-place", 60, timedelta(minutes=5))
"""Per network address."""
PORTAL_SIGN_IN = Limit("portal-sign-in", 10, timedelta(minutes=15))
"""Per e-mail address."""
PORTAL_SIGN_IN_PLACE = Limit("portal-sign-in-place", 60, timedelta(minutes=15))
PORTAL_CODE = Limit("portal-code", 5, timedelta(hours=1))
"""Codes asked for, per e-mail address."""
PORTAL_CODE_PLACE = Limit("portal-code-place", 30, timedelta(hours=1))
PORTAL_REQUEST = Limit("portal-request", 10, timedelta(hours=1))
"""Requests sent, per e-mail address."""
PORTAL_REQUEST_PLACE = Limit("portal-request-place", 40, timedelta(hours=1))
PORTAL_UPLOAD = Limit("portal-upload", 200, timedelta(hours=1))
"""Files a customer uploads."""
PORTAL_UPLOAD_PLACE = Limit("portal-upload-place", 60, timedelta(hours=1))
"""Files that come with requests of strangers, per network address."""


def hit(session: Session, limit: Limit, subject: str) -> bool:
    """Count one and return whether it is still within the limit.

    The count must be committed whatever the answer to the person is.
    """
    now = utc_now()
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(RateBucket).values(
        subject=_mark(session, limit, subject), window_start=_window(now, limit.window), hits=1
    )
    counted = session.execute(
        row.on_conflict_do_update(
            index_elements=[RateBucket.subject, RateBucket.window_start],
            set_={"hits": RateBucket.hits + 1},
        ).returning(RateBucket.hits)
    ).scalar_one()
    return int(counted) <= limit.times


def take_back(session: Session, limit: Limit, subject: str) -> None:
    """Count one less: what was counted in advance turned out to be no failure."""
    session.execute(
        update(RateBucket)
        .where(
            RateBucket.subject == _mark(session, limit, subject),
            RateBucket.window_start == _window(utc_now(), limit.window),
            RateBucket.hits > 0,
        )
        .values(hits=RateBucket.hits - 1)
    )


def forget_old(session: Session) -> int:
    """Delete windows that are over; returns how many."""
    gone = session.execute(delete(RateBucket).where(RateBucket.window_start < utc_now() - _KEPT))
    return int(getattr(gone, "rowcount", 0))


def _mark(session: Session, limit: Limit, subject: str) -> str:
    digest = secrets.fingerprint(house(session).secret_key, "rate", subject.strip().lower())
    return f"{limit.name}:{digest[:40]}"


def _window(now: datetime, length: timedelta) -> datetime:
    seconds = int(length.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=UTC)
