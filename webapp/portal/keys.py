"""Keys in public forms: whoever holds one has had our page, and each counts once.

A key is signed and carries its time of issue, so that a form needs no session and no cookie.
"""

import secrets as random
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from sqlalchemy.orm import Session

from engine.clock import utc_now
from processes.people import rate_limits, secrets
from webapp.context import app

FIELD = "form_key"
"""Name of the hidden field."""
FASTEST = timedelta(seconds=2)
"""Nobody reads and fills in a form faster."""
OLDEST = timedelta(hours=12)

_PURPOSE = "portal-form"
_ONCE = rate_limits.Limit("portal-form", 1, timedelta(days=1))
_SHAPE = 3
_LONGEST = 200


class State(Enum):
    """What a key is good for."""

    GOOD = "good"
    FORGED = "forged"
    TOO_FAST = "too_fast"
    TOO_OLD = "too_old"


@dataclass(frozen=True)
class Key:
    """A key as it came back."""

    raw: str
    state: State


def issue() -> str:
    """Return a fresh key."""
    told = f"{random.token_hex(16)}.{int(utc_now().timestamp())}"
    return f"{told}.{_signature(told)}"


def read(raw: str) -> Key:
    """Return a key with what it is good for; anything may be given."""
    told, _, signature = raw[:_LONGEST].rpartition(".")
    genuine = raw.isascii() and raw.count(".") == _SHAPE - 1
    if not genuine or not secrets.same(signature, _signature(told)):
        return Key(raw, State.FORGED)
    age = utc_now().timestamp() - int(told.rpartition(".")[2])
    if age > OLDEST.total_seconds():
        return Key(raw, State.TOO_OLD)
    return Key(raw, State.TOO_FAST if age < FASTEST.total_seconds() else State.GOOD)


def spend(session: Session, raw: str) -> bool:
    """Return whether the key is used for the first time, in the transaction it is used in.

    Of several that use it at once the others wait here until the first has committed.
    """
    return rate_limits.hit(session, _ONCE, raw[:_LONGEST])


def _signature(told: str) -> str:
    return secrets.fingerprint(app().settings.secret_key, _PURPOSE, told)
