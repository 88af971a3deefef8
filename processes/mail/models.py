"""The table of outgoing mail."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Enum, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, UtcDateTime


class MailState(StrEnum):
    """Where a mail is on its way out."""

    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    NOT_SENT = "not_sent"
    """No mail server is configured; the outbox page shows it."""


class OutgoingMail(Base):
    """A mail as it was written, sent later by a worker."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (Index("ix_outgoing_mail_state", "state", "created_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    """Fixed when the mail is written: sent twice it is still one message."""
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    template: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(5))
    automatic: Mapped[bool]
    """True for what no person wrote."""
    to_address: Mapped[str] = mapped_column(String(254))
    to_name: Mapped[str] = mapped_column(String(120))
    from_address: Mapped[str] = mapped_column(String(254))
    from_name: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(String(40), default="")
    """The code written in the text, until it is blanked."""
    secret_blanked: Mapped[bool] = mapped_column(default=False)
    state: Mapped[MailState] = mapped_column(
        Enum(
            MailState,
            native_enum=False,
            length=10,
            create_constraint=True,
            values_callable=lambda kind: [member.value for member in kind],
        ),
        default=MailState.READY,
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Business time."""
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(Text)
