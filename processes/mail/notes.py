"""What a conversation tells of a mail that came in, beyond its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func

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


COLUMNS = (
    IncomingMail.id,
    IncomingMail.from_name,
    IncomingMail.from_address,
    IncomingMail.subject,
    func.substr(IncomingMail.quoted, 1, LONGEST_QUOTE + 1),
    IncomingMail.html != "",
    IncomingMail.unread,
)
"""Of a note, for a statement that reads it along."""


def note(values: Sequence[Any]) -> MailNote | None:
    """Return the note of these columns; None when there is no such mail."""
    return MailNote(*values) if values[0] is not None else None
