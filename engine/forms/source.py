"""Reads single entries of a form's JSON and notes what is wrong with them."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from engine.expressions.errors import ExpressionError
from engine.expressions.evaluator import Compiled
from engine.expressions.feel import compile_feel
from engine.forms.findings import FormFinding
from engine.forms.formats import UNSTORABLE
from engine.forms.texts import LOCALES, Texts
from engine.sentences import Sentence

MAX_BYTES: Final = 256_000
_MAX_WORDS: Final = 5_000
_MOST: Final = 10**15


class UnreadableFormError(ValueError):
    """A file that is no form at all; says why, and on which line."""

    def __init__(self, text: Sentence, line: int = 1) -> None:
        self.text, self.line = text, line
        super().__init__(text)


def load(raw: bytes) -> dict[str, Any]:
    """The JSON object of a form.

    Raises:
        UnreadableFormError: it is none.
    """
    if len(raw) > MAX_BYTES:
        limit = MAX_BYTES // 1000
        raise UnreadableFormError(Sentence("The form is larger than {limit} kB.", limit=limit))
    try:
        found = json.loads(raw, parse_constant=_refused)
    except json.JSONDecodeError as error:
        text = Sentence("The form is not JSON: {reason}.", reason=error.msg)
        raise UnreadableFormError(text, error.lineno) from None
    except (ValueError, RecursionError):
        raise UnreadableFormError(Sentence("The form is not JSON.")) from None
    if not isinstance(found, dict):
        raise UnreadableFormError(Sentence("The form must be a JSON object."))
    return found


def _refused(_name: str) -> None:
    raise ValueError


class Entry:
    """One JSON object of a form, with the findings on it."""

    def __init__(
        self,
        source: Mapping[str, Any],
        place: str,
        findings: list[FormFinding],
        number: int = 0,
    ) -> None:
        self.source = source
        self.place = place
        self.findings = findings
        self.number = number

    def refuse(self, rule: str, text: Sentence) -> None:
        """Notes a fault that stops the form."""
        self.findings.append(FormFinding(self.place, rule, text, number=self.number))

    def beside(self, source: Mapping[str, Any]) -> "Entry":
        """Another object of the same component."""
        return Entry(source, self.place, self.findings, self.number)

    def part(self, name: str) -> "Entry":
        """The object under this name; an empty one when there is none."""
        found = self.source.get(name)
        if found is not None and not isinstance(found, dict):
            self.refuse("value", Sentence("“{name}” must be an object.", name=name))
        return self.beside(found if isinstance(found, dict) else {})

    def parts(self, name: str, most: int) -> list[dict[str, Any]]:
        """The objects of the list under this name."""
        found = self.source.get(name)
        if found is None:
            return []
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            self.refuse("value", Sentence("“{name}” must be a list of objects.", name=name))
            return []
        if len(found) > most:
            text = Sentence("“{name}” has more than {most} entries.", name=name, most=most)
            self.refuse("size", text)
        return found[:most]

    def word(self, name: str) -> str:
        """The text under this name."""
        found = self.source.get(name)
        if found is None:
            return ""
        if not isinstance(found, str) or len(found) > _MAX_WORDS or UNSTORABLE.search(found):
            text = Sentence(
                "“{name}” must be a text of at most {most} letters.", name=name, most=_MAX_WORDS
            )
            self.refuse("value", text)
            return ""
        return found.strip()

    def one_of(self, name: str, known: Iterable[str]) -> str:
        """The text under this name, if it is one of these."""
        found = self.word(name)
        if found and found not in known:
            text = Sentence("“{name}” must be one of: {known}.", name=name, known=", ".join(known))
            self.refuse("value", text)
            return ""
        return found

    def flag(self, name: str) -> bool:
        """Whether this is switched on; the form editor writes some switches as texts."""
        found = self.source.get(name)
        return found is True or found == "true"

    def figure(self, name: str, least: float = -_MOST, most: float = _MOST) -> float | None:
        """The number under this name; the form editor writes some numbers as texts."""
        found = self.source.get(name)
        if found is None or found == "":
            return None
        try:
            value = float(found) if isinstance(found, str | int | float) else None
        except (ValueError, OverflowError):
            value = None
        if value is None or isinstance(found, bool) or not least <= value <= most:
            text = Sentence(
                "“{name}” must be a number from {least} to {most}.",
                name=name,
                least=f"{least:.0f}",
                most=f"{most:.0f}",
            )
            self.refuse("value", text)
            return None
        return int(value) if value.is_integer() else value

    def whole(self, name: str, otherwise: int, least: int, most: int) -> int:
        """The whole number under this name."""
        found = self.figure(name, least, most)
        return otherwise if found is None else int(found)

    def texts(self, name: str, properties: "Entry", *, alias: str = "") -> Texts:
        """The text under this name with its translations, as `label` and `label.nl`."""
        plain = self.word(name) or properties.word(name)
        if plain.startswith("=") or "{{" in plain:
            text = Sentence("“{name}” may not be computed; write the words themselves.", name=name)
            self.refuse("template", text)
        translations = {
            locale: words
            for locale in LOCALES
            if (
                words := properties.word(f"{name}.{locale}")
                or self.word(f"{name}.{locale}")
                or (properties.word(f"{alias}.{locale}") if alias else "")
            )
        }
        return Texts(plain, translations)

    def condition(self, name: str) -> Compiled | None:
        """The FEEL condition under this name."""
        source = self.word(name)
        if not source:
            return None
        try:
            return compile_feel(source)
        except ExpressionError as error:
            text = Sentence(
                "The condition “{name}” cannot be read. {fault}", name=name, fault=error.located
            )
            self.refuse("condition", text)
            return None
