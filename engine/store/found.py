"""What one read finds of an instance."""

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
