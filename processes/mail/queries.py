"""Reading the outbox."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from processes.mail.models import MailState, OutgoingMail


def outbox(
    session: Session, *, state: MailState | None = None, page: int = 1, per_page: int = 50
) -> tuple[Sequence[OutgoingMail], bool]:
    """Return one page of mails, newest first, and whether there are more."""
    query = select(OutgoingMail).order_by(OutgoingMail.id.desc())
    if state is not None:
        query = query.where(OutgoingMail.state == state)
    rows = session.scalars(query.offset((page - 1) * per_page).limit(per_page + 1)).all()
    return rows[:per_page], len(rows) > per_page


def counts(session: Session) -> dict[MailState, int]:
    """Return how many mails stand in each state."""
    rows = session.execute(select(OutgoingMail.state, func.count()).group_by(OutgoingMail.state))
    found = {state: int(number) for state, number in rows}
    return {state: found.get(state, 0) for state in MailState}


def get_mail(session: Session, mail_id: int) -> OutgoingMail | None:
    """Return one mail."""
    return session.get(OutgoingMail, mail_id)
