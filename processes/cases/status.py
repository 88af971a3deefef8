"""Where a case stands, taken from the diagram after every command: nobody else writes it."""

from typing import Any

from sqlalchemy.orm import Session

from engine.steps import ElementEvent, Properties, StepResult, Timer, Waiting
from processes.cases import changes
from processes.cases.models import Case, CaseStatus
from processes.people.models import LANGUAGES

PROMISE = "promise"
"""Property of a timer the case itself waits for; `close` is the date told to the customer."""

_SEPARATOR = "."


def follow(session: Session, result: StepResult) -> None:
    """Copy status, milestone, step and next due time of the case's own process to the case.

    Other processes about the same case, such as a portal access switched on later, do not
    decide where the case stands.
    """
    case = session.get(Case, int(result.key)) if result.key.isdigit() else None
    if case is None or result.process != case.process:
        return
    case.instance_id = result.instance_id
    status = last_status(result.elements)
    if status is not None:
        case.status = status
    waiting = case_step(result.waiting)
    case.step = None if waiting is None else describe(waiting)
    case.milestone = waiting.properties.get("milestone") if waiting else None
    case.next_due_at = next((t.due_at for t in result.timers if PROMISE in t.properties), None)
    case.updated_at = result.now
    changes.record(session, "case", case.id)


def last_status(elements: list[ElementEvent]) -> CaseStatus | None:
    """Return the status of the last element passed or entered that names one."""
    for element in reversed(elements):
        if "status" in element.properties:
            return CaseStatus(element.properties["status"])
    return None


def case_step(waiting: list[Waiting]) -> Waiting | None:
    """Return the wait state that is the case's step: the one that names a status."""
    return next((wait for wait in reversed(waiting) if "status" in wait.properties), None)


def describe(wait: Waiting) -> dict[str, Any]:
    """Return what pages show about a wait state, every text by language."""
    properties = wait.properties
    names = {"en": wait.name} | by_language(properties, "label")
    return {
        "element_id": wait.element_id,
        "process": wait.process,
        "kind": wait.kind,
        "lane": wait.lane,
        "names": names,
        "milestone": by_language(properties, "milestone") or names,
        "public": by_language(properties, "public_label") or names,
        "explain": by_language(properties, "explain"),
        "sla_clock": properties.get("sla_clock", "run"),
    }


def by_language(properties: Properties, name: str) -> dict[str, str]:
    """Return the translations of a property, as in `label.nl`."""
    return {
        language: properties[name + _SEPARATOR + language]
        for language in LANGUAGES
        if name + _SEPARATOR + language in properties
    }


def promised(timers: list[Timer], promise: str) -> Timer | None:
    """Return the armed timer that keeps this promise."""
    return next((timer for timer in timers if timer.properties.get(PROMISE) == promise), None)
