"""The open steps of a case, each with its form, its help and who has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext

from engine.definitions import Definition
from engine.forms import validation
from engine.forms.definition import FormDefinition
from engine.forms.validation import Bound, Problem
from engine.queries import OpenTask
from engine.spiff.elements import Element
from processes.cases.desk import ClaimableTask
from processes.cases.models import Case
from processes.cases.status import by_language
from webapp import elements
from webapp.auth import staff
from webapp.context import app, tx
from webapp.forms.view import FieldView, FormView, form_view
from webapp.i18n import label, language

Problems = Mapping[str, Sequence[Problem | str]]


@dataclass(frozen=True)
class Draft:
    """What somebody typed and we could not take as it is."""

    panel: str
    """The tab it was typed in."""
    sent: Mapping[str, Any]
    judged: bool = True
    """False: the person only asked for the matching questions."""
    problems: Problems = field(default_factory=dict)
    words: str = ""
    """What is wrong as a whole."""
    tone: str = "bad"
    kept: tuple[tuple[str, str], ...] = ()
    """Labels and texts of a form that is not there any more."""

    def text(self, name: str) -> str:
        """Return what was typed into a field."""
        return str(self.sent.get(name) or "")


@dataclass(frozen=True)
class Step:
    """An open user task as a tab of the dock."""

    panel: str
    task: OpenTask
    name: str
    help: str
    form: FormView | None
    claimer: str
    """Who has accepted it; empty when nobody has."""
    is_mine: bool
    since: datetime | None

    @property
    def is_free(self) -> bool:
        """Return whether nobody has accepted it."""
        return not self.task.claimed_by

    @property
    def writes_words(self) -> bool:
        """Return whether its form has a box for several lines."""
        fields = self.form.fields if self.form is not None else ()
        inner = (each for field in fields for each in (field, *field.fields))
        return any(each.kind == "textarea" for each in inner)


def panel_of(task_id: object) -> str:
    """Return the tab of a task."""
    return f"step-{str(task_id)[:8]}"


def steps(tasks: Sequence[ClaimableTask], case: Case, draft: Draft | None) -> list[Step]:
    """Return the open steps, those of nobody else first."""
    found = [_step(each, case, draft) for each in tasks]
    return sorted(found, key=lambda step: not (step.is_mine or step.is_free))


def definition_of(task: OpenTask) -> Definition:
    """Return the version that a task runs on."""
    return app().engine.definitions.get(tx(), task.version_id)


def form_of(task: OpenTask) -> FormDefinition | None:
    """Return the form of a task; None when completing it asks nothing."""
    if task.form_key is None:
        return None
    return definition_of(task).form(task.process, task.form_key)


def bind(task: OpenTask, sent: Mapping[str, Any], *, judged: bool) -> Bound:
    """Return what was sent for a task, checked against its form."""
    form, lookups = form_of(task), app().lookups(tx(), language())
    if form is None:
        return Bound()
    if judged:
        return validation.validate(form, sent, lookups, language())
    return validation.refresh(form, sent, lookups)


def _step(each: ClaimableTask, case: Case, draft: Draft | None) -> Step:
    task, panel = each.task, panel_of(each.task.id)
    element = definition_of(task).by_id[(task.process, task.element_id)]
    is_mine = task.claimed_by == staff().actor
    mine = draft if draft is not None and draft.panel == panel else None
    is_shown = is_mine or task.claimed_by is None or mine is not None
    return Step(
        panel=panel,
        task=task,
        name=elements.name_of(element),
        help=_help(element),
        form=_form(task, case, mine) if is_shown else None,
        claimer=gettext("You") if is_mine else each.claimer,
        is_mine=is_mine,
        since=task.claimed_at,
    )


def _help(element: Element) -> str:
    return label({"en": element.documentation, **by_language(element.properties, "help")})


def _form(task: OpenTask, case: Case, draft: Draft | None) -> FormView | None:
    form = form_of(task)
    if form is None:
        return None
    if draft is not None:
        bound = bind(task, draft.sent, judged=draft.judged)
    else:
        known = app().prefill(tx(), task.process, task.form_key or "", case, staff())
        bound = validation.initial(form, known, app().lookups(tx(), language()))
    problems = draft.problems if draft is not None else None
    view = form_view(
        form, bound, language(), form_id=f"{panel_of(task.id)}-form", problems=problems
    )
    return replace(view, fields=tuple(_calm(part) for part in view.fields))


def _calm(part: FieldView) -> FieldView:
    """Return the field without taking the keyboard: on the desk keys walk through cases."""
    return replace(part, autofocus=False, fields=tuple(_calm(inner) for inner in part.fields))
