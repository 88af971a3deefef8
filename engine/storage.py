"""Writing the instance's own row and its history."""

from typing import TYPE_CHECKING, Any

from engine.spiff.codec import FORMAT
from engine.statements import INSERT_HISTORY, INSERT_INSTANCE, UPDATE_INSTANCE
from engine.steps import ElementEvent, StepResult

if TYPE_CHECKING:
    from engine.command import Command


def write_instance(command: "Command", result: StepResult, state: bytes) -> None:
    """Insert the instance at its first command, update it at every later one."""
    values: dict[str, Any] = {
        "status": result.status,
        "state": state,
        "codec": FORMAT,
        "revision": command.revision + 1,
        "waiting_at": sorted({wait.element_id for wait in result.waiting}),
        "updated_at": result.now,
        "ended_at": None if result.status == "running" else result.now,
    }
    if command.cause == "start":
        values |= {
            "id": command.instance_id,
            "version_id": command.definition.version_id,
            "process": result.process,
            "key": command.key,
            "started_at": result.now,
        }
        command.session.execute(INSERT_INSTANCE, values)
        return
    command.session.execute(UPDATE_INSTANCE, {"instance": command.instance_id, **values})


def write_history(command: "Command", result: StepResult) -> None:
    """Write who did what, and every element that was completed (">") or entered ("<")."""
    steps = [
        ["<" if event.state == "entered" else ">", event.process, event.element_id]
        for event in _without_passing(result.elements)
    ]
    if command.note:
        steps.append(["#", command.cause, command.note])
    row = {
        "instance_id": command.instance_id,
        "revision": command.revision + 1,
        "at": result.now,
        "actor": command.actor,
        "cause": command.cause,
        "element_id": command.element_id or None,
        "steps": steps,
    }
    command.session.execute(INSERT_HISTORY, row)


def _without_passing(events: list[ElementEvent]) -> list[ElementEvent]:
    """Leave out the arrival at elements that were left at once: leaving says it all."""
    following = [*events[1:], None][: len(events)]
    return [
        event
        for event, after in zip(events, following, strict=True)
        if event.state == "completed"
        or after is None
        or (after.process, after.element_id) != (event.process, event.element_id)
    ]
