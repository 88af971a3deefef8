"""What can be chosen in a field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.forms.texts import Texts


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: `Option("7", "Damaged")` or `Option("7", labels={"en": …, "nl": …})`.

    Attributes:
        value: what is sent and stored.
        label: its words, in English or the only language it has.
        labels: its words by language, before `label`.
        hint: a second line, shown where there is room for it.
        hints: that line by language.
    """

    value: str
    label: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""
    hints: Mapping[str, str] = field(default_factory=dict)

    def text(self, locale: str) -> str:
        """Its words in this language."""
        return Texts(self.label, self.labels).pick(locale) or self.value

    def second_line(self, locale: str) -> str:
        """Its second line in this language, if there is one."""
        return Texts(self.hint, self.hints).pick(locale)


Lookups = Mapping[str, Callable[[dict[str, Any]], list[Option]]]
"""Option lists by name; each is asked with the values entered so far.

The values hold the fields under their keys, and under `parent` the value of the field that the
asking field names as its parent.
"""
