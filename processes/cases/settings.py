"""House rules that admins change while we run; every change is written down."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.clock import utc_now
from engine.errors import InvalidInputError
from processes.cases import changes
from processes.cases.models import Setting, SettingChange
from processes.people.models import LANGUAGES

STANDARD_MESSAGE = "standard_message"
"""Text of the first mail, by language."""
AUTOMATIC_MAIL = "automatic_mail"
"""Whether new cases send automatic mail."""
PORTAL = "portal"
"""Whether classify offers the customer portal ticked."""
COMPANY = "company"
"""The name mails are signed with."""
TIMEZONE = "timezone"
"""The zone dates in mails are told in."""

DEFAULTS: dict[str, Any] = {
    STANDARD_MESSAGE: {
        "en": "Thank you for your message. We have read it and know who will help you.",
        "nl": "Bedankt voor uw bericht. We hebben het gelezen en weten wie u gaat helpen.",
        "de": "Vielen Dank für Ihre Nachricht. Wir haben sie gelesen und wissen, wer Ihnen hilft.",
    },
    AUTOMATIC_MAIL: True,
    PORTAL: True,
    COMPANY: "Casewright",
    TIMEZONE: "Europe/Amsterdam",
}
_LONGEST = 4_000
_RULES = "house_rules"
"""Key in `session.info`: the rules as this session has read them, once for all it does."""


def get(session: Session, key: str) -> Any:
    """Return the value of a house rule."""
    return _rules(session)[key]


def get_all(session: Session) -> dict[str, Any]:
    """Return every house rule with its value."""
    return dict(_rules(session))


def put(session: Session, key: str, value: Any, actor: str) -> None:
    """Change a house rule and write down who changed it from what to what."""
    before = get(session, key)
    if problem := _problem(key, value):
        raise InvalidInputError({key: [problem]})
    if value == before:
        return
    now = utc_now()
    row = session.get(Setting, key)
    if row is None:
        session.add(Setting(key=key, value=value, updated_by=actor, updated_at=now))
    else:
        row.value, row.updated_by, row.updated_at = value, actor, now
    _rules(session)[key] = value
    session.add(SettingChange(key=key, before=before, after=value, author=actor, at=now))
    changes.record(session, "settings")


def recent_changes(session: Session, limit: int = 50) -> list[SettingChange]:
    """Return the latest changes, newest first."""
    return list(
        session.scalars(select(SettingChange).order_by(SettingChange.id.desc()).limit(limit))
    )


def _rules(session: Session) -> dict[str, Any]:
    rules: dict[str, Any] | None = session.info.get(_RULES)
    if rules is None:
        stored = {row.key: row.value for row in session.scalars(select(Setting))}
        rules = {key: stored.get(key, value) for key, value in DEFAULTS.items()}
        session.info[_RULES] = rules
    return rules


def _problem(key: str, value: Any) -> str | None:
    """Return the code of what is wrong with a new value, or None."""
    if key not in DEFAULTS or type(value) is not type(DEFAULTS[key]):
        return "invalid"
    texts = value.values() if isinstance(value, dict) else [value]
    if isinstance(value, dict) and set(value) != set(LANGUAGES):
        return "invalid"
    if any(isinstance(text, str) and not 0 < len(text.strip()) <= _LONGEST for text in texts):
        return "required"
    return None
