"""A form, read once from its file and used for every person who fills it in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.forms.components import Component
from engine.forms.findings import FormError, FormFinding
from engine.forms.order import dependency_order
from engine.forms.reader import ComponentReader
from engine.forms.source import Entry, UnreadableFormError, load
from engine.forms.texts import Texts
from engine.sentences import Sentence

__all__ = ["FormDefinition", "FormError", "FormFinding"]


@dataclass(frozen=True)
class FormDefinition:
    """What a person is asked in one step.

    Attributes:
        name: the file it was read from.
        components: its parts as the file nests them.
        heading: its title.
        order: its inputs, each after the inputs that decide about it.
    """

    name: str
    components: tuple[Component, ...]
    heading: Texts
    order: tuple[Component, ...]

    @classmethod
    def parse(cls, raw: bytes, *, name: str) -> "FormDefinition":
        """The form of this file.

        Raises:
            FormError: with every fault found.
        """
        try:
            source = load(raw)
        except UnreadableFormError as error:
            raise FormError(name, [FormFinding("", "json", error.text, line=error.line)]) from None
        reader = ComponentReader()
        entry = Entry(source, "", reader.findings)
        components = reader.read_all(entry)
        heading = entry.texts("title", entry.part("properties"))
        if not components and not reader.findings:
            entry.refuse("empty", Sentence("The form has no components."))
        order = dependency_order(components, reader.findings)
        if reader.findings:
            raise FormError(name, list(dict.fromkeys(reader.findings)))
        return cls(name, components, heading, order)

    @cached_property
    def flat(self) -> tuple[Component, ...]:
        """All parts, groups before what is in them."""
        return tuple(part for component in self.components for part in component.walk())

    @cached_property
    def fields(self) -> Mapping[str, Component]:
        """The inputs by key, in the order of the form."""
        return {part.key: part for part in self.flat if part.is_input}

    @cached_property
    def drivers(self) -> frozenset[str]:
        """Keys of the inputs that decide what else is shown or offered."""
        wanted = frozenset(name for part in self.flat for name in part.needs())
        return wanted & self.fields.keys()

    @cached_property
    def groups(self) -> Mapping[str, tuple[Component, ...]]:
        """The groups around each part, by the part's id, outermost first."""
        found: dict[str, tuple[Component, ...]] = {}
        _note_groups(self.components, (), found)
        return found

    def title(self, locale: str) -> str:
        """Its title in this language; empty when it has none."""
        return self.heading.pick(locale)

    def hides(self, component: Component, values: dict[str, Any]) -> bool:
        """Whether this part is hidden, by its own condition or with a group around it."""
        around = self.groups[component.id]
        return any(part.hidden(values) for part in (*around, component))

    def visible(self, values: Mapping[str, Any]) -> tuple[Component, ...]:
        """The parts that are shown with these values; hidden fields count as not filled in."""
        known = dict(values)
        for component in self.order:
            if self.hides(component, known):
                known.pop(component.key, None)
        return tuple(part for part in self.flat if not self.hides(part, known))


def _note_groups(
    components: Sequence[Component],
    around: tuple[Component, ...],
    found: dict[str, tuple[Component, ...]],
) -> None:
    for component in components:
        found[component.id] = around
        _note_groups(component.components, (*around, component), found)
