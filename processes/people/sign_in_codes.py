"""Eight digits for the portal's door: one browser, ten minutes, five tries, used once."""

from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from engine.clock import utc_now
from processes.database import house
from processes.people import secrets
from processes.people.models import Contact, SignInCode

LIFE = timedelta(minutes=10)
TRIES = 5

_LENGTH = 8
_DERIVE = "sign-in-code"
_STORE = "sign-in-code-fingerprint"
_BROWSER = "sign-in-browser"
_LONGEST_INPUT = 20


def issue(session: Session, *, email: str, browser: str) -> SignInCode:
    """Write down a code for this browser; also for an address nobody has.

    Earlier codes of the same browser are worth nothing any more.
    """
    key = house(session).secret_key
    mark = secrets.fingerprint(key, _BROWSER, browser)
    session.execute(delete(SignInCode).where(SignInCode.browser_hash == mark))
    address = email.strip().lower()
    contact_id = session.scalar(select(Contact.id).where(Contact.email == address))
    nonce = secrets.new_nonce()
    row = SignInCode(
        browser_hash=mark,
        email=address,
        contact_id=contact_id,
        nonce=nonce,
        fingerprint=secrets.fingerprint(key, _STORE, _plain(session, nonce)),
        expires_at=utc_now() + LIFE,
    )
    session.add(row)
    session.flush()
    return row


def plaintext(session: Session, row: SignInCode) -> str:
    """Return the eight digits."""
    return _plain(session, row.nonce)


def redeem(session: Session, *, browser: str, code: str) -> Contact | None:
    """Return the contact whose address the code proves, once; None in every other case.

    A wrong code costs one try, so the caller must commit also when this returns None.
    """
    key = house(session).secret_key
    row = session.scalars(
        select(SignInCode).where(
            SignInCode.browser_hash == secrets.fingerprint(key, _BROWSER, browser)
        )
    ).one_or_none()
    given = secrets.fingerprint(key, _STORE, secrets.normal(code[:_LONGEST_INPUT]))
    if row is None or not _take_try(session, row.id) or not secrets.same(row.fingerprint, given):
        return None
    if row.contact_id is None or not _use_up(session, row.id):
        return None
    contact = session.get_one(Contact, row.contact_id)
    contact.email_verified = True
    return contact


def forget_old(session: Session) -> int:
    """Delete codes that are over; returns how many."""
    gone = session.execute(delete(SignInCode).where(SignInCode.expires_at < utc_now()))
    return int(getattr(gone, "rowcount", 0))


def _take_try(session: Session, row_id: int) -> bool:
    """Count one try in the database itself, so that parallel guesses share the five."""
    taken = session.execute(
        update(SignInCode)
        .where(
            SignInCode.id == row_id,
            SignInCode.tries < TRIES,
            SignInCode.used_at.is_(None),
            SignInCode.expires_at > utc_now(),
        )
        .values(tries=SignInCode.tries + 1)
        .returning(SignInCode.id)
    )
    return taken.scalar() is not None


def _use_up(session: Session, row_id: int) -> bool:
    used = session.execute(
        update(SignInCode)
        .where(SignInCode.id == row_id, SignInCode.used_at.is_(None))
        .values(used_at=utc_now())
        .returning(SignInCode.id)
    )
    return used.scalar() is not None


def _plain(session: Session, nonce: str) -> str:
    return secrets.digits(secrets.keyed(house(session).secret_key, _DERIVE, nonce), _LENGTH)
