"""Who did what to an instance, command by command."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext
from sqlalchemy.orm import Session

from engine.definitions import Definition
from engine.queries import HistoryStep
from processes.people import queries as people
from webapp import elements

SHOWN = 200

_CAUSES: dict[str, LazyString] = {
    "start": lazy_gettext("Started"),
    "task": lazy_gettext("Step completed"),
    "message": lazy_gettext("Message received"),
    "timer": lazy_gettext("Time has come"),
    "service": lazy_gettext("Background work done"),
    "cancel": lazy_gettext("Cancelled"),
}


@dataclass(frozen=True)
class LogLine:
    """One command, or something that happened to an incident."""

    at: datetime
    who: str
    what: str
    details: str
    bad: bool = False


def log_lines(
    session: Session,
    definition: Definition,
    steps: Sequence[HistoryStep],
    incidents: Sequence[Any],
) -> list[LogLine]:
    """Return what happened to an instance, the newest first."""
    actors = {step.actor for step in steps} | {item.resolved_by or "" for item in incidents}
    names = people.names(session, actors)
    found = [
        _command(definition, list(group), names)
        for _, group in groupby(steps, key=lambda step: step.revision)
    ]
    for item in incidents:
        number = gettext("Incident %(number)s", number=item.id)
        found.append(
            LogLine(item.created_at, actor("system", names), number, item.message, bad=True)
        )
        if item.resolved_at is not None:
            settled = gettext("Incident %(number)s settled", number=item.id)
            found.append(LogLine(item.resolved_at, actor(item.resolved_by, names), settled, ""))
    newest = sorted(enumerate(found), key=lambda pair: (pair[1].at, pair[0]), reverse=True)
    return [line for _, line in newest[:SHOWN]]


def actor(who: str | None, names: dict[str, str]) -> str:
    """Return the name of whoever acted."""
    if not who or who == "system":
        return gettext("System")
    return names.get(who, who)


def _command(
    definition: Definition, steps: Sequence[HistoryStep], names: dict[str, str]
) -> LogLine:
    notes = [step.element_id for step in steps if step.state == "note"]
    passed = [
        elements.step_name(definition, step.element_id, step.process)
        for step in steps
        if step.state not in {"note", "cancelled"} and _is_told(definition, step)
    ]
    details = " → ".join(dict.fromkeys([*notes, *passed]))
    cause = steps[0].cause
    what = str(_CAUSES.get(cause, cause))
    return LogLine(steps[0].at, actor(steps[0].actor, names), what, details)


def _is_told(definition: Definition, step: HistoryStep) -> bool:
    element = definition.by_id.get((step.process, step.element_id))
    return element is None or elements.is_named(element)
