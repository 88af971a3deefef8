"""Tables of mail: where it comes in, what came, what goes out."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.db import Base, Json, UtcDateTime, words
from processes.people.models import Staff

LONGEST_MESSAGE_ID = 500
"""Characters; what a longer one begins with is kept."""
LONGEST_SUBJECT = 300


class Security(StrEnum):
    """How a connection to a mail server is protected."""

    TLS = "tls"
    """From the first byte."""
    STARTTLS = "starttls"
    NONE = "none"
    """For servers on this machine only."""


class Intake(StrEnum):
    """What becomes of a new mail that belongs to no case."""

    CASE = "case"
    """It becomes a case by itself."""
    INBOX = "inbox"
    """It waits for an agent to say."""


class Mailbox(Base):
    """An address customers write to, who looks after it, and the servers behind it (COV-04…07)."""

    __tablename__ = "mailbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(254), unique=True)
    """In lower case."""
    sender_name: Mapped[str] = mapped_column(String(120))
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    """The one who looks after the shared folder and the canned texts (COV-07)."""
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    """Where its new cases go."""
    language: Mapped[str] = mapped_column(String(5), default="en")
    """Of new cases whose language cannot be told."""
    intake: Mapped[Intake] = mapped_column(words(Intake, 8), default=Intake.CASE)
    active: Mapped[bool] = mapped_column(default=True)
    plus_addresses: Mapped[bool] = mapped_column(default=True)
    """Whether `name+anything@` reaches it, so that answers can carry a signed token."""
    trusted_host: Mapped[str] = mapped_column(String(254), default="")
    """Its receiving server's name in Authentication-Results (RFC 8601); empty: not believed."""
    imap_host: Mapped[str] = mapped_column(String(254), default="")
    """Empty: nothing is fetched."""
    imap_port: Mapped[int] = mapped_column(default=993)
    imap_security: Mapped[Security] = mapped_column(
        words(Security, 8, "imap_security"), default=Security.TLS
    )
    imap_user: Mapped[str] = mapped_column(String(254), default="")
    imap_password: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    """Encrypted with a key that is not in the database."""
    folder: Mapped[str] = mapped_column(String(200), default="INBOX")
    """The one that is watched."""
    done_folder: Mapped[str] = mapped_column(String(200), default="")
    """Where fetched mails are moved to; empty: they stay, marked as read."""
    smtp_host: Mapped[str] = mapped_column(String(254), default="")
    """Empty: its mails leave by the house's own server (SMTP_URL)."""
    smtp_port: Mapped[int] = mapped_column(default=465)
    smtp_security: Mapped[Security] = mapped_column(
        words(Security, 8, "smtp_security"), default=Security.TLS
    )
    smtp_user: Mapped[str] = mapped_column(String(254), default="")
    smtp_password: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    """Encrypted with a key that is not in the database."""
    uid_validity: Mapped[int | None] = mapped_column(BigInteger)
    """Of the watched folder, as last seen (RFC 3501 2.3.1.1)."""
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    """The highest number that was stored; larger ones are new."""
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Real time of the last look that went well."""
    fetch_error: Mapped[str] = mapped_column(Text, default="")
    """In words; empty while all is well."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    owner: Mapped[Staff] = relationship(lazy="raise")


class MailboxAlias(Base):
    """A further address of a mailbox, with a rule of its own (COV-05, COV-16)."""

    __tablename__ = "mailbox_alias"
    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[int] = mapped_column(ForeignKey("mailbox.id"), index=True)
    """Whose address it is: an alias belongs to exactly one mailbox, and so to its owner."""
    address: Mapped[str] = mapped_column(String(254), unique=True)
    """In lower case."""
    folder: Mapped[str] = mapped_column(String(80), default="")
    """The shared folder its mail is filed in without hands; empty: treated as the mailbox's."""
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id"))
    """Where its new cases go; None: where the mailbox's go."""


class MailKind(StrEnum):
    """What an incoming mail is; only what a person wrote makes, wakes or reopens a case."""

    PERSON = "person"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    LIST = "list"
    OWN = "own"
    """Our own mail that came back."""


class IncomingState(StrEnum):
    """What became of an incoming mail."""

    STORED = "stored"
    """Kept; not yet looked at."""
    NEW_CASE = "new_case"
    REPLY = "reply"
    FILED = "filed"
    """Put aside: automatic, not a case, or its rule says so."""
    WAITING = "waiting"
    """In the inbox, for an agent to say."""
    QUARANTINED = "quarantined"
    """Cannot be read, or is not safe to; kept whole, with the reason."""


class IncomingMail(Base):
    """A mail as it came. The raw message is stored, and committed, before anything looks at it."""

    __tablename__ = "incoming_mail"
    __table_args__ = (
        UniqueConstraint("origin", "sha256", name="uq_incoming_mail_contents"),
        UniqueConstraint("origin", "uid_validity", "uid", name="uq_incoming_mail_number"),
        Index("ix_incoming_mail_state", "state", "id"),
        Index("ix_incoming_mail_folder", "folder", "id"),
        Index(
            "ix_incoming_mail_unread",
            "state",
            sqlite_where=text("unread = 1"),
            postgresql_where=text("unread"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[int] = mapped_column(default=0)
    """The mailbox it was fetched for, or 0; never NULL, so that a mail is unique within it."""
    mailbox_id: Mapped[int | None] = mapped_column(ForeignKey("mailbox.id"))
    alias_id: Mapped[int | None] = mapped_column(ForeignKey("mailbox_alias.id"))
    uid_validity: Mapped[int | None] = mapped_column(BigInteger)
    uid: Mapped[int | None] = mapped_column(BigInteger)
    """Its number on the server; None when it was fed by hand."""
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"))
    """The raw message, as a stored file."""
    digest: Mapped[str] = mapped_column(String(64), default="", index=True)
    """Of sender, Message-ID and contents: the same for a mail that came by two ways."""
    message_id: Mapped[str] = mapped_column(String(LONGEST_MESSAGE_ID), default="", index=True)
    """Without the angle brackets, as all message ids here; empty when it has none."""
    references: Mapped[Any] = mapped_column(Json, default=list)
    """Message ids it answers, oldest first, of In-Reply-To and References."""
    from_address: Mapped[str] = mapped_column(String(254), default="", index=True)
    from_name: Mapped[str] = mapped_column(String(120), default="")
    recipients: Mapped[Any] = mapped_column(Json, default=dict)
    """`{"to": [[name, address], …], "cc": […]}` as the sender wrote them."""
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT), default="")
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """What the sender's clock said."""
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Business time at which it was stored."""
    text: Mapped[str] = mapped_column(Text, default="", deferred=True)
    """The writer's own words."""
    quoted: Mapped[str] = mapped_column(Text, default="", deferred=True)
    """What was quoted, folded away but never thrown away."""
    html: Mapped[str] = mapped_column(Text, default="", deferred=True)
    """Cleaned; empty when there is only plain text."""
    kind: Mapped[MailKind] = mapped_column(words(MailKind, 12), default=MailKind.PERSON)
    state: Mapped[IncomingState] = mapped_column(
        words(IncomingState, 12), default=IncomingState.STORED
    )
    why: Mapped[str] = mapped_column(String(60), default="")
    """A code; pages make a sentence of it."""
    folder: Mapped[str] = mapped_column(String(80), default="")
    """The shared folder of an alias."""
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    maybe_case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    """A case it may belong to, without proof."""
    unread: Mapped[bool] = mapped_column(default=True)
    """By anybody: the folder is shared."""
    handled_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Real time."""

    handled_by: Mapped[Staff | None] = relationship(lazy="raise")
    mailbox: Mapped[Mailbox | None] = relationship(lazy="raise")


class CannedText(Base):
    """A ready text agents put into their mails; its mailbox's owner looks after it (COV-07)."""

    __tablename__ = "canned_text"
    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox_id: Mapped[int | None] = mapped_column(ForeignKey("mailbox.id"), index=True)
    """None: for mails of every mailbox."""
    name: Mapped[str] = mapped_column(String(80))
    texts: Mapped[Any] = mapped_column(Json)
    """Text by language; `{{customer_name}}` and a few other names are replaced, nothing else."""
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    updated_by: Mapped[str] = mapped_column(String(60))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MailState(StrEnum):
    """Where a mail is on its way out."""

    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    NOT_SENT = "not_sent"
    """No mail server is configured; the outbox page shows it."""
    CANCELLED = "cancelled"
    """Taken back within the seconds in which that is possible, or of no use any more."""
    UNCERTAIN = "uncertain"
    """Begun when its worker died, and of a kind that must not arrive twice."""


class OutgoingMail(Base):
    """A mail as it was written, sent later by a worker."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (Index("ix_outgoing_mail_state", "state", "created_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    """Fixed when the mail is written: sent twice it is still one message. No angle brackets."""
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    mailbox_id: Mapped[int | None] = mapped_column(ForeignKey("mailbox.id"))
    """By which it leaves; None: by the house's own server."""
    template: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(5))
    automatic: Mapped[bool]
    """True for what no person wrote."""
    to_address: Mapped[str] = mapped_column(String(254))
    to_name: Mapped[str] = mapped_column(String(120))
    from_address: Mapped[str] = mapped_column(String(254))
    from_name: Mapped[str] = mapped_column(String(120))
    reply_to: Mapped[str] = mapped_column(String(254), default="")
    """Carries the signed token of the case where the mailbox has plus addresses."""
    cc: Mapped[Any] = mapped_column(Json, default=list)
    """`[[name, address], …]`."""
    bcc: Mapped[Any] = mapped_column(Json, default=list)
    """Told to the server, never to the readers."""
    in_reply_to: Mapped[str] = mapped_column(String(LONGEST_MESSAGE_ID), default="")
    references: Mapped[Any] = mapped_column(Json, default=list)
    """Message ids without angle brackets, oldest first (RFC 5322 3.6.4)."""
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(String(40), default="")
    """The code written in the text, until it is blanked."""
    secret_blanked: Mapped[bool] = mapped_column(default=False)
    state: Mapped[MailState] = mapped_column(words(MailState, 10), default=MailState.READY)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Business time."""
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(Text)
    bounced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Business time at which a server told us that it could not be delivered."""
    bounce: Mapped[str] = mapped_column(Text, default="")
    """What that server said."""
