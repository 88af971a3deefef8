"""What a template needs to draw a form: words in one language, ids, values, problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flask_babel import gettext

from engine.forms.components import Component
from engine.forms.definition import FormDefinition
from engine.forms.options import Option
from engine.forms.validation import SEEN, Bound, Problem
from webapp.forms.sentences import problem_sentence

REFRESH: Final = "_refresh"
"""Name of the button that only asks for the matching questions."""
_KINDS: Final = {
    "radio": "radios",
    "checklist": "checklist",
    "checkbox": "checkbox",
    "select": "select",
    "textarea": "textarea",
    "text": "text",
    "group": "group",
}
_TYPES: Final = {"datetime": "date", "email": "email", "phone": "tel"}


@dataclass(frozen=True, slots=True)
class OptionView:
    """One thing to choose, in the reader's words."""

    id: str
    value: str
    label: str
    hint: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView:
    """One part of a form, ready to be drawn.

    Attributes:
        kind: which macro draws it: `input`, `textarea`, `select`, `radios`, `checklist`,
            `checkbox`, `text` or `group`.
        id: id of the element that problems link to.
        name: name it is sent under.
        label: its words.
        hint: a line below it.
        type: type of an `input`.
        value: what stands in it.
        options: what can be chosen.
        problems: what is wrong, in sentences.
        required: whether it must be filled in.
        drives: whether it decides what else is asked.
        waits_for: words of the field that must be chosen first.
        columns: its width in twelfths.
        style: `segmented`, `choice` or empty.
        placeholder: an example inside it.
        prefix: a sign before it.
        rows: height of a `textarea`.
        longest: most letters of an `input`; a browser cuts pasted text at it, so not of a
            `textarea`.
        autocomplete: what a browser may fill in.
        autofocus: whether typing begins here.
        inputmode: which keyboard a phone shows.
        fields: parts of a `group`.
    """

    kind: str
    id: str
    name: str
    label: str
    hint: str = ""
    type: str = "text"
    value: str = ""
    options: tuple[OptionView, ...] = ()
    problems: tuple[str, ...] = ()
    required: bool = False
    drives: bool = False
    waits_for: str = ""
    columns: int = 12
    style: str = ""
    placeholder: str = ""
    prefix: str = ""
    rows: int = 3
    longest: int | None = None
    autocomplete: str = ""
    autofocus: bool = False
    inputmode: str = ""
    fields: tuple["FieldView", ...] = ()

    @property
    def first_id(self) -> str:
        """Id of the element to go to when something is wrong here."""
        return (
            self.options[0].id if self.kind in {"radios", "checklist"} and self.options else self.id
        )

    @property
    def described_by(self) -> str:
        """Ids of the hint and the problems, for `aria-describedby`."""
        ids = [f"{self.id}-hint"] if self.hint else []
        ids += [f"{self.id}-problem{place or ''}" for place in range(len(self.problems))]
        return " ".join(ids)

    @property
    def paragraphs(self) -> list[tuple[bool, str]]:
        """A text in its paragraphs, each with whether it is a heading."""
        parts = (part.strip() for part in self.label.split("\n\n"))
        return [(part.startswith("#"), part.lstrip("#").strip()) for part in parts if part]


@dataclass(frozen=True, slots=True)
class FormView:
    """A form, ready to be drawn.

    Attributes:
        id: id of the form element; ids of its fields begin with it.
        title: its title in the reader's language.
        fields: its parts.
        problems: sentences with the id of the element they are about, empty for the whole form.
        seen: names of the inputs on the page, to be sent along as `_seen`.
        drives: whether an answer decides what else is asked.
    """

    id: str
    title: str
    fields: tuple[FieldView, ...]
    problems: tuple[tuple[str, str], ...] = ()
    seen: tuple[str, ...] = ()
    drives: bool = False
    seen_name: str = SEEN
    refresh_name: str = REFRESH


def wants_refresh(sent: Mapping[str, Any]) -> bool:
    """Whether a person asked for the matching questions only."""
    return REFRESH in sent


def form_view(
    form: FormDefinition,
    bound: Bound,
    locale: str,
    *,
    form_id: str = "step",
    problems: Mapping[str, Sequence[Problem | str]] | None = None,
) -> FormView:
    """A form as a page shows it.

    Args:
        form: the form.
        bound: what was entered: from `initial`, `refresh` or `validate`.
        locale: the reader's language.
        form_id: id of the form element, unique on the page.
        problems: what else is wrong, as an operation said; the key "" is the form as a whole.
    """
    found: dict[str, list[Problem | str]] = {key: [*each] for key, each in bound.problems.items()}
    for key, each in (problems or {}).items():
        found.setdefault(key, []).extend(each)
    drawing = _Drawing(form, bound, locale, form_id, found)
    fields = drawing.parts(form.components)
    inputs = [part for part in form.flat if part.is_input and part.id in bound.shown]
    summary = [line for part in drawing.drawn for line in _lines(part)]
    summary += [("", line) for line in drawing.on_the_whole()]
    return FormView(
        id=form_id,
        title=form.title(locale),
        fields=fields,
        problems=tuple(summary),
        seen=tuple(part.key for part in inputs),
        drives=any(part.key in form.drivers for part in inputs),
    )


def _lines(part: FieldView) -> list[tuple[str, str]]:
    return [(part.first_id, sentence) for sentence in part.problems]


@dataclass(slots=True)
class _Drawing:
    """One form on its way to its view."""

    form: FormDefinition
    bound: Bound
    locale: str
    form_id: str
    problems: Mapping[str, Sequence[Problem | str]]
    drawn: list[FieldView] = field(default_factory=list)

    def parts(self, components: Sequence[Component]) -> tuple[FieldView, ...]:
        """The shown ones of these parts."""
        return tuple(self.part(each) for each in components if each.id in self.bound.shown)

    def part(self, component: Component) -> FieldView:
        """One part; remembered, so that the summary finds it."""
        view = self.input(component) if component.is_input else self.static(component)
        self.drawn.append(view)
        return view

    def static(self, component: Component) -> FieldView:
        """A text or a group."""
        return FieldView(
            kind=_KINDS[component.type],
            id=f"{self.form_id}-{component.id}",
            name="",
            label=component.label.pick(self.locale),
            hint=component.description.pick(self.locale),
            columns=component.columns,
            fields=self.parts(component.components),
        )

    def input(self, component: Component) -> FieldView:
        """A field with what was entered."""
        rules = component.rules
        entered = self.bound.entered.get(component.key, [])
        field_id = f"{self.form_id}-{component.key}"
        label = component.label.pick(self.locale) or component.key
        return FieldView(
            kind=_KINDS.get(component.type, "input"),
            id=field_id,
            name=component.key,
            label=label,
            hint=component.description.pick(self.locale),
            type=_TYPES.get(component.type) or _TYPES.get(rules.kind, "text"),
            value=entered[0] if entered else "",
            options=self.options(component, field_id, entered),
            problems=self.sentences(component.key, label),
            required=rules.required,
            drives=component.key in self.form.drivers,
            waits_for=self.waits_for(component),
            columns=component.columns,
            style=component.style,
            placeholder=component.placeholder.pick(self.locale),
            prefix=component.prefix,
            rows=component.rows,
            longest=rules.max_length if component.type == "textfield" else None,
            autocomplete=component.autocomplete,
            autofocus=component.autofocus and not self.problems,
            inputmode=_inputmode(component),
        )

    def options(
        self, component: Component, field_id: str, entered: Sequence[str]
    ) -> tuple[OptionView, ...]:
        """What a field offers."""
        offered: Sequence[Option] = self.bound.options.get(component.key, component.options)
        return tuple(
            OptionView(
                f"{field_id}-{place}",
                option.value,
                option.text(self.locale),
                option.second_line(self.locale),
                option.value in entered,
            )
            for place, option in enumerate(offered)
        )

    def waits_for(self, component: Component) -> str:
        """Words of the parent that must be chosen first, if that is why nothing is offered."""
        parent = self.form.fields.get(component.parent)
        if parent is None or self.bound.options.get(component.key):
            return ""
        if self.bound.values.get(parent.key):
            return ""
        return parent.label.pick(self.locale)

    def sentences(self, key: str, label: str) -> tuple[str, ...]:
        """What is wrong with a field."""
        return tuple(problem_sentence(each, label) for each in self.problems.get(key, ()))

    def on_the_whole(self) -> list[str]:
        """What is wrong with the form as a whole, or with a field that is not on the page."""
        shown = {part.name for part in self.drawn if part.name}
        found = [
            problem_sentence(each, key and gettext("Other details"))
            for key, problems in self.problems.items()
            if key not in shown
            for each in problems
        ]
        return list(dict.fromkeys(found))


def _inputmode(component: Component) -> str:
    if component.type != "number":
        return ""
    return "decimal" if component.rules.digits else "numeric"
