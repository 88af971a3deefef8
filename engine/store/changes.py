"""What one command writes, as rows of plain values in the order of these columns."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

INSTANCE: Final = (
    *("id", "version_id", "process", "key", "started_at"),
    *("status", "state", "codec", "revision", "waiting_at", "updated_at", "ended_at"),
)
UPDATED: Final = INSTANCE[5:]
"""Columns of an instance that every command writes."""
HISTORY: Final = ("instance_id", "revision", "at", "actor", "cause", "element_id", "steps")
TASK: Final = (
    *("id", "instance_id", "process", "element_id", "name", "form_key", "lane"),
    *("status", "created_at"),
)
JOB: Final = (
    *("kind", "instance_id", "task_id", "element_id", "due_at"),
    *("state", "attempts", "max_attempts", "token", "created_at"),
)
WAIT: Final = ("instance_id", "task_id", "element_id", "message", "key", "signal")

TRIED: Final = {None: "", True: " AND attempts > 0", False: " AND attempts = 0"}
"""Conditions on jobs that were claimed before, or not."""

Row = tuple[Any, ...]


class TickOff(NamedTuple):
    """A user task that the command completes, if it is still open to `actor`."""

    task_id: UUID
    actor: str
    at: datetime


class Place(NamedTuple):
    """An element at which one task of an instance waits."""

    task_id: UUID
    element_id: str


class Moved(NamedTuple):
    """A timer that is due at another time than before."""

    due_at: datetime
    task_id: UUID
    element_id: str


@dataclass(slots=True)
class Changes:
    """Every row one command adds, changes and removes."""

    instance_id: UUID
    started: bool
    """The instance is new."""
    instance: Row
    """Columns `INSTANCE` of a new instance, `UPDATED` of a known one."""
    history: Row
    now: datetime
    ticked_off: TickOff | None = None
    cancelled: list[UUID] = field(default_factory=list)
    """User tasks that nobody can complete any more."""
    tasks: list[Row] = field(default_factory=list)
    dropped_jobs: list[Place] = field(default_factory=list)
    moved_jobs: list[Moved] = field(default_factory=list)
    jobs: list[Row] = field(default_factory=list)
    dropped_waits: list[Place] = field(default_factory=list)
    waits: list[Row] = field(default_factory=list)
