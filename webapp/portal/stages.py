"""How far a request is, in plain words: the stages of its diagram, never the diagram.

The way ahead is the one the designer draws as the usual one: default flows, and the timer that
keeps a promise. What stands behind the case is what that way passes before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from engine import queries
from engine.definitions import Definition
from processes.cases.models import Case, CaseStatus
from webapp.context import app
from webapp.i18n import label
from webapp.portal.charts import Chart, Stop, chart_of


@dataclass(frozen=True)
class Stage:
    """A stop on the way of a request; `state` is done, now or later."""

    words: str
    state: str
    at: datetime | None = None
    by: str = ""
    until: datetime | None = None
    waits: bool = False
    """For the customer's word."""


def stages(session: Session, case: Case) -> list[Stage]:
    """Return the stages of a case: what is behind it, where it is, what lies ahead."""
    chart = _chart_of(session, case)
    whole = [s for s in chart.whole(case.process) if s.status != CaseStatus.UNCLASSIFIED]
    if case.is_closed:
        return _of_closed(case, whole)
    step: Mapping[str, Any] = case.step or {}
    if case.status is CaseStatus.UNCLASSIFIED:
        received = Stage(gettext("Received"), "now", at=case.created_at)
        return [received, *_later(whole)]
    ahead = chart.ahead(case.process, (step.get("process", ""), step.get("element_id", "")))
    later = [s for s in ahead if s.key != case.milestone and s.status != CaseStatus.UNCLASSIFIED]
    keys = {case.milestone, *(stop.key for stop in later)}
    first = next((i for i, stop in enumerate(whole) if stop.key in keys), len(whole))
    passed = [stop for stop in whole[:first] if stop.status != CaseStatus.WAITING_CUSTOMER]
    received = Stage(gettext("Received"), "done", at=case.created_at)
    return [received, *_passed(case, passed), *_present(case, step, later)]


def _present(case: Case, step: Mapping[str, Any], later: list[Stop]) -> list[Stage]:
    """Return where the case is and what lies ahead.

    While we only wait for the customer's word, the case is where it will go on.
    """
    words = label(step.get("milestone")) or gettext("In progress")
    if case.status is not CaseStatus.WAITING_CUSTOMER:
        return [Stage(words, "now", by=_handler(case)), *_later(later)]
    if case.promised_close_at is not None:
        return [Stage(words, "now", until=case.promised_close_at), *_later(later)]
    if later:
        words = label(later[0].names)
    return [Stage(words, "now", waits=True), *_later(later[1:])]


def _of_closed(case: Case, whole: list[Stop]) -> list[Stage]:
    """Return what a closed case went through."""
    worked = [stop for stop in whole if stop.status == CaseStatus.IN_PROGRESS]
    kept = worked if case.promised_close_at else worked[:1]
    received = Stage(gettext("Received"), "done", at=case.created_at)
    return [received, *_passed(case, kept), Stage(gettext("Closed"), "done", at=case.closed_at)]


def _passed(case: Case, stops: list[Stop]) -> list[Stage]:
    """Return stages that are over, the answer with its time."""
    answer = case.applied_solution
    last = next((s for s in reversed(stops) if s.status == CaseStatus.IN_PROGRESS), None)
    return [
        Stage(label(stop.names), "done", at=answer.at)
        if answer is not None and stop is last
        else Stage(label(stop.names), "done", by=_handler(case))
        for stop in stops
    ]


def _later(stops: list[Stop]) -> list[Stage]:
    ahead = [Stage(label(stop.names), "later") for stop in stops]
    return [*ahead, Stage(gettext("Closed"), "later")]


def _handler(case: Case) -> str:
    return case.assignee.name.split()[0] if case.assignee else ""


def _chart_of(session: Session, case: Case) -> Chart:
    """Return the chart of the version the case runs on."""
    row = queries.instance(session, case.instance_id) if case.instance_id else None
    if row is None:
        return Chart({})
    found: Definition = app().engine.definitions.get(session, row.version_id)
    return chart_of(frozenset(found.files.items()))
