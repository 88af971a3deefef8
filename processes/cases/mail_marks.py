"""Which mails are read: marks that all agents share (COV-15), told to every open page."""

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from processes.cases import changes
from processes.cases.models import Case
from processes.mail.models import IncomingMail

TOPIC = "mail"
"""Of the live feed: a mail has come, or something became of it; the ref is its id."""


def mark_read(session: Session, *mails: IncomingMail) -> None:
    """Note that somebody has read these mails: they are read for everybody."""
    _mark(session, [mail.id for mail in mails if mail.unread], unread=False)


def mark_case_read(session: Session, case: Case) -> None:
    """Note that somebody has read the mails of a case, on its page."""
    unread = select(IncomingMail.id).where(IncomingMail.case_id == case.id, IncomingMail.unread)
    _mark(session, session.scalars(unread).all(), unread=False)


def mark_unread(session: Session, mail: IncomingMail) -> None:
    """Put the mail back among the unread ones, for everybody."""
    _mark(session, [] if mail.unread else [mail.id], unread=True)


def tell(session: Session, mail_id: int) -> None:
    """Let every page that shows the mail show it anew."""
    changes.record(session, TOPIC, mail_id)


def _mark(session: Session, mail_ids: Sequence[int], *, unread: bool) -> None:
    if not mail_ids:
        return
    session.execute(update(IncomingMail).where(IncomingMail.id.in_(mail_ids)).values(unread=unread))
    for mail_id in mail_ids:
        tell(session, mail_id)
