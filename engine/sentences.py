"""Sentences that remember what they were made of, so that a face can say them in another language.

`make messages` collects every literal that stands as first argument of `Sentence`.
"""

from collections.abc import Mapping
from typing import Any, Self


class Sentence(str):
    """An English text, with the template and the facts it was filled from.

    It is a plain text wherever one is wanted. A fact may be a Sentence itself. A template
    without facts is taken as it is, braces included.
    """

    __slots__ = ("params", "template")
    template: str
    params: Mapping[str, Any]

    def __new__(cls, template: str, /, **params: Any) -> Self:
        """Fill `{name}` places of a template. Raises KeyError when a fact is missing."""
        made = super().__new__(cls, template.format_map(params) if params else template)
        made.template, made.params = template, params
        return made

    def filled(self, **params: Any) -> "Sentence":
        """Return this template with other facts."""
        return Sentence(self.template, **params)


def as_json(text: object) -> Any:
    """Return a text, figure or sentence as plain JSON data; `from_json` reads it."""
    if isinstance(text, Sentence):
        facts = {name: as_json(value) for name, value in text.params.items()}
        return {"template": text.template, "params": facts}
    return text if isinstance(text, int | float | bool) or text is None else str(text)


def from_json(found: Any) -> Any:
    """Return what `as_json` wrote. Raises ValueError or KeyError for anything else."""
    if isinstance(found, dict):
        facts = {str(name): from_json(value) for name, value in found["params"].items()}
        return Sentence(str(found["template"]), **facts)
    return found
