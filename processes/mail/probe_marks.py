"""How a mail of the Test button is told from a customer's: by a mark only this house can make."""

import secrets
from email.parser import BytesHeaderParser
from email.policy import compat32

from processes.config import Settings
from processes.people.secrets import fingerprint, same

HEADER = "X-Casewright-Test"
_PURPOSE = "mailbox test"
_HEAD_BYTES = 64 * 1024


def new_mark(settings: Settings) -> str:
    """Return a mark for one test mail: random, signed."""
    nonce = secrets.token_hex(12)
    return f"{nonce}.{_sign(settings, nonce)}"


def is_probe(settings: Settings, raw: bytes) -> bool:
    """Tell whether a raw mail is one of our own tests; a mark that was made up is none."""
    return mark_of(settings, raw) is not None


def mark_of(settings: Settings, raw: bytes) -> str | None:
    """Return the mark of a test mail; None for any other mail."""
    if HEADER.lower().encode() not in raw[:_HEAD_BYTES].lower():
        return None
    found = BytesHeaderParser(policy=compat32).parsebytes(raw[:_HEAD_BYTES]).get(HEADER)
    mark = str(found or "").strip()
    nonce, _, signature = mark.partition(".")
    return mark if signature and same(signature, _sign(settings, nonce)) else None


def _sign(settings: Settings, nonce: str) -> str:
    return fingerprint(settings.secret_key, _PURPOSE, nonce)[:32]
