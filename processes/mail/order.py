"""Mails of one case leave in the order in which they were written."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, jobs
from processes.mail.models import MailState, OutgoingMail
from processes.mail.services import job_key

_UNDER_WAY = (MailState.READY, MailState.SENDING)
_LOOK_AGAIN = timedelta(seconds=1)
_MOST = 50


def turn_of(session: Session, mail: OutgoingMail) -> datetime | None:
    """Return when to look again (real time) while an earlier mail of the case has to go first.

    None when it is this mail's turn. One that can still be taken back holds up those after it, too;
    one that failed, was taken back or waits for a person does not.
    """
    if mail.case_id is None:
        return None
    earlier = select(OutgoingMail.id).where(
        OutgoingMail.case_id == mail.case_id,
        OutgoingMail.id < mail.id,
        OutgoingMail.state.in_(_UNDER_WAY),
    )
    keys = [job_key(number) for number in session.scalars(earlier.limit(_MOST))]
    due = jobs.due_times(session, keys) if keys else []
    if not due:
        return None
    return max([clock.real_now(session), *due]) + _LOOK_AGAIN
