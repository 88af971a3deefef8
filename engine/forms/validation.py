"""Binds what a person sent to a form: values, problems, and what the page shows again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from engine.forms import formats
from engine.forms.components import Component
from engine.forms.definition import FormDefinition
from engine.forms.options import Lookups, Option
from engine.forms.reading import TICKED, Problem, Reading, read

__all__ = ["SEEN", "Bound", "Lookups", "Option", "Problem", "initial", "refresh", "validate"]

SEEN: Final = "_seen"
"""Name under which a page sends the keys of the inputs it showed."""
_NOTHING: Final[Mapping[str, Any]] = {}


@dataclass(slots=True)
class Bound:
    """A form with what a person entered.

    Attributes:
        values: typed values of the shown inputs without problems; what is hidden is not there.
        problems: why the others are not accepted, by key.
        entered: texts to show in the inputs again.
        options: what each choice offers now.
        shown: ids of the parts that are shown.
    """

    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, list[Problem]] = field(default_factory=dict)
    entered: dict[str, list[str]] = field(default_factory=dict)
    options: dict[str, list[Option]] = field(default_factory=dict)
    shown: frozenset[str] = frozenset()

    @property
    def ok(self) -> bool:
        """Whether everything is as the form asks."""
        return not self.problems


def validate(
    form: FormDefinition,
    raw: Mapping[str, Any],
    lookups: Lookups,
    locale: str = "en",
    *,
    context: Mapping[str, Any] = _NOTHING,
) -> Bound:
    """What was sent, checked against everything the form asks.

    Reads only the inputs the form names and shows; never raises, whatever was sent.

    Args:
        form: the form that was shown.
        raw: texts by name: a MultiDict, or a mapping to lists of texts.
        lookups: option lists by name.
        locale: language of the labels in the problems.
        context: further values the conditions may read, as the type of the case.
    """
    return _Binding(form, lookups, context).bind(
        lambda component: _entries(raw, component.key), locale=locale
    )


def refresh(
    form: FormDefinition,
    raw: Mapping[str, Any],
    lookups: Lookups,
    *,
    context: Mapping[str, Any] = _NOTHING,
) -> Bound:
    """What was sent, to be shown again with the matching questions; nothing is judged.

    A question that is new on the page begins with its default.
    """
    seen = set(_entries(raw, SEEN))

    def entries(component: Component) -> list[str]:
        sent = _entries(raw, component.key)
        return sent if sent or component.key in seen else as_entered(component, component.default)

    return _Binding(form, lookups, context).bind(entries, locale=None)


def initial(
    form: FormDefinition,
    values: Mapping[str, Any],
    lookups: Lookups,
    *,
    context: Mapping[str, Any] = _NOTHING,
) -> Bound:
    """The form before anyone typed: known values, else the defaults."""

    def entries(component: Component) -> list[str]:
        known = values.get(component.key)
        return as_entered(component, component.default if known is None else known)

    return _Binding(form, lookups, context).bind(entries, locale=None)


def as_entered(component: Component, value: Any) -> list[str]:
    """A typed value as the texts a browser would send for it."""
    if value is None or value == "":
        return []
    if component.type == "checkbox":
        return [TICKED] if value is True or value == TICKED else []
    if component.type == "checklist":
        return [str(each) for each in value] if isinstance(value, list | tuple) else []
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [formats.number_text(value)]
    return [str(value)]


class _Binding:
    """One form on its way from texts to values."""

    def __init__(self, form: FormDefinition, lookups: Lookups, context: Mapping[str, Any]) -> None:
        self.form = form
        self.lookups = lookups
        self.known = {key: value for key, value in context.items() if key not in form.fields}
        self.readings: dict[str, Reading] = {}
        self.options: dict[str, list[Option]] = {}

    def bind(self, entries: Callable[[Component], list[str]], *, locale: str | None) -> Bound:
        """Every shown input read; problems only when there is a language for them."""
        for component in self.form.order:
            if not self.form.hides(component, self.known):
                self._read(component, entries(component))
        shown = [part for part in self.form.flat if not self.form.hides(part, self.known)]
        bound = Bound(options=self.options, shown=frozenset(part.id for part in shown))
        for component in shown:
            if component.is_input:
                self._note(component, bound, locale)
        return bound

    def _read(self, component: Component, entries: Sequence[str]) -> None:
        options = self._offered(component)
        reading = self.readings[component.key] = read(component, entries, options)
        self.known[component.key] = reading.value

    def _offered(self, component: Component) -> Sequence[Option]:
        if not component.lookup:
            return component.options
        lookup = self.lookups.get(component.lookup)
        values = {**self.known, "parent": self.known.get(component.parent)}
        offered = list(lookup(values)) if lookup is not None else []
        self.options[component.key] = offered
        return offered

    def _note(self, component: Component, bound: Bound, locale: str | None) -> None:
        reading = self.readings[component.key]
        bound.entered[component.key] = reading.entered
        if not reading.faults:
            bound.values[component.key] = reading.value
        elif locale is not None:
            label = component.label.pick(locale) or component.key
            bound.problems[component.key] = [
                Problem(code, {"label": label, **params}) for code, params in reading.faults
            ]


def _entries(raw: Mapping[str, Any], key: str) -> list[str]:
    """The texts sent under a name, whatever kind of mapping they come in."""
    found = raw.getlist(key) if hasattr(raw, "getlist") else raw.get(key)
    if isinstance(found, str):
        return [found]
    if not isinstance(found, list | tuple):
        return []
    return [each for each in found if isinstance(each, str)]
