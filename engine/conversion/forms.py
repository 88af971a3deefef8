"""Forms made for steps that have none, or one in another notation."""

import json
from collections.abc import Collection
from typing import Any, Final

from lxml import etree

from engine.conversion.dialects import CAMUNDA
from engine.conversion.markup import extension, safe
from engine.conversion.work import FormDraft, Work
from engine.forms.checks import check_form
from engine.forms.definition import FormDefinition
from engine.forms.findings import FormError, FormFinding
from engine.forms.pattern import PatternError, compile_pattern

_TYPES: Final = {
    "string": "textfield",
    "long": "number",
    "integer": "number",
    "int": "number",
    "double": "number",
    "boolean": "checkbox",
    "date": "datetime",
    "enum": "select",
}
_MOST_ROUNDS: Final = 20
_MOST_FIELDS: Final = 300
"""Fields that are read; with 200 a form is refused."""
_OTHER: Final = {"en": "Something else", "nl": "Iets anders", "de": "Etwas anderes"}
BY_HAND: Final = {"en": "Done by hand", "nl": "Met de hand gedaan", "de": "Von Hand erledigt"}
CONFIRM: Final = {
    "en": "Read the name of this step, do it, and complete it.",
    "nl": "Lees hoe deze stap heet, voer hem uit en rond hem af.",
    "de": "Lesen Sie, wie dieser Schritt heißt, führen Sie ihn aus und schließen Sie ihn ab.",
}
WHICH: Final = {"en": "Which way?", "nl": "Welke kant op?", "de": "Welcher Weg?"}
VALUE_OF: Final = {
    "en": "This value was set by code until now.",
    "nl": "Deze waarde werd tot nu toe door code gezet.",
    "de": "Diesen Wert hat bisher Programmcode gesetzt.",
}
A_TIME: Final = {
    "en": "A duration such as P2D or PT4H, or a date such as 2026-01-31T09:00:00+01:00.",
    "nl": "Een duur zoals P2D of PT4H, of een datum zoals 2026-01-31T09:00:00+01:00.",
    "de": "Eine Dauer wie P2D oder PT4H oder ein Datum wie 2026-01-31T09:00:00+01:00.",
}


def translated(name: str, words: dict[str, str]) -> dict[str, Any]:
    """Return a text of our own as forms hold it, in three languages."""
    found = {f"{name}.{language}": text for language, text in words.items() if language != "en"}
    return {name: words["en"], "properties": found}


def note(words: dict[str, str], identifier: str) -> dict[str, Any]:
    """Return a text that is only shown."""
    return {"type": "text", "id": identifier, **translated("text", words)}


def ask(
    form: FormDraft,
    name: str,
    kind: str,
    options: list[str],
    described: dict[str, str] | None = None,
) -> None:
    """Add a question for one value, unless the form asks it already."""
    if any(part.get("key") == name for part in form.components):
        return
    types = {"checkbox": "checkbox", "number": "number", "radio": "radio"}
    part: dict[str, Any] = {"type": types.get(kind, "textfield"), "key": name, "label": name}
    if kind != "checkbox":
        part["validate"] = {"required": True}
    if kind == "radio":
        other = safe("other", "other") if "other" not in options else "something_else"
        part["values"] = [{"value": each, "label": each} for each in options]
        part["values"].append({"value": other, "label": _OTHER["en"]} | _beside(_OTHER))
    if described is not None:
        part |= translated("description", described)
    form.components.append(part)


def choice(form: FormDraft, key: str, ways: list[tuple[str, str]], *, several: bool) -> None:
    """Add the question which way the process goes."""
    form.components.append(
        {
            "type": "checklist" if several else "radio",
            "key": key,
            **translated("label", WHICH),
            "validate": {"required": True},
            "values": [{"value": value, "label": label} for value, label in ways],
        }
    )


def read_fields(work: Work, node: etree._Element, form: FormDraft) -> None:
    """Take over the `camunda:formField` entries of a step or start event."""
    for field in list(extension(node, CAMUNDA, "formField"))[:_MOST_FIELDS]:
        part = _field(work, node, field, {each.get("key") for each in form.components})
        form.components.append(part)
        work.sets.add(part["key"])


def write(form: FormDraft, work: Work, node: etree._Element) -> bytes:
    """Return the file of a form; what cannot be shown here is left out and noted."""
    if not form.components:
        form.components.append(note(CONFIRM, "what_to_do"))
    source = {
        "type": "default",
        "id": form.name,
        "schemaVersion": 18,
        "exporter": {"name": "casewright", "version": "1"},
        "title": form.title,
        "components": form.components,
    }
    return fitted(source, work, node)


def fitted(source: dict[str, Any], work: Work, node: etree._Element) -> bytes:
    """Return the file of a form without the parts that are refused, each of them noted."""
    for _ in range(_MOST_ROUNDS):
        raw = json.dumps(source, ensure_ascii=False, indent=2).encode("utf-8", "replace")
        wrong = faults(raw)
        if not wrong:
            return raw
        for finding in wrong:
            key = finding.key or "the form"
            work.notes.add(node, "form.part", key=key, reason=finding.text)
        defaults = {finding.key for finding in wrong if finding.rule == "default"}
        _without_defaults(source, defaults)
        _without(source, {finding.key for finding in wrong} - defaults)
    source["components"] = [note(CONFIRM, "what_to_do")]
    return json.dumps(source, ensure_ascii=False, indent=2).encode()


def faults(raw: bytes) -> list[FormFinding]:
    """Return what stops a form from being shown here."""
    try:
        form = FormDefinition.parse(raw, name="form")
    except FormError as error:
        return list(error.findings)
    return [each for each in check_form(form, lookups=frozenset()) if each.severity == "error"]


def _without_defaults(source: dict[str, Any], keys: set[str]) -> None:
    waiting: list[Any] = list(source.get("components", []))
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if part.get("key") in keys:
                part.pop("defaultValue", None)
            inner = part.get("components")
            waiting += inner if isinstance(inner, list) else []


def _without(source: dict[str, Any], bad: set[str]) -> None:
    """Take parts out by key, id, or place; a form without parts asks to confirm."""
    place = 0

    def kept(parts: list[Any]) -> list[Any]:
        nonlocal place
        found = []
        for part in parts:
            place += 1
            here = {str(part.get("key")), str(part.get("id")), f"component {place}"}
            inner = part.get("components")
            if isinstance(inner, list):
                part["components"] = kept([each for each in inner if isinstance(each, dict)])
            if not here & bad:
                found.append(part)
        return found

    parts = [part for part in source.get("components", []) if isinstance(part, dict)]
    remaining = kept(parts)
    if remaining == parts and "" in bad:
        remaining = []
    source["components"] = remaining or [note(CONFIRM, "what_to_do")]
    if not isinstance(source.get("title", ""), str):
        source["title"] = ""


def _beside(texts: dict[str, str]) -> dict[str, str]:
    return {f"label.{language}": text for language, text in texts.items() if language != "en"}


def call(work: Work, path: str, taken: Collection[Any]) -> str:
    """Return the key of a field that was read as `path`; expressions follow where it differs."""
    key, number = safe(path, "field"), 1
    while key in taken:
        number += 1
        key = f"{safe(path, 'field')}_{number}"
    if key != path:
        work.called[path] = key
    return key


def _field(
    work: Work, node: etree._Element, field: etree._Element, taken: Collection[Any]
) -> dict[str, Any]:
    wanted = field.get("id", "")
    key = call(work, wanted, taken)
    kind = _TYPES.get(field.get("type", "string"))
    part: dict[str, Any] = {
        "type": kind or "textfield",
        "key": key,
        "label": field.get("label") or wanted or key,
    }
    if kind is None:
        reason = f"its type “{field.get('type')}” is not known; it is a line of text."
        work.notes.add(node, "form.turned", key=key, reason=reason)
    if key != wanted:
        work.notes.add(node, "form.turned", key=wanted, reason=f"it is now called {key}.")
    if field.get("type") in {"long", "integer", "int"}:
        part["decimalDigits"] = 0
    if kind == "datetime":
        work.dates.add(key)
        part["subtype"] = "date"
        part["dateLabel"] = part["label"]
    if kind == "select":
        part["values"] = _options(field)
    default = field.get("defaultValue")
    if default is not None:
        _default(work, node, part, default)
    for rule in field.iter(f"{{{CAMUNDA}}}constraint"):
        _constraint(work, node, part, rule)
    return part


def _options(field: etree._Element) -> list[dict[str, str]]:
    found = field.findall(f"{{{CAMUNDA}}}value")
    return [
        {"value": each.get("id", ""), "label": each.get("name") or each.get("id", "")}
        for each in found
    ]


def _default(work: Work, node: etree._Element, part: dict[str, Any], default: str) -> None:
    if "${" in default or "#{" in default:
        reason = f"its default “{default}” is an expression and was left out."
        work.notes.add(node, "form.turned", key=part["key"], reason=reason)
    elif part["type"] == "checkbox":
        part["defaultValue"] = default == "true"
    else:
        part["defaultValue"] = default


def _constraint(
    work: Work, node: etree._Element, part: dict[str, Any], rule: etree._Element
) -> None:
    """Take over one validation rule of a field."""
    name, config = rule.get("name", ""), rule.get("config") or ""
    checks: dict[str, Any] = part.setdefault("validate", {})
    numbers = {"minlength": "minLength", "maxlength": "maxLength", "min": "min", "max": "max"}
    if name == "required":
        if part["type"] == "checkbox":  # there a value is always given; here it must be ticked
            return
        checks["required"] = True
    elif name in numbers and config.lstrip("-").isdecimal() and len(config) < 10:  # noqa: PLR2004
        checks[numbers[name]] = int(config)
    elif name == "pattern" and _is_pattern(config):
        checks["pattern"] = config
    else:
        reason = f"the rule {name} {config} is not kept."
        work.notes.add(node, "form.part", key=part["key"], reason=reason)


def _is_pattern(source: str) -> bool:
    try:
        compile_pattern(source)
    except PatternError:
        return False
    return bool(source)
