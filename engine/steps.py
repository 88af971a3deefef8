"""What one command did to one instance: plain values passed from the engine to the domain."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Properties = dict[str, str]


@dataclass(frozen=True)
class Waiting:
    """A place where the instance now waits and did not wait before."""

    task_id: UUID
    element_id: str
    process: str
    kind: Literal["user_task", "event", "service"]
    name: str
    lane: str | None
    properties: Properties


@dataclass(frozen=True)
class Timer:
    """An armed timer; on `due_at` (business time) the process moves on by itself."""

    task_id: UUID
    element_id: str
    due_at: datetime
    properties: Properties


@dataclass(frozen=True)
class ElementEvent:
    """An element that was entered or completed during the command, in order."""

    element_id: str
    process: str
    name: str
    kind: str
    """Local name of the BPMN tag, as in `userTask`."""
    state: Literal["entered", "completed"]
    """A wait state is entered in one command and completed in a later one; anything else is
    entered and completed in the same command."""
    properties: Properties
    task_id: UUID | None = None
    """The engine's own task, which tells apart two visits at once."""


@dataclass(frozen=True)
class StepResult:
    """The outcome of one command."""

    instance_id: UUID
    process: str
    key: str
    status: Literal["running", "completed", "cancelled"]
    now: datetime
    entered: list[Waiting]
    """New wait states of this command."""
    waiting: list[Waiting]
    """All wait states after the command."""
    timers: list[Timer]
    """All armed timers after the command, earliest first."""
    elements: list[ElementEvent]
