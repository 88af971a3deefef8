"""Forms that were sent already: a second press of a button does nothing twice."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.clock import utc_now
from engine.db import Base, UtcDateTime

_KEPT = timedelta(days=2)


class Submission(Base):
    """A form that was accepted, and what came of it."""

    __tablename__ = "submission"
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    ref: Mapped[str] = mapped_column(String(60), default="")
    """What the form made, to lead a second press there."""
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """Real time."""


def new_key() -> str:
    """Return a fresh key for the hidden field of one drawn form."""
    return secrets.token_urlsafe(16)


def accept(session: Session, key: str, *content: str) -> Submission | None:
    """Return a row for what comes of a form; None when the same form came before.

    Key and content together make a form the same: whoever goes back and writes something else
    means it. Two at the same moment wait for each other. A form without a key is always new.
    """
    fingerprint = _fingerprint(key or new_key(), content)
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = dialect.insert(Submission).values(fingerprint=fingerprint, ref="", at=utc_now())
    accepted = session.execute(
        row.on_conflict_do_nothing(index_elements=[Submission.fingerprint]).returning(
            Submission.fingerprint
        )
    ).one_or_none()
    if accepted is None:
        return None
    _forget_old(session)
    return session.get_one(Submission, fingerprint)


def ref_of(session: Session, key: str, *content: str) -> str:
    """Return what came of a form that was sent before."""
    query = select(Submission.ref).where(Submission.fingerprint == _fingerprint(key, content))
    return session.scalar(query) or ""


def _forget_old(session: Session) -> None:
    """Delete what nobody sends a second time any more."""
    session.execute(delete(Submission).where(Submission.at < utc_now() - _KEPT))


def _fingerprint(key: str, content: tuple[str, ...]) -> str:
    told = "\0".join((key, *content)).encode(errors="surrogatepass")
    return hashlib.sha256(told).hexdigest()
