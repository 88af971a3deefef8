"""Tables of people: staff, contacts, organisations, codes, sessions, rate limits."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.db import Base, Json, UtcDateTime, words

LANGUAGES = ("en", "nl", "de")


class Role(StrEnum):
    """What a member of staff is here for."""

    AGENT = "agent"
    SUPERUSER = "superuser"
    FAQ_NEWS = "faq_news"
    DESIGNER = "designer"
    ADMIN = "admin"


class SessionKind(StrEnum):
    """The two sides of the counter; a session of one opens nothing of the other."""

    DESK = "desk"
    PORTAL = "portal"


class Staff(Base):
    """Somebody who works here."""

    __tablename__ = "staff"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254))
    password_hash: Mapped[str] = mapped_column(String(255), deferred=True)
    role: Mapped[Role] = mapped_column(words(Role, 12))
    locale: Mapped[str] = mapped_column(String(5), default="en")
    timezone: Mapped[str] = mapped_column(String(60), default="Europe/Amsterdam")
    theme: Mapped[str] = mapped_column(String(10), default="system")
    """system, light or dark."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def actor(self) -> str:
        """Return how history names this person."""
        return f"staff:{self.id}"


class Organization(Base):
    """A company that customers belong to."""

    __tablename__ = "organization"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(160), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Contact(Base):
    """A customer: a person we write to."""

    __tablename__ = "contact"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    """In lower case; one contact per address."""
    email_verified: Mapped[bool] = mapped_column(default=False)
    """True once a code mailed to the address has come back."""
    bounced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Business time of the last mail that could not be delivered; None once one arrives."""
    bounce: Mapped[str | None] = mapped_column(String(500))
    """What the server said."""
    phone: Mapped[str] = mapped_column(String(40), default="")
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    language: Mapped[str] = mapped_column(String(5), default="en")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    organization: Mapped[Organization | None] = relationship(lazy="raise")

    @property
    def actor(self) -> str:
        """Return how history names this person."""
        return f"contact:{self.id}"


class AccessCode(Base):
    """The mailed code that opens one case; only a fingerprint is stored."""

    __tablename__ = "access_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"), index=True)
    nonce: Mapped[str] = mapped_column(String(64))
    """From it and the secret key the code can be made again, never from the table alone."""
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Expired or revoked; opens nothing any more."""


class SignInCode(Base):
    """Eight digits asked for at the portal's door; for one browser and ten minutes."""

    __tablename__ = "sign_in_code"
    id: Mapped[int] = mapped_column(primary_key=True)
    browser_hash: Mapped[str] = mapped_column(String(64), index=True)
    email: Mapped[str] = mapped_column(String(254))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    """None for an unknown address: the row exists all the same, so that the answer does too."""
    nonce: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebSession(Base):
    """A signed-in browser; the id is stored hashed and means nothing outside the cookie."""

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_expires_at", "expires_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    id_hash: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[SessionKind] = mapped_column(words(SessionKind, 8))
    data: Mapped[Any] = mapped_column(Json, default=dict)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    """Set when the session came from a case's code: it opens that case only."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RateBucket(Base):
    """How often something happened in a window of time; counted by the database itself."""

    __tablename__ = "rate_bucket"
    __table_args__ = (UniqueConstraint("subject", "window_start"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(120))
    """What is limited and for whom, hashed: no addresses are kept here."""
    window_start: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    hits: Mapped[int] = mapped_column(default=0)
