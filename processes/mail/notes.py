"""What a conversation tells of a mail that came in, beyond its words."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from processes.mail.models import IncomingMail

LONGEST_QUOTE = 4_000
"""Characters; the mail's own page has the whole."""


@dataclass(frozen=True)
class MailNote:
    """A mail, as its entry of the timeline names it."""

    id: int
    from_name: str
    from_address: str
    subject: str
    quoted: str
    """How the quoted text begins; empty when nothing was quoted."""
    has_html: bool
    unread: bool


def notes(session: Session, mail_ids: Iterable[int | None]) -> dict[int, MailNote]:
    """Return the notes of these mails by id, in one statement; none for no mails."""
    wanted = {mail_id for mail_id in mail_ids if mail_id is not None}
    if not wanted:
        return {}
    query = select(
        IncomingMail.id,
        IncomingMail.from_name,
        IncomingMail.from_address,
        IncomingMail.subject,
        func.substr(IncomingMail.quoted, 1, LONGEST_QUOTE + 1),
        IncomingMail.html != "",
        IncomingMail.unread,
    ).where(IncomingMail.id.in_(wanted))
    return {row[0]: MailNote(*row) for row in session.execute(query)}
