"""Nightly cleaning, as a job like any other: one row a night, whatever the number of workers."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from engine import clock, jobs, message_buffer
from processes.cases import changes
from processes.files import cleaning
from processes.mail import fetching
from processes.people import rate_limits, sessions, sign_in_codes
from workers import watch

NIGHTLY, SWEEP = "nightly", "sweep_files"
_HOUR = 3


def plan(session: Session) -> None:
    """Write the jobs of the coming night and that of the watch, unless somebody has."""
    night = next_night(clock.utc_now())
    for kind in (NIGHTLY, SWEEP):
        jobs.enqueue(session, kind, due_at=night, dedupe_key=f"{kind}:{night:%Y-%m-%d}")
    watch.plan(session)
    fetching.plan_missing(session)


def clean(session: Session) -> None:
    """Remove what nobody needs any more."""
    for forget_old in (
        jobs.forget_old,
        message_buffer.forget_old,
        changes.forget_old,
        sessions.forget_old,
        sign_in_codes.forget_old,
        rate_limits.forget_old,
        cleaning.forget_old,
    ):
        forget_old(session)


def next_night(now: datetime) -> datetime:
    """Return the next 03:00 UTC after `now`."""
    tonight = now.replace(hour=_HOUR, minute=0, second=0, microsecond=0)
    return tonight if tonight > now else tonight + timedelta(days=1)
