"""All processes, and one process with its versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engine import queries
from engine.definitions import Definition
from engine.deployment.carriers import carriers
from engine.drawings import drawings
from engine.errors import NotFoundError
from engine.queries import VersionRow
from processes.people import queries as people
from webapp import elements
from webapp.admin.log import actor
from webapp.auth import requires
from webapp.context import app, tx
from webapp.designer.blueprint import bp


@dataclass(frozen=True)
class Step:
    """A step at which cases wait, and on which version they run."""

    element_id: str
    name: str
    row: VersionRow
    number: int


@bp.get("/")
@requires("processes", "read")
def index() -> ResponseReturnValue:
    """Show every process with the version new cases start on."""
    return index_page("")


@bp.get("/<process>")
@requires("processes", "read")
def process(process: str) -> ResponseReturnValue:
    """Show the diagram of one version of a process, and all its versions."""
    return process_page(process, "")


def index_page(refusal: str) -> str:
    """Return the page of all processes; `refusal` says why an upload was not looked at."""
    rows = queries.versions(tx())
    active = [row for row in rows if row.active]
    running: dict[str, int] = {}
    count: dict[str, int] = {}
    for row in rows:
        running[row.process] = running.get(row.process, 0) + row.running
        count[row.process] = count.get(row.process, 0) + 1
    named = [(elements.process_name(_definition(row)), row) for row in active]
    return render_template(
        "designer/index.html",
        processes=sorted(named, key=lambda item: item[0].casefold()),
        running=running,
        count=count,
        names=_names(active),
        refusal=refusal,
    )


def process_page(process: str, refusal: str, starting: Any = None) -> str:
    """Return the page of one process. Raises NotFoundError.

    `starting` is what somebody typed to start an instance and could not be taken.
    """
    versions = _versions(process)
    chosen = _chosen(versions)
    definition = _definition(chosen)
    within = carriers(tx(), app().engine.definitions, process)
    waiting = _waiting(definition, [chosen, *within.get(chosen.id, [])])
    return render_template(
        "designer/process.html",
        process=process,
        name=elements.process_name(definition),
        versions=versions,
        within={key: _named(rows) for key, rows in within.items()},
        chosen=chosen,
        steps=waiting,
        state=_state(waiting),
        calls=_calls(definition, process),
        files=[(name, len(raw)) for name, raw in sorted(definition.files.items())],
        names=_names(versions),
        refusal=refusal,
        starting=starting,
        starts_by_hand=process not in app().own_processes,
        stands_in=definition.first_message,
    )


def version_of(process: str, number: int) -> VersionRow:
    """Return a version by its number. Raises NotFoundError."""
    found = [row for row in _versions(process) if row.version == number]
    if not found:
        raise NotFoundError
    return found[0]


def _versions(process: str) -> list[VersionRow]:
    """Return the versions of a process, the newest first. Raises NotFoundError."""
    found = queries.versions(tx(), process) if process.isprintable() else []
    if not found:
        raise NotFoundError
    return found


def _definition(row: VersionRow) -> Definition:
    return app().engine.definitions.get(tx(), row.id)


def _names(rows: Sequence[VersionRow]) -> dict[str, str]:
    """Return who deployed, by actor."""
    known = people.names(tx(), (row.deployed_by for row in rows))
    return {row.deployed_by: actor(row.deployed_by, known) for row in rows}


def _chosen(versions: list[VersionRow]) -> VersionRow:
    asked = request.args.get("version", "")
    named = [row for row in versions if str(row.version) == asked]
    return next(iter(named or [row for row in versions if row.active]), versions[0])


def _named(rows: list[VersionRow]) -> list[tuple[str, VersionRow]]:
    return [(elements.process_name(_definition(row)), row) for row in rows]


def _waiting(definition: Definition, rows: list[VersionRow]) -> list[Step]:
    """Return the steps of a process at which cases wait for a person now, the fullest first.

    `rows` are the version shown and the versions of other processes that call it.
    """
    found = [
        Step(
            element,
            elements.step_name(definition, element, definition.process),
            row,
            number,
        )
        for row in rows
        for element, number in queries.step_counts(tx(), row.id).items()
        if (definition.process, element) in definition.by_id
    ]
    return sorted(found, key=lambda step: -step.number)


def _state(waiting: list[Step]) -> dict[str, Any]:
    """Return what is marked on the diagram: how many cases wait at each step."""
    numbers: dict[str, int] = {}
    for step in waiting:
        numbers[step.element_id] = numbers.get(step.element_id, 0) + step.number
    return {"now": [{"id": item, "label": str(number)} for item, number in numbers.items()]}


def _calls(definition: Definition, process: str) -> list[tuple[str, str, str]]:
    """Return the call activities of a process: element, name of what it calls, its id."""
    drawing = drawings(definition.files).get(process)
    calls = drawing.calls if drawing is not None else {}
    return [
        (element, elements.process_name(definition, called), called)
        for element, called in calls.items()
    ]
