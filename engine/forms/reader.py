"""Turns the JSON of a form into its components."""

import re
from typing import Any, Final

from engine.forms.components import (
    CHOICES,
    COLUMNS,
    INPUTS,
    LONGEST,
    SINGLE_CHOICE,
    STATIC,
    TEXT_TYPES,
    Component,
    Rules,
)
from engine.forms.findings import FormFinding
from engine.forms.formats import UNSTORABLE
from engine.forms.options import Option
from engine.forms.pattern import MAX_TEXT, Pattern, PatternError, compile_pattern
from engine.forms.source import Entry
from engine.forms.texts import LOCALES
from engine.sentences import Sentence

_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")
_RESERVED: Final = frozenset(
    {"csrf_token", "typename", "parent", "true", "false", "null", "and", "or", "not", "in", "if"}
    | {"then", "else", "return", "function", "for", "some", "every", "satisfies", "between"}
)
_MAX_COMPONENTS: Final = 200
_MAX_OPTIONS: Final = 500
_MAX_DEPTH: Final = 5
_LARGE: Final = 10**15
_STYLES: Final = ("segmented", "choice")
_KINDS: Final = ("email", "phone", "custom")
_AUTOCOMPLETE: Final = (
    *("off", "name", "given-name", "family-name", "email", "tel", "organization"),
    *("street-address", "postal-code", "address-level2", "country-name", "bday"),
)


class ComponentReader:
    """Reads components and remembers what they have taken: keys and room."""

    def __init__(self) -> None:
        self.findings: list[FormFinding] = []
        self._ids: set[str] = set()
        self._count = 0

    def read_all(self, entry: Entry, depth: int = 1) -> tuple[Component, ...]:
        """The components of a form or group."""
        sources = entry.parts("components", _MAX_COMPONENTS)
        if sources and depth > _MAX_DEPTH:
            entry.refuse(
                "size", Sentence("Groups are nested deeper than {most} levels.", most=_MAX_DEPTH)
            )
            return ()
        found = [self._read(source, depth) for source in sources]
        return tuple(component for component in found if component is not None)

    def _read(self, source: dict[str, Any], depth: int) -> Component | None:
        self._count += 1
        entry = Entry(source, self._place(source), self.findings, self._count)
        if self._count > _MAX_COMPONENTS:
            if self._count == _MAX_COMPONENTS + 1:
                text = Sentence("The form has more than {most} components.", most=_MAX_COMPONENTS)
                entry.refuse("size", text)
            return None
        kind = entry.word("type")
        if kind in INPUTS:
            return self._input(entry, kind)
        if kind in STATIC:
            return self._static(entry, kind, depth)
        known = ", ".join(sorted(INPUTS | STATIC))
        text = Sentence(
            "The component “{kind}” is not supported. There are: {known}.",
            kind=kind[:40],
            known=known,
        )
        entry.refuse("type", text)
        return None

    def _place(self, source: dict[str, Any]) -> str:
        for name in ("key", "id"):
            if isinstance(source.get(name), str) and source[name].strip():
                return str(source[name])[:60]
        return f"component {self._count}"

    def _id(self, entry: Entry, wanted: str) -> str:
        if wanted in self._ids:
            entry.refuse("key", Sentence("The key “{key}” is used twice.", key=wanted))
        self._ids.add(wanted)
        return wanted

    def _input(self, entry: Entry, kind: str) -> Component | None:
        key = entry.word("key")
        if not _KEY.fullmatch(key) or key in _RESERVED:
            text = Sentence(
                "An input needs a key of letters, digits and _ that is no word of the language."
            )
            entry.refuse("key", text)
            return None
        if entry.flag("disabled") or entry.flag("readonly"):
            text = Sentence("A field that cannot be filled in is not supported; use text.")
            entry.refuse("readonly", text)
        if kind == "datetime" and entry.word("subtype") not in {"", "date"}:
            text = Sentence("Of the date fields only the subtype “date” is supported.")
            entry.refuse("type", text)
        properties = entry.part("properties")
        component = Component(
            id=self._id(entry, key),
            type=kind,
            label=entry.texts("dateLabel" if entry.word("dateLabel") else "label", properties),
            description=entry.texts("description", properties),
            placeholder=entry.texts("placeholder", properties),
            rules=_rules(entry, kind),
            options=_options(entry, properties) if kind in CHOICES else (),
            lookup=properties.word("options") if kind in CHOICES else "",
            parent=properties.word("parent") if kind in CHOICES else "",
            hide=entry.part("conditional").condition("hide"),
            default=entry.source.get("defaultValue"),
            columns=_columns(entry, properties),
            style=properties.one_of("style", _STYLES),
            autofocus=properties.flag("autofocus"),
            rows=properties.whole("rows", 3, 1, 30),
            autocomplete=(
                properties.one_of("autocomplete", _AUTOCOMPLETE)
                or entry.one_of("autocomplete", _AUTOCOMPLETE)
            ),
            prefix=entry.part("appearance").word("prefixAdorner")[:8],
            number=entry.number,
        )
        _check_choice(entry, component)
        return component

    def _static(self, entry: Entry, kind: str, depth: int) -> Component:
        properties = entry.part("properties")
        wanted = entry.word("id") or f"{kind}_{self._count}"
        if not _KEY.fullmatch(wanted):
            wanted = f"{kind}_{self._count}"
        return Component(
            id=self._id(entry, wanted),
            type=kind,
            label=entry.texts("text" if kind == "text" else "label", properties, alias="label"),
            description=entry.texts("description", properties),
            hide=entry.part("conditional").condition("hide"),
            columns=_columns(entry, properties),
            components=self.read_all(entry, depth + 1) if kind == "group" else (),
            number=entry.number,
        )


def _columns(entry: Entry, properties: Entry) -> int:
    """The width in twelfths: our own property, else the sixteenths of the form editor."""
    sixteenths = entry.part("layout").whole("columns", 16, 1, 16)
    fitting = min(COLUMNS, key=lambda each: abs(each - sixteenths * 12 / 16))
    found = properties.whole("columns", fitting, 1, 12)
    if found not in COLUMNS:
        known = ", ".join(map(str, COLUMNS))
        text = Sentence("“{name}” must be one of: {known}.", name="columns", known=known)
        properties.refuse("value", text)
        return 12
    return found


def _rules(entry: Entry, kind: str) -> Rules:
    checks = entry.part("validate")
    longest = LONGEST["textarea"]
    usual = LONGEST.get(kind, longest)
    pattern = _pattern(checks) if kind in TEXT_TYPES else None
    return Rules(
        required=checks.flag("required"),
        min_length=checks.whole("minLength", 0, 0, longest),
        max_length=min(
            checks.whole("maxLength", usual, 1, longest), longest if pattern is None else MAX_TEXT
        ),
        min=checks.figure("min"),
        max=checks.figure("max"),
        digits=entry.whole("decimalDigits", 6, 0, 10),
        pattern=pattern,
        kind=checks.one_of("validationType", _KINDS).removeprefix("custom"),
    )


def _pattern(checks: Entry) -> Pattern | None:
    source = checks.word("pattern")
    if not source:
        return None
    try:
        return compile_pattern(source)
    except PatternError as error:
        text = Sentence("The pattern cannot be used: {reason}.", reason=error.reason)
        checks.refuse("pattern", text)
        return None


def _options(entry: Entry, properties: Entry) -> tuple[Option, ...]:
    found: dict[str, Option] = {}
    for source in entry.parts("values", _MAX_OPTIONS):
        option = _option(entry.beside(source), properties)
        if option is None:
            continue
        if option.value in found:
            text = Sentence("The option “{option}” stands there twice.", option=option.value[:40])
            entry.refuse("option", text)
        found[option.value] = option
    return tuple(found.values())


def _option(entry: Entry, properties: Entry) -> Option | None:
    value = entry.source.get("value")
    value = str(value) if value.__class__ is int and abs(value) < _LARGE else value
    if not isinstance(value, str) or not value.strip() or UNSTORABLE.search(value):
        entry.refuse("option", Sentence("Each option needs a value."))
        return None
    value = value.strip()
    alone = entry.beside({})
    label = entry.texts("label", alone)
    hint = entry.texts("description", alone)
    beside = {each: properties.word(f"option.{value}.{each}") for each in LOCALES}
    given = {locale: words for locale, words in beside.items() if words}
    return Option(
        value, label.plain, {**label.translations, **given}, hint.plain, hint.translations
    )


def _check_choice(entry: Entry, component: Component) -> None:
    if component.type not in CHOICES:
        if component.style:
            entry.refuse("value", Sentence("Only fields with options have a style."))
        return
    if bool(component.options) == bool(component.lookup):
        text = Sentence("A choice needs either values or the name of an option list.")
        entry.refuse("options", text)
    if component.parent and not component.lookup:
        text = Sentence("Only an option list can depend on a parent field.")
        entry.refuse("options", text)
    if component.style == "segmented" and component.type not in SINGLE_CHOICE:
        text = Sentence("The style “segmented” is for fields with one choice.")
        entry.refuse("value", text)
