"""Codes that open one case: mailed when the portal is switched on, stored as fingerprints."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.clock import utc_now
from processes.database import house
from processes.people import secrets
from processes.people.models import AccessCode, Contact

UNUSED_LIFE = timedelta(days=14)
"""A code nobody used is worth nothing after this, even when no process watches it."""

_LENGTH = 12
_DERIVE = "access-code"
_STORE = "access-code-fingerprint"
_LONGEST_INPUT = 40


def issue(session: Session, *, case_id: int, contact_id: int) -> AccessCode:
    """Make a new code for the case; codes made before open nothing any more."""
    revoke(session, case_id)
    key = house(session).secret_key
    nonce = secrets.new_nonce()
    row = AccessCode(
        case_id=case_id,
        contact_id=contact_id,
        nonce=nonce,
        fingerprint=secrets.fingerprint(key, _STORE, _plain(session, nonce)),
        created_at=utc_now(),
    )
    session.add(row)
    session.flush()
    return row


def current(session: Session, case_id: int) -> AccessCode | None:
    """Return the code that opens the case now."""
    return session.scalars(
        select(AccessCode).where(AccessCode.case_id == case_id, AccessCode.ended_at.is_(None))
    ).one_or_none()


def plaintext(session: Session, row: AccessCode) -> str:
    """Return the code as the customer reads it: 60 bits in three groups of four."""
    code = _plain(session, row.nonce)
    return "-".join(code[start : start + 4] for start in range(0, _LENGTH, 4))


def revoke(session: Session, case_id: int) -> None:
    """End every code of the case."""
    session.execute(
        update(AccessCode)
        .where(AccessCode.case_id == case_id, AccessCode.ended_at.is_(None))
        .values(ended_at=utc_now())
    )


def expire(session: Session, code_id: int) -> bool:
    """End a code that nobody ever used; returns whether it was still open."""
    ended = session.execute(
        update(AccessCode)
        .where(
            AccessCode.id == code_id,
            AccessCode.ended_at.is_(None),
            AccessCode.first_used_at.is_(None),
        )
        .values(ended_at=utc_now())
        .returning(AccessCode.id)
    )
    return ended.scalar() is not None


def find(session: Session, email: str, code: str) -> AccessCode | None:
    """Return the code's row if address and code belong together and the code is alive."""
    key = house(session).secret_key
    mark = secrets.fingerprint(key, _STORE, secrets.normal(code[:_LONGEST_INPUT]))
    found = session.execute(
        select(AccessCode, Contact).join(Contact).where(AccessCode.fingerprint == mark)
    ).one_or_none()
    if found is None:
        return None
    row: AccessCode = found[0]
    fits = found[1].email == email.strip().lower()
    return row if fits and _is_alive(row) else None


def use(session: Session, row: AccessCode) -> AccessCode:
    """Note that the code has been used; that proves the address is the customer's own."""
    row.first_used_at = row.first_used_at or utc_now()
    session.get_one(Contact, row.contact_id).email_verified = True
    return row


def _is_alive(row: AccessCode) -> bool:
    if row.ended_at is not None:
        return False
    return row.first_used_at is not None or utc_now() - row.created_at < UNUSED_LIFE


def _plain(session: Session, nonce: str) -> str:
    return secrets.letters(secrets.keyed(house(session).secret_key, _DERIVE, nonce), _LENGTH)
