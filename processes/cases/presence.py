"""Who looks at which mail just now, told by the live feed.

A browser that shows a mail says so every 25 seconds (`webapp/assets/js/desk/mail.js`), and once
more when it goes. Each sign is a line of the feed that no page hears; coming and going is told to
the pages of that mail.
"""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.clock import utc_now
from processes.cases import changes
from processes.cases.models import Change
from processes.people.models import Staff

TOPIC = "mail_look"
"""Of the lines pages hear; the ref is the mail's id."""

_SIGN = "looks:"
_NOWHERE = "0"
_FRESH = timedelta(seconds=15)
"""A sign that new need not be written again."""
_PRESENT = timedelta(seconds=65)
"""Two missed signs, and the person counts as gone."""


def look(session: Session, mail_id: int, staff: Staff) -> None:
    """Note that somebody has a mail open."""
    _say(session, str(mail_id), staff)


def leave(session: Session, staff: Staff) -> None:
    """Note that somebody has closed the mail they looked at."""
    _say(session, _NOWHERE, staff)


def others(session: Session, mail_id: int, staff: Staff) -> list[str]:
    """Return the names of colleagues who have the mail open, in the order of the alphabet."""
    since = utc_now() - _PRESENT
    latest = (
        select(func.max(Change.id))
        .where(Change.at > since, Change.topic.startswith(_SIGN))
        .group_by(Change.topic)
    )
    query = select(Change.topic).where(Change.id.in_(latest), Change.ref == str(mail_id))
    ids = {int(topic.removeprefix(_SIGN)) for topic in session.scalars(query)} - {staff.id}
    if not ids:
        return []
    return list(session.scalars(select(Staff.name).where(Staff.id.in_(ids)).order_by(Staff.name)))


def _say(session: Session, ref: str, staff: Staff) -> None:
    topic = f"{_SIGN}{staff.id}"
    since = utc_now() - _PRESENT
    query = (
        select(Change)
        .where(Change.at > since, Change.topic == topic)
        .order_by(Change.id.desc())
        .limit(1)
    )
    last = session.scalars(query).one_or_none()
    before = last.ref if last is not None else _NOWHERE
    if before == ref and (ref == _NOWHERE or (last and last.at > utc_now() - _FRESH)):
        return
    changes.record(session, topic, ref)
    for mail in {before, ref} - {_NOWHERE} if before != ref else ():
        changes.record(session, TOPIC, mail)
