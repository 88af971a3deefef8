"""What becomes of a mail that comes late, or was being sent when its worker died.

Whether the server took it is not known then (reliability.md C). Most mails are sent again under
the same Message-ID, so that they are still one; some are not.
"""

from datetime import timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from engine import clock
from processes.database import house
from processes.mail.models import MailState, OutgoingMail
from processes.people.sign_in_codes import LIFE

_USEFUL_FOR = {"portal_access/sign_in_code": LIFE}
"""Mails that say nothing any more after a while, by template."""


class Fate(StrEnum):
    """What is done with a mail whose turn it is."""

    SEND = "send"
    DROP = "drop"
    """It is of no use to its reader any more."""
    ASK = "ask"
    """It may have been sent and must not arrive twice: a person decides."""


def fate(session: Session, mail: OutgoingMail) -> Fate:
    """Return what is to be done with a mail whose turn it is."""
    useful_for = _USEFUL_FOR.get(mail.template)
    if useful_for is not None and _age(session, mail) > useful_for:
        return Fate.DROP
    begun = mail.state is MailState.SENDING
    return Fate.ASK if begun and mail.template in house(session).mail_once else Fate.SEND


def _age(session: Session, mail: OutgoingMail) -> timedelta:
    return clock.business_now(session) - mail.created_at
