"""Tables of the engine. Private: read them through `engine.queries`, change them by the verbs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.db import Base, Json, UtcDateTime

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A growing number; SQLite counts rows only in its own INTEGER type."""

DEDUPED = "dedupe_key IS NOT NULL"
READY: ColumnElement[str] = literal_column("'ready'")
"""Written out: a value that is bound lets neither database use an index of ready rows only."""


class ProcessDefinition(Base):
    """A process by name, whatever its versions."""

    __tablename__ = "process_definition"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    """The process id in the diagram."""
    name: Mapped[str] = mapped_column(String(200))
    active_version_id: Mapped[int | None]
    """What new instances start on; changed in the same transaction that deploys."""


class ProcessVersion(Base):
    """One bundle of files as it was deployed; never changed afterwards."""

    __tablename__ = "process_version"
    __table_args__ = (
        UniqueConstraint("definition_id", "version"),
        UniqueConstraint("definition_id", "bundle_hash", name="uq_process_version_bundle"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    definition_id: Mapped[int] = mapped_column(ForeignKey("process_definition.id"))
    version: Mapped[int]
    bundle_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 over names and contents of all files, called processes included."""
    files: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """Zip archive of the bundle, names as `<process>/<file>`."""
    findings: Mapped[Any] = mapped_column(Json)
    """Warnings the designer accepted by deploying."""
    comment: Mapped[str] = mapped_column(Text)
    deployed_by: Mapped[str] = mapped_column(String(60))
    deployed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ProcessInstance(Base):
    """A running or ended process; its state is the engine's own compact form."""

    __tablename__ = "process_instance"
    __table_args__ = (
        Index("ix_process_instance_key", "key"),
        Index("ix_process_instance_running", "status", "started_at"),
        {"postgresql_with": {"fillfactor": "75"}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("process_version.id"), index=True)
    process: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(100))
    """Business key: what messages are correlated by."""
    status: Mapped[str] = mapped_column(String(12))
    """running, completed or cancelled."""
    state: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    codec: Mapped[int] = mapped_column(SmallInteger)
    revision: Mapped[int]
    """Number of commands so far."""
    waiting_at: Mapped[Any] = mapped_column(Json)
    """Element ids the instance waits at, for lists and filters."""
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UserTask(Base):
    """A form that somebody has to complete; the id is the engine's own task id."""

    __tablename__ = "user_task"
    __table_args__ = (
        Index(
            "ix_user_task_instance",
            "instance_id",
            postgresql_where=text("status = 'ready'"),
            sqlite_where=text("status = 'ready'"),
        ),
        Index(
            "ix_user_task_ready",
            "lane",
            "created_at",
            postgresql_where=text("status = 'ready'"),
            sqlite_where=text("status = 'ready'"),
        ),
        Index(
            "ix_user_task_claimed",
            "claimed_by",
            postgresql_where=text("status = 'ready' AND claimed_by IS NOT NULL"),
            sqlite_where=text("status = 'ready' AND claimed_by IS NOT NULL"),
        ),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"))
    process: Mapped[str] = mapped_column(String(100))
    element_id: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    form_key: Mapped[str | None] = mapped_column(String(100))
    lane: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(10))
    """ready, completed or cancelled."""
    claimed_by: Mapped[str | None] = mapped_column(String(60))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    completed_by: Mapped[str | None] = mapped_column(String(60))
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Job(Base):
    """Work for later: a timer, a service call, a mail. The row is the truth, a bell is a hint."""

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ix_job_due",
            "kind",
            "due_at",
            postgresql_where=text("state = 'ready'"),
            sqlite_where=text("state = 'ready'"),
        ),
        Index("ix_job_instance", "instance_id"),
        Index(
            "uq_job_dedupe_key",
            "dedupe_key",
            unique=True,
            postgresql_where=text(DEDUPED),
            sqlite_where=text(DEDUPED),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    """timer, service, signal, mail; or one of the faces' and domain's own, as nightly."""
    instance_id: Mapped[UUID | None] = mapped_column(ForeignKey("process_instance.id"))
    task_id: Mapped[UUID | None]
    element_id: Mapped[str | None] = mapped_column(String(100))
    payload: Mapped[Any] = mapped_column(Json, nullable=True)
    dedupe_key: Mapped[str | None] = mapped_column(String(150))
    """One job a key; timers and service calls have none, their instance's row lock serves."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Business time for timers, real time for everything else."""
    state: Mapped[str] = mapped_column(String(10))
    """ready, done, incident or cancelled."""
    attempts: Mapped[int]
    """Counted at the claim, so that a job that kills its worker is counted too."""
    max_attempts: Mapped[int]
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(100))
    token: Mapped[int]
    """Raised by each claim; a finish with an older token is refused."""
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Subscription(Base):
    """A message or signal that an instance waits for."""

    __tablename__ = "subscription"
    __table_args__ = (Index("ix_subscription_message", "message", "key"),)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    element_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    message: Mapped[str] = mapped_column(String(100), primary_key=True)
    key: Mapped[str] = mapped_column(String(100))
    """The business key, or what the element says it is correlated by."""
    signal: Mapped[bool] = mapped_column(default=False)
    """True: a signal, which reaches everybody who waits, whatever the key."""


class StartSubscription(Base):
    """A message that starts an instance of a process on its active version."""

    __tablename__ = "start_subscription"
    __table_args__ = (Index("ix_start_subscription_message", "message"),)
    definition_id: Mapped[int] = mapped_column(
        ForeignKey("process_definition.id"), primary_key=True
    )
    message: Mapped[str] = mapped_column(String(100), primary_key=True)


class BufferedMessage(Base):
    """A message that came before any process waited for it; kept until it expires."""

    __tablename__ = "message_buffer"
    __table_args__ = (
        Index(
            "ix_message_buffer_open",
            "message",
            "key",
            postgresql_where=text("delivered_at IS NULL"),
            sqlite_where=text("delivered_at IS NULL"),
        ),
        Index("ix_message_buffer_expires_at", "expires_at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uid: Mapped[str] = mapped_column(String(200), unique=True)
    """The sender's own id: the same message twice is one message."""
    message: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(100))
    payload: Mapped[Any] = mapped_column(Json)
    actor: Mapped[str] = mapped_column(String(60))
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Real time, as are the others."""
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_to: Mapped[UUID | None]
    """The instance that got it."""


class HistoryEntry(Base):
    """What one command did: who, when, why, and each element entered and left, in order."""

    __tablename__ = "history"
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    """Number of the command in its instance, from 1 without a gap."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(60))
    cause: Mapped[str] = mapped_column(String(20))
    """start, task, message, timer, service, cancel or retry."""
    element_id: Mapped[str | None] = mapped_column(String(100))
    """Where the cause applied."""
    steps: Mapped[Any] = mapped_column(Json)
    """The elements entered, completed and cancelled, as `engine.history` writes them."""


class Incident(Base):
    """Something that needs a person: a failed operation, a job that gave up, what got stuck."""

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_instance", "instance_id"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    instance_id: Mapped[UUID | None] = mapped_column(ForeignKey("process_instance.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id", ondelete="SET NULL"))
    element_id: Mapped[str | None] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    """operation (a person's command failed), job (retries are used up), or what the watch found:
    stuck, overdue, half_sent."""
    message: Mapped[str] = mapped_column(Text)
    """The real error, one line."""
    detail: Mapped[str] = mapped_column(Text)
    """Traceback for admins; holds no form contents."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by: Mapped[str | None] = mapped_column(String(60))


class WorkerBeat(Base):
    """A worker's sign of life, in real time."""

    __tablename__ = "worker_beat"
    name: Mapped[str] = mapped_column(String(150), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    detail: Mapped[Any] = mapped_column(Json)
    """Counters: jobs done and failed since the start, pool size, process id."""


class ClockOffset(Base):
    """The one row that moves business time in a demo; 0 elsewhere."""

    __tablename__ = "clock_offset"
    id: Mapped[int] = mapped_column(primary_key=True)
    seconds: Mapped[float] = mapped_column(Float)
