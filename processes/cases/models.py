"""Tables of cases: the record itself, what it is sorted by, and what happened to it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.db import Base, Json, UtcDateTime, words
from processes.people.models import Contact, Organization, Staff

_WORD = 24
"""Characters of a column that stores one of a few words."""


class CaseStatus(StrEnum):
    """The five fixed states of a case, seen as a supplier; only diagrams move between them."""

    UNCLASSIFIED = "unclassified"
    IN_PROGRESS = "in_progress"
    WAITING_CUSTOMER = "waiting_customer"
    CLOSED = "closed"
    CLOSED_BY_ESCALATION = "closed_by_escalation"


class Priority(StrEnum):
    """The four fixed priorities, highest first."""

    URGENT = "urgent"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class RequestType(StrEnum):
    """What kind of help is asked for."""

    INFORMATION = "information"
    ACTION = "action"
    COMMENT = "comment"


class Channel(StrEnum):
    """How the customer reached us."""

    PORTAL = "portal"
    PHONE = "phone"
    COUNTER = "counter"
    FAX = "fax"
    EMAIL = "email"
    CHAT = "chat"
    MANUAL = "manual"


class ClosedBy(StrEnum):
    """Who ended the case."""

    AGENT = "agent"
    CUSTOMER = "customer"
    TIMER = "timer"


class Consent(StrEnum):
    """How the customer agreed to the end."""

    EXPLICIT = "explicit"
    SILENT = "silent"
    IMMEDIATE = "immediate"


class ActivityKind(StrEnum):
    """The entries of a timeline; `event` is what the product itself noted."""

    NOTE = "note"
    CONTACT = "contact"
    MAIL = "mail"
    MESSAGE = "message"
    TODO = "todo"
    EVENT = "event"


class Direction(StrEnum):
    """Seen from us."""

    IN = "in"
    OUT = "out"


class Queue(Base):
    """A list of work that a group of people keeps empty."""

    __tablename__ = "queue"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    names: Mapped[Any] = mapped_column(Json)
    """Name by language."""
    position: Mapped[int] = mapped_column(default=0)


class Category(Base):
    """A topic as customers see it."""

    __tablename__ = "category"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    names: Mapped[Any] = mapped_column(Json)
    """Name by language, in the customer's words."""
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    """Inactive: gone from forms, still on old cases."""
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))

    queue: Mapped[Queue] = relationship(lazy="raise")


class Subcategory(Base):
    """A finer topic within a category."""

    __tablename__ = "subcategory"
    __table_args__ = (UniqueConstraint("category_id", "key"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    key: Mapped[str] = mapped_column(String(40))
    names: Mapped[Any] = mapped_column(Json)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    default_priority: Mapped[Priority] = mapped_column(
        words(Priority, _WORD), default=Priority.MEDIUM
    )


class Case(Base):
    """What a customer asked and what people look for it by.

    What happens next is decided by the process instance, not here.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "ix_cases_open_assignee",
            "assignee_id",
            "updated_at",
            "id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_cases_open",
            "updated_at",
            "id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_cases_closed",
            "closed_at",
            "id",
            sqlite_where=text("closed_at IS NOT NULL"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
        Index(
            "ix_cases_unread",
            "assignee_id",
            sqlite_where=text("closed_at IS NULL AND unread = 1"),
            postgresql_where=text("closed_at IS NULL AND unread"),
        ),
        Index("ix_cases_contact", "contact_id", "updated_at"),
        Index("ix_cases_mail_key", "mail_key", unique=True),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    """What the customer quotes; random, with a check character."""
    process: Mapped[str] = mapped_column(String(60), default="request")
    """Each kind of case has a process of its own."""
    instance_id: Mapped[UUID | None] = mapped_column(index=True)
    """The running instance, or the last one."""
    channel: Mapped[Channel] = mapped_column(words(Channel, _WORD))
    status: Mapped[CaseStatus] = mapped_column(
        words(CaseStatus, _WORD), default=CaseStatus.UNCLASSIFIED
    )
    milestone: Mapped[str | None] = mapped_column(String(60))
    """The designer's name of the stage, as a key; names stand in `step`."""
    step: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """Where the process waits, in three languages; see `processes.cases.status`."""
    next_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the process will move on by itself (business time)."""
    priority: Mapped[Priority] = mapped_column(words(Priority, _WORD), default=Priority.MEDIUM)
    request_type: Mapped[RequestType | None] = mapped_column(words(RequestType, _WORD))
    is_complaint: Mapped[bool] = mapped_column(default=False)
    subject: Mapped[str] = mapped_column(String(200), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    """The working text; the customer's own words stay in `original_description`."""
    original_description: Mapped[str] = mapped_column(Text, default="")
    category_id: Mapped[int | None] = mapped_column(ForeignKey("category.id"))
    subcategory_id: Mapped[int | None] = mapped_column(ForeignKey("subcategory.id"))
    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    language: Mapped[str] = mapped_column(String(5), default="en")
    """The language we write to the customer in."""
    mailbox_id: Mapped[int | None] = mapped_column(ForeignKey("mailbox.id"))
    """Where it came in and its mails leave from; None: the house's own address."""
    mail_key: Mapped[str | None] = mapped_column(String(26))
    """128 random bits that its signed tokens are made of; see `processes.cases.mail_tokens`."""
    portal_enabled: Mapped[bool] = mapped_column(default=False)
    automatic_mail: Mapped[bool] = mapped_column(default=True)
    applied_solution_id: Mapped[int | None] = mapped_column(
        ForeignKey("activity.id", use_alter=True, name="fk_cases_applied_solution_id_activity")
    )
    """The final answer, as an entry of the timeline."""
    promised_close_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The date told to the customer (business time)."""
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None means open."""
    closed_by: Mapped[ClosedBy | None] = mapped_column(words(ClosedBy, _WORD))
    consent: Mapped[Consent | None] = mapped_column(words(Consent, _WORD))
    unread: Mapped[bool] = mapped_column(default=False)
    """The handler has not yet seen the latest word of the customer."""
    search_text: Mapped[str] = mapped_column(Text, default="", deferred=True)
    """Lower-case words the desk search looks through."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    assignee: Mapped[Staff | None] = relationship(lazy="raise")
    contact: Mapped[Contact | None] = relationship(lazy="raise")
    organization: Mapped[Organization | None] = relationship(lazy="raise")
    category: Mapped[Category | None] = relationship(lazy="raise")
    subcategory: Mapped[Subcategory | None] = relationship(lazy="raise")
    queue: Mapped[Queue | None] = relationship(lazy="raise")
    applied_solution: Mapped["Activity | None"] = relationship(
        lazy="raise", foreign_keys=[applied_solution_id]
    )

    @property
    def is_closed(self) -> bool:
        """Return whether work on the case has ended."""
        return self.closed_at is not None


class Activity(Base):
    """One entry of a case's timeline."""

    __tablename__ = "activity"
    __table_args__ = (Index("ix_activity_case", "case_id", "at", "id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Business time."""
    kind: Mapped[ActivityKind] = mapped_column(words(ActivityKind, _WORD))
    medium: Mapped[str] = mapped_column(String(20), default="")
    """portal, email, phone, counter, fax, chat or empty."""
    internal: Mapped[bool]
    """True: never shown to the customer."""
    direction: Mapped[Direction | None] = mapped_column(words(Direction, _WORD))
    author: Mapped[str] = mapped_column(String(60))
    author_name: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(String(300), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("outgoing_mail.id"))
    """The mail it shows, when it went out."""
    incoming_mail_id: Mapped[int | None] = mapped_column(ForeignKey("incoming_mail.id"), index=True)
    """The mail it shows, when it came in."""
    data: Mapped[Any] = mapped_column(Json)
    """Facts for the sentence of an event, or the state of a todo."""


class Participant(Base):
    """Somebody who takes part in the mails of a case, and so may answer them without a token."""

    __tablename__ = "participant"
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    """In lower case."""
    name: Mapped[str] = mapped_column(String(120), default="")


class LinkKind(StrEnum):
    """How two cases belong together."""

    MAYBE = "maybe"
    """A mail hints at the other case without proof; an agent confirms or refuses it."""
    RELATED = "related"


class CaseLink(Base):
    """Two cases that have to do with each other."""

    __tablename__ = "case_link"
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    """The later one."""
    other_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, index=True)
    kind: Mapped[LinkKind] = mapped_column(words(LinkKind, _WORD))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Business time."""


class Setting(Base):
    """One house rule that admins may change while we run."""

    __tablename__ = "setting"
    key: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(Json)
    updated_by: Mapped[str] = mapped_column(String(60))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SettingChange(Base):
    """Who changed which house rule, from what to what."""

    __tablename__ = "setting_change"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    before: Mapped[Any] = mapped_column(Json)
    after: Mapped[Any] = mapped_column(Json)
    author: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Change(Base):
    """A line of the live feed: something that open pages may want to show anew."""

    __tablename__ = "change"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """Real time."""
    topic: Mapped[str] = mapped_column(String(40))
    """case, desk, staff:<id>, outbox, settings …"""
    ref: Mapped[str] = mapped_column(String(60))
    """The case id, or empty."""
