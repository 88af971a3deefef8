"""The rows of an instance and of its history that one command writes."""

from typing import TYPE_CHECKING

import orjson

from engine.spiff.codec import FORMAT
from engine.steps import ElementEvent, StepResult
from engine.store.changes import Row

if TYPE_CHECKING:
    from engine.command import Command


def instance_row(command: "Command", result: StepResult, state: bytes) -> Row:
    """Return the columns of a new instance, or those that change with every command."""
    row: Row = (
        result.status,
        state,
        FORMAT,
        command.revision + 1,
        _json(sorted({wait.element_id for wait in result.waiting})),
        result.now,
        None if result.status == "running" else result.now,
    )
    if command.cause != "start":
        return row
    version = command.definition.version_id
    return (command.instance_id, version, result.process, command.key, result.now, *row)


def history_row(command: "Command", result: StepResult) -> Row:
    """Return who did what, and every element that was completed (">") or entered ("<")."""
    steps = [
        ["<" if event.state == "entered" else ">", event.process, event.element_id]
        for event in _without_passing(result.elements)
    ]
    if command.note:
        steps.append(["#", command.cause, command.note])
    return (
        command.instance_id,
        command.revision + 1,
        result.now,
        command.actor,
        command.cause,
        command.element_id or None,
        _json(steps),
    )


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


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
