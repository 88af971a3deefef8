"""The parts of a form, as read from its file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.expressions.errors import ExpressionError
from engine.expressions.evaluator import Compiled
from engine.forms.options import Option
from engine.forms.pattern import Pattern
from engine.forms.texts import Texts

TEXT_TYPES: Final = frozenset({"textfield", "textarea"})
SINGLE_CHOICE: Final = frozenset({"radio", "select"})
CHOICES: Final = SINGLE_CHOICE | {"checklist"}
INPUTS: Final = TEXT_TYPES | CHOICES | {"number", "checkbox", "datetime"}
STATIC: Final = frozenset({"text", "group"})
COLUMNS: Final = (3, 4, 5, 6, 8, 12)
LONGEST: Final[Mapping[str, int]] = {"textfield": 1_000, "textarea": 20_000}
"""How long a text may be where the form says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a value must be.

    Attributes:
        required: an empty value is a problem; a checkbox must be ticked.
        min_length: fewest letters.
        max_length: most letters.
        min: smallest number.
        max: largest number.
        digits: digits after the decimal sign.
        pattern: how a text must look.
        kind: `email`, `phone` or empty.
    """

    required: bool = False
    min_length: int = 0
    max_length: int = LONGEST["textfield"]
    min: float | None = None
    max: float | None = None
    digits: int = 6
    pattern: Pattern | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Component:
    """One part of a form: an input, a text or a group.

    Attributes:
        id: unique in its form; the key of an input.
        type: form-js type.
        label: its words; for `text` the text itself.
        description: the hint below it.
        placeholder: an example inside it.
        rules: what a value must be.
        options: what can be chosen, when the form says so itself.
        lookup: name of the option list, when the form does not.
        parent: key of the field the option list depends on.
        hide: condition under which it is not shown.
        default: value it begins with.
        columns: width in the twelfths of the grid.
        style: how it looks: `segmented`, `choice` or empty.
        autofocus: it is where typing begins.
        rows: height of a textarea.
        autocomplete: what a browser may fill in, as `email`.
        prefix: a sign before the input, as `€`.
        components: parts of a group.
        number: which component of its form it is, counted from 1 as they are read.
    """

    id: str
    type: str
    label: Texts = field(default_factory=Texts)
    description: Texts = field(default_factory=Texts)
    placeholder: Texts = field(default_factory=Texts)
    rules: Rules = field(default_factory=Rules)
    options: tuple[Option, ...] = ()
    lookup: str = ""
    parent: str = ""
    hide: Compiled | None = None
    default: Any = None
    columns: int = 12
    style: str = ""
    autofocus: bool = False
    rows: int = 3
    autocomplete: str = ""
    prefix: str = ""
    components: tuple["Component", ...] = ()
    number: int = 0

    @property
    def key(self) -> str:
        """Name of its value; empty for what has none."""
        return self.id if self.is_input else ""

    @property
    def is_input(self) -> bool:
        """Whether a person enters something here."""
        return self.type in INPUTS

    def needs(self) -> frozenset[str]:
        """Names of the values that decide whether it shows and what it offers."""
        wanted = self.hide.names if self.hide is not None else frozenset()
        return wanted | {self.parent} if self.parent else wanted

    def hidden(self, values: dict[str, Any]) -> bool:
        """Whether its own condition hides it; a condition that fails does not."""
        if self.hide is None:
            return False
        try:
            return bool(self.hide(values))
        except ExpressionError:
            return False

    def walk(self) -> Iterator["Component"]:
        """It and everything in it, top down."""
        yield self
        for part in self.components:
            yield from part.walk()
