"""The list of everything that runs or ran."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from engine import queries
from engine.queries import InstanceFilter, InstanceRow, VersionRow
from webapp import elements
from webapp.admin import cases
from webapp.admin.blueprint import bp
from webapp.auth import requires
from webapp.context import app, tx
from webapp.i18n import now
from webapp.paging import asked_page

PER_PAGE = 50
STATUSES = {
    "running": lazy_gettext("Running"),
    "incident": lazy_gettext("With incident"),
    "completed": lazy_gettext("Completed"),
    "cancelled": lazy_gettext("Cancelled"),
}
AGES = {
    "hour": (timedelta(hours=1), lazy_gettext("Older than an hour")),
    "day": (timedelta(days=1), lazy_gettext("Older than a day")),
    "week": (timedelta(days=7), lazy_gettext("Older than a week")),
    "month": (timedelta(days=30), lazy_gettext("Older than 30 days")),
}
_FIELDS = ("process", "version", "step", "status", "age", "case")
_LONGEST = 100
_NO_CASE = "-"
"""No instance has this key: what a search for an unknown number looks for."""


@dataclass(frozen=True)
class Line:
    """One row of the list with everything a person reads in it."""

    row: InstanceRow
    process: str
    case_number: str
    waits: list[str]


@bp.get("/")
@requires("instances", "read")
def instances() -> ResponseReturnValue:
    """Show what runs, narrowed down as the address says."""
    asked = _asked()
    versions = queries.versions(tx(), counted=False)
    wanted = _wanted(asked, versions)
    counts = {
        status: queries.count_instances(tx(), replace(wanted, status=status)) for status in STATUSES
    }
    pages = max(1, -(-counts[asked["status"]] // PER_PAGE))
    page = min(asked_page(), pages)
    rows = queries.instances(tx(), wanted, limit=PER_PAGE, offset=(page - 1) * PER_PAGE)
    return render_template(
        "admin/instances.html",
        asked=asked,
        narrowed=any(asked[field] for field in _FIELDS if field != "status"),
        statuses=STATUSES,
        counts=counts,
        ages=AGES,
        processes=_processes(versions),
        versions=[row for row in versions if row.process == asked["process"]],
        steps=_steps(asked, versions),
        lines=lines(rows),
        page=page,
        pages=pages,
        address=lambda **changed: _address(asked, changed),
        page_address=lambda number: _address(asked, {"page": number}),
    )


def lines(rows: list[InstanceRow]) -> list[Line]:
    """Return rows with case numbers and the names of processes and steps."""
    numbers = cases.numbers(tx(), (row.key for row in rows))
    return [_line(row, numbers.get(row.key, "")) for row in rows]


def _line(row: InstanceRow, number: str) -> Line:
    definition = app().engine.definitions.get(tx(), row.version_id)
    waits = [elements.step_name(definition, element) for element in row.waiting_at]
    return Line(row, elements.process_name(definition), number, waits)


def _asked() -> dict[str, str]:
    """Return the filters of the address; what makes no sense counts as not asked."""
    asked = {field: _plain(request.args.get(field, "")) for field in _FIELDS}
    if asked["status"] not in STATUSES:
        asked["status"] = "running"
    if asked["age"] not in AGES:
        asked["age"] = ""
    if not asked["process"]:
        asked["version"] = asked["step"] = ""
    return asked


def _plain(text: str) -> str:
    """Return what can be looked for: databases refuse NUL, and no name holds other controls."""
    return "".join(filter(str.isprintable, text[:_LONGEST])).strip()


def _wanted(asked: Mapping[str, str], versions: list[VersionRow]) -> InstanceFilter:
    chosen = _chosen(asked, versions) if asked["version"] else None
    before = now() - AGES[asked["age"]][0] if asked["age"] else None
    return InstanceFilter(
        process=asked["process"] or None,
        version_id=chosen.id if chosen else None,
        step=asked["step"] or None,
        status=asked["status"],
        started_before=before,
        key=(cases.key_of(tx(), asked["case"]) or _NO_CASE) if asked["case"] else None,
    )


def _chosen(asked: Mapping[str, str], versions: list[VersionRow]) -> VersionRow | None:
    """Return the version asked for, else the active one of the process asked for."""
    ours = [row for row in versions if row.process == asked["process"]]
    named = [row for row in ours if str(row.version) == asked["version"]]
    return next(iter(named or [row for row in ours if row.active]), None)


def _steps(asked: Mapping[str, str], versions: list[VersionRow]) -> list[Any]:
    """Return where instances of the chosen version can wait, by process."""
    chosen = _chosen(asked, versions)
    if chosen is None:
        return []
    return list(elements.waits(app().engine.definitions.get(tx(), chosen.id)))


def _processes(versions: list[VersionRow]) -> list[tuple[str, str]]:
    """Return id and name of every process, by name."""
    active = {row.process: row.id for row in versions if row.active}
    found = [
        (process, elements.process_name(app().engine.definitions.get(tx(), version_id)))
        for process, version_id in active.items()
    ]
    return sorted(found, key=lambda item: item[1].casefold())


def _address(asked: Mapping[str, str], changed: Mapping[str, Any]) -> str:
    """Return the address of this list with some filters changed."""
    kept = {field: value for field, value in {**asked, **changed}.items() if value}
    return url_for("admin.instances", **kept)
