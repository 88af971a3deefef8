"""The rows of an instance and of its history that one command writes."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import orjson

from engine.history import Mark, encode
from engine.spiff.codec import FORMAT
from engine.steps import StepResult
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


def history_row(command: "Command", result: StepResult, steps: Iterable[Mark]) -> Row:
    """Return who did what, and the steps (`engine.history`)."""
    return (
        command.instance_id,
        command.revision + 1,
        result.now,
        command.actor,
        command.cause,
        command.element_id or None,
        _json(encode(steps, command.note)),
    )


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
