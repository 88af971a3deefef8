"""Forms of Camunda's form-js, made to fit the part of form-js that is shown here."""

import json
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from engine.conversion.forms import call, faults, fitted
from engine.conversion.markup import safe
from engine.conversion.work import Work
from engine.forms.source import MAX_BYTES

_WORDS: Final = frozenset({"type", "subtype", "key", "id"})
_ONLY_SHOWN: Final = {"separator", "spacer", "image", "html", "documentPreview", "iframe"}
_DEEPEST: Final = 4
_TITLES: Final = {"label", "text", "description", "dateLabel"}


def form_id(raw: bytes) -> str:
    """Return the id in a form file; empty when it is none."""
    found = _json(raw)
    return str(found.get("id", "")) if found else ""


def adapted(raw: bytes, work: Work, node: etree._Element) -> bytes | None:
    """Return a form as it is when it can be shown, else one that can; None when it is no form.

    What was changed or left out is noted at the step.
    """
    source = _json(raw)
    if source is None or not isinstance(source.get("components"), list):
        return None
    if faults(raw) or any(part.get("path") for part in _inside(source)):
        source["components"] = _parts(source["components"], work, node)
        raw = fitted(source, work, node)
    _remember(json.loads(raw), work)
    return raw


def _json(raw: bytes) -> dict[str, Any] | None:
    if len(raw) > MAX_BYTES:
        return None
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _remember(source: dict[str, Any], work: Work) -> None:
    """Note which values a form sets."""
    for part in _inside(source):
        if isinstance(part.get("key"), str):
            work.sets.add(part["key"])
            if part.get("type") == "datetime":
                work.dates.add(part["key"])


def _inside(source: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every part of a form, those in groups included."""
    waiting: list[Any] = [source]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            inner = part.get("components")
            waiting += inner if isinstance(inner, list) else []


def _parts(
    parts: list[Any], work: Work, node: etree._Element, depth: int = 0, path: str = ""
) -> list[Any]:
    found: list[Any] = []
    for part in parts:
        if isinstance(part, dict):
            found += _part(_with_words(part), work, node, depth, path)
    return found


def _with_words(part: dict[str, Any]) -> dict[str, Any]:
    """Return a part whose kind and names are texts; a stranger's file may hold anything there."""
    odd = {word for word in _WORDS & part.keys() if not isinstance(part[word], str | None)}
    return {name: str(value) if name in odd else value for name, value in part.items()}


def _part(
    part: dict[str, Any], work: Work, node: etree._Element, depth: int, path: str
) -> list[dict[str, Any]]:
    """Return what takes the place of one part: itself, another kind, its inner parts or nothing.

    `path` is what the groups around it put before its key, as in `order.`.
    """
    kind, name = part.get("type"), str(part.get("key") or part.get("id") or part.get("type"))

    def noted(reason: str) -> None:
        work.notes.add(node, "form.turned", key=name, reason=reason)

    if kind == "button":
        return []  # the page has its own
    if kind in _ONLY_SHOWN:
        noted(f"a part of the kind {kind} is not shown.")
        return []
    for title in _TITLES & part.keys():
        words = part[title]
        if isinstance(words, str) and (words.startswith("=") or "{{" in words):
            noted(f"its {title} was computed; it now says {name}.")
            part[title] = name
    if kind in {"group", "columns"}:
        own = part.pop("path", None)
        inner = part.get("components")
        within = f"{path}{own}." if isinstance(own, str) and own else path
        nested = (
            _parts(inner, work, node, depth + 1, within)
            if isinstance(inner, list) and depth < _DEEPEST
            else []
        )
        return [{**part, "type": "group", "components": nested}] if nested else []
    _choice(part, noted)
    _kind(part, noted)
    _key(part, work, path, noted)
    return [part]


def _choice(part: dict[str, Any], noted: Any) -> None:
    if part.get("type") == "taglist":
        part["type"] = "checklist"
        noted("a list of tags became a list of ticks.")
    if part.get("type") in {"select", "radio", "checklist"} and not part.get("values"):
        part["type"] = "textfield"
        noted("its options came from data; it is a line of text.")


def _kind(part: dict[str, Any], noted: Any) -> None:
    if part.get("type") == "datetime" and part.get("subtype") not in {None, "date"}:
        part["type"], part["label"] = "textfield", part.get("timeLabel") or part.get("dateLabel")
        noted("a time of day is a line of text.")
    if part.get("readonly") or part.get("disabled"):
        part.pop("readonly", None)
        part.pop("disabled", None)
        part |= {
            "type": "text",
            "id": safe(str(part.pop("key", "shown"))),
            "text": part.get("label"),
        }
        noted("it could not be filled in; only its label is shown.")


def _key(part: dict[str, Any], work: Work, path: str, noted: Any) -> None:
    key = part.get("key")
    if isinstance(key, str) and call(work, f"{path}{key}", ()) != key:
        part["key"] = call(work, f"{path}{key}", ())
        noted(f"its key is now {part['key']}.")
