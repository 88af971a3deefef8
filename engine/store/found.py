"""What reads look for and find."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID


class Found(NamedTuple):
    """An instance under its row lock, and what was asked about it."""

    id: UUID
    version_id: int
    key: str
    status: str
    revision: int
    started_at: datetime
    state: bytes
    task_status: str
    """Of the user task by which it was found: ready, completed or cancelled; else empty."""
    claimed_by: str | None
    """Who has reserved that user task."""


class Wanted(NamedTuple):
    """Which due jobs a worker would take."""

    kind: str
    by_business_time: bool
    """Whether they are due by business time; else by real time."""
    limit: int
    tried: bool | None
    """Only those claimed before (True), only those never claimed (False), or both."""
