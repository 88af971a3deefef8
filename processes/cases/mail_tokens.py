"""Signed tokens by which an answer finds its case.

A token stands in the Message-ID and, where the mailbox has plus addresses, in the Reply-To of every
mail of a case: `c`, 128 random bits, 80 bits only this house can make of them. It says nothing
about the case and cannot be guessed; a token whose signature is wrong is no token (reliability.md
C, correlation of a reply).
"""

import re
import secrets as random
from collections.abc import Iterable
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from processes.cases.models import Case
from processes.database import house
from processes.people import secrets

_KEY_BYTES = 16
_KEY, _SIGNATURE = 26, 16
_TOKEN = re.compile(rf"(?<![a-z0-9])c[0-9a-hjkmnp-tv-z]{{{_KEY + _SIGNATURE}}}(?![a-z0-9])")
_LONGEST_LOCAL_PART = 64
"""Characters before the @ (RFC 5321 4.5.3.1.1)."""
_SEARCHED = 20_000
"""Characters of one header; longer ones are hostile."""


def token(session: Session, case: Case) -> str:
    """Return the token of a case: 43 lower-case characters, the same for all its mails."""
    if case.mail_key is None:
        fresh = random.token_bytes(_KEY_BYTES)
        case.mail_key = secrets.letters(fresh, _KEY).lower()
    return f"c{case.mail_key}{_signature(session, case.mail_key)}"


def find_case(session: Session, headers: Iterable[str]) -> Case | None:
    """Return the case whose valid token stands first in the headers; None when none does."""
    for header in headers:
        for found in _TOKEN.findall(header[:_SEARCHED].lower()):
            key, signature = found[1 : 1 + _KEY], found[1 + _KEY :]
            if not secrets.same(signature, _signature(session, key)):
                continue
            case = session.scalars(select(Case).where(Case.mail_key == key)).one_or_none()
            if case is not None:
                return case
    return None


def message_id(session: Session, case: Case, domain: str) -> str:
    """Return a new Message-ID, without angle brackets, for a mail of the case."""
    return f"{token(session, case)}.{uuid4().hex}@{domain}"


def reply_address(session: Session, case: Case, address: str) -> str:
    """Return the address with the token, `name+token@domain`; as it is when it has no room."""
    local, _, domain = address.rpartition("@")
    marked = f"{local}+{token(session, case)}"
    return f"{marked}@{domain}" if len(marked) <= _LONGEST_LOCAL_PART else address


def _signature(session: Session, key: str) -> str:
    digest = secrets.keyed(house(session).secret_key, "mail-token", key)
    return secrets.letters(digest, _SIGNATURE).lower()
