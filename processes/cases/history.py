"""What was said before, quoted beneath our mails."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.cases import dates, settings, threads
from processes.cases.models import Activity, ActivityKind, Case, Direction
from processes.cases.policies import is_public
from processes.mail.quoting import MOST, Beneath, Quote
from processes.mail.quoting import beneath as quoted

_SAID = (ActivityKind.MAIL, ActivityKind.MESSAGE, ActivityKind.CONTACT)


def beneath(session: Session, case: Case, language: str) -> Beneath:
    """Return the last few things the customer may read, newest first, as quotes."""
    query = (
        select(Activity)
        .where(Activity.case_id == case.id, ~Activity.internal, Activity.kind.in_(_SAID))
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(MOST)
    )
    house_name = settings.get(session, settings.COMPANY)
    quotes = [
        Quote(
            who=entry.author_name or house_name,
            when=dates.long_moment(session, entry.at, language),
            text=entry.text,
        )
        for entry in session.scalars(query)
        if is_public(entry) and not _is_left_out(entry)
    ]
    return quoted(quotes, language)


def _is_left_out(entry: Activity) -> bool:
    """Return whether an entry is a machine's, or may be a stranger's."""
    data = entry.data or {}
    machine = entry.direction is Direction.IN and bool(data.get("automatic"))
    return machine or threads.is_unproved(data)
