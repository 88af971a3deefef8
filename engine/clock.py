"""The only place that reads a clock.

Two times are told apart everywhere: *real* time (leases, sessions, codes, rate limits) and
*business* time (timers, promises and their display), which is database time plus one offset row
that only a demo moves.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, func, null, select, update
from sqlalchemy.orm import Session

from engine.models import ClockOffset

_NOW = "business_now"
_table = cast("Table", ClockOffset.__table__)
_OFFSET = select(_table.c.seconds)
_NOW_AND_OFFSET = select(func.clock_timestamp(), _OFFSET.scalar_subquery())


def utc_now() -> datetime:
    """Return the real time, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place


def business_now(session: Session) -> datetime:
    """Return the business time of this transaction, aware, in UTC.

    The first call in a transaction reads it from the database; later calls in the same
    transaction get the same instant, so that everything one command writes agrees.
    """
    known: datetime | None = session.info.get(_NOW)
    if known is None:
        known = session.info[_NOW] = _read(session)
    return known


def agree(session: Session, moment: datetime) -> None:
    """Take `moment`, just read from the database, as business time if none is known yet."""
    session.info.setdefault(_NOW, moment)


def columns(session: Session) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return what a statement reads along to know business time; give it to `take`."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    moment: ColumnElement[Any] = null() if is_sqlite else func.clock_timestamp()
    return moment, _OFFSET.scalar_subquery()


def take(session: Session, moment: datetime | None, seconds: float | None) -> None:
    """Take the values of `columns` as business time if none is known yet."""
    agree(session, _business(moment or utc_now(), seconds))


def real_now(session: Session) -> datetime:
    """Return the database's own time, aware, in UTC; on SQLite that of the one host."""
    if session.get_bind().dialect.name == "sqlite":
        return utc_now()
    moment: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return moment.astimezone(UTC)


def advance(session: Session, delta: timedelta) -> datetime:
    """Move business time by `delta` for everybody and return the new business time."""
    session.execute(update(ClockOffset).values(seconds=ClockOffset.seconds + delta.total_seconds()))
    forget(session)
    return business_now(session)


def reset(session: Session) -> None:
    """Make business time equal to real time again."""
    session.execute(update(ClockOffset).values(seconds=0.0))
    forget(session)


def forget(session: Session) -> None:
    """Let the next `business_now` read the database again; called at each new transaction."""
    session.info.pop(_NOW, None)


def _read(session: Session) -> datetime:
    if session.get_bind().dialect.name == "sqlite":
        seconds = session.execute(_OFFSET).scalar_one_or_none()
        return _business(utc_now(), seconds)
    moment, seconds = session.execute(_NOW_AND_OFFSET).one()
    return _business(moment, seconds)


def _business(moment: datetime, seconds: float | None) -> datetime:
    return moment.astimezone(UTC) + timedelta(seconds=seconds or 0.0)
