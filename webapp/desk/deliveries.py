"""How far a mail has come, as an agent reads it at its entry."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from processes.cases.desk import Entry
from processes.cases.policies import is_held
from processes.mail.models import MailState
from processes.mail.resending import can_be_sent_again
from processes.people.models import Staff
from webapp.i18n import localtime
from webapp.words import word

_SYMBOLS = {MailState.SENT: "check", MailState.READY: "clock", MailState.SENDING: "send"}
_WRONG = {MailState.FAILED, MailState.NOT_SENT, MailState.UNCERTAIN}


@dataclass(frozen=True)
class Delivery:
    """Where a mail is, and what can be done about it."""

    look: str
    """The state, or `held` or `bounced`."""
    words: str
    symbol: str
    told: str
    """The server's words, when something went wrong; else empty."""
    leaves_at: datetime | None
    """Real time until which its writer can take it back; None when nobody can."""
    can_be_sent_again: bool
    copies: str
    """Who else got it, by name or address."""


def delivery(entry: Entry, reader: Staff) -> Delivery | None:
    """Return how far the mail of an entry has come; None when it is no mail of ours."""
    state = entry.mail_state
    if state is None:
        return None
    bounced = entry.bounced_at is not None
    until = _held_until(entry, reader)
    look = "held" if until else "bounced" if bounced else state.value
    wrong = bounced or state in _WRONG
    return Delivery(
        look=look,
        words=_words(entry, look),
        symbol="alert" if wrong else _SYMBOLS.get(state, "clock"),
        told=(entry.bounce or "") if bounced else (entry.mail_error or ""),
        leaves_at=until,
        can_be_sent_again=can_be_sent_again(state, bounced=bounced),
        copies=", ".join(name or address for name, address in entry.copies),
    )


def _words(entry: Entry, look: str) -> str:
    if look == "held":
        return gettext("Goes out in a moment")
    if look == "bounced":
        return gettext("Could not be delivered")
    if look == MailState.SENT and entry.sent_at is not None:
        return gettext("Sent %(moment)s", moment=localtime(entry.sent_at))
    return word(look, "mail_state")


def _held_until(entry: Entry, reader: Staff) -> datetime | None:
    activity = entry.activity
    can_take_back = entry.mail_state is MailState.READY and activity.author == reader.actor
    if not can_take_back or not is_held(activity):
        return None
    return datetime.fromisoformat(activity.data["held_until"])
