"""When a mail says it was sent."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST = 100
_YEARS = range(1980, 2101)


def sent_at(header: str) -> datetime | None:
    """Return the time in UTC; None when it cannot be read or cannot be true."""
    try:
        found = parsedate_to_datetime(header[:_LONGEST])
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    return found if found.year in _YEARS else None
