"""Tables of files: what is kept, and where it is attached."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.db import Base, UtcDateTime, words


class PreviewState(StrEnum):
    """Whether a small picture of a file can be shown."""

    NONE = "none"
    """There is none for this kind of file, or none could be made."""
    WANTED = "wanted"
    """A worker makes it soon."""
    READY = "ready"


class StoredFile(Base):
    """Some bytes the store keeps, once, whoever sent them how often."""

    __tablename__ = "stored_file"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Of the bytes, in hexadecimal: also their name in the store."""
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    media_type: Mapped[str] = mapped_column(String(100))
    """What the bytes themselves say they are; what the sender claimed is not kept."""
    preview: Mapped[PreviewState] = mapped_column(words(PreviewState, 8), default=PreviewState.NONE)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """Real time."""


class Attachment(Base):
    """A stored file at one place: a mail that came, an entry of a timeline, a mail that goes.

    Without any of them it was uploaded for something not yet sent; a nightly cleaning removes it
    when nobody sends it.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        Index(
            "ix_attachment_loose",
            "created_at",
            sqlite_where=text("activity_id IS NULL AND incoming_mail_id IS NULL"),
            postgresql_where=text("activity_id IS NULL AND incoming_mail_id IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    """128 random bits that stand in addresses; whoever knows them still needs the right."""
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_file.sha256"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    """As shown and offered for saving: no folders, no control or invisible characters."""
    content_id: Mapped[str] = mapped_column(String(250), default="")
    """By which the HTML of its mail shows it; without the angle brackets."""
    inline: Mapped[bool] = mapped_column(default=False)
    """Part of the text, as a logo is; not listed among the attachments."""
    incoming_mail_id: Mapped[int | None] = mapped_column(ForeignKey("incoming_mail.id"), index=True)
    outgoing_mail_id: Mapped[int | None] = mapped_column(ForeignKey("outgoing_mail.id"), index=True)
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id"), index=True)
    """The entry that decides who may read it."""
    uploaded_by: Mapped[str] = mapped_column(String(60), default="")
    """The actor whose upload it was: `staff:4`, `contact:9`; empty when it came by mail."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Real time."""

    file: Mapped[StoredFile] = relationship(lazy="raise")
