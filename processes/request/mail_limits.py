"""How much mail may act by itself; what is beyond waits for an agent, and nothing is lost."""

from datetime import timedelta

from sqlalchemy.orm import Session

from processes.cases.models import Case
from processes.database import house
from processes.mail.models import Mailbox
from processes.people.rate_limits import Limit, hit

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def too_many(session: Session, sender: str, mailbox: Mailbox | None) -> str:
    """Count a new case and return the code of the limit it breaks; empty while all is well."""
    rules = house(session)
    hourly = Limit("mail-sender-hour", rules.mail_sender_hourly, _HOUR)
    daily = Limit("mail-sender-day", rules.mail_sender_daily, _DAY)
    if not (hit(session, hourly, sender) and hit(session, daily, sender)):
        return "too_many_from_sender"
    whole = Limit("mail-mailbox", rules.mail_mailbox_hourly, _HOUR)
    if not hit(session, whole, mailbox.address if mailbox else ""):
        return "too_many_for_mailbox"
    return ""


def may_join(session: Session, case: Case) -> bool:
    """Count a mail that joins a case and return whether it may."""
    limit = Limit("mail-case", house(session).mail_case_hourly, _HOUR)
    return hit(session, limit, str(case.id))
