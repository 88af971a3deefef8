"""Turns what a person sent for one input into a typed value, or into problems."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from engine.forms import formats
from engine.forms.components import Component
from engine.forms.options import Option

_LONGEST_ENTRY: Final = 100_000
_MOST_ENTRIES: Final = 500
TICKED: Final = "true"
_TICKS: Final = frozenset({TICKED, "on", "1", "yes"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value is not accepted: a code with what its sentence needs.

    Attributes:
        code: key of the sentence.
        params: what to put into it; `label` is always there.
    """

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Reading:
    """What one input holds.

    Attributes:
        value: typed; None while there are problems.
        entered: what to show in the input again.
        faults: codes with their figures.
    """

    value: Any = None
    entered: list[str] = field(default_factory=list)
    faults: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def fault(self, code: str, **params: Any) -> None:
        """Notes a problem."""
        self.faults.append((code, params))


def read(component: Component, entries: Sequence[str], options: Sequence[Option]) -> Reading:
    """The value of this input, from the texts that were sent for it."""
    reading = Reading()
    texts = [_plain(each, reading) for each in entries[:_MOST_ENTRIES]]
    _READERS[component.type](component, texts, options, reading)
    if reading.faults:
        reading.value = None
    return reading


def _plain(entry: str, reading: Reading) -> str:
    if len(entry) > _LONGEST_ENTRY:
        reading.fault("too_long", max=_LONGEST_ENTRY)
        entry = entry[:_LONGEST_ENTRY]
    if formats.UNSTORABLE.search(entry):
        reading.fault("characters")
        entry = formats.UNSTORABLE.sub("", entry)
    return formats.composed(entry)


def _read_text(
    component: Component, texts: list[str], _options: Sequence[Option], reading: Reading
) -> None:
    entered = texts[0] if texts else ""
    many_lines = component.type == "textarea"
    text = formats.lines(entered) if many_lines else formats.one_line(entered)
    reading.entered, reading.value = [text], text or None
    if not text:
        _missing(component, reading)
        return
    rules = component.rules
    if len(text) > rules.max_length:
        reading.fault("too_long", max=rules.max_length)
    elif len(text) < rules.min_length:
        reading.fault("too_short", min=rules.min_length)
    elif rules.kind == "email" and not formats.is_email(text):
        reading.fault("email")
    elif rules.kind == "phone" and not formats.is_phone(text):
        reading.fault("phone")
    elif rules.pattern is not None and not rules.pattern.matches(text):
        reading.fault("pattern")


def _read_number(
    component: Component, texts: list[str], _options: Sequence[Option], reading: Reading
) -> None:
    text = formats.one_line(texts[0]) if texts else ""
    reading.entered = [text]
    if not text:
        _missing(component, reading)
        return
    value = reading.value = formats.number(text)
    rules = component.rules
    if value is None:
        reading.fault("number")
    elif formats.digits_after_point(value) > rules.digits:
        reading.fault("digits" if rules.digits else "whole", digits=rules.digits)
    elif rules.min is not None and value < rules.min:
        reading.fault("too_small", min=rules.min)
    elif rules.max is not None and value > rules.max:
        reading.fault("too_large", max=rules.max)


def _read_date(
    component: Component, texts: list[str], _options: Sequence[Option], reading: Reading
) -> None:
    text = formats.one_line(texts[0]) if texts else ""
    reading.entered, reading.value = [text], text or None
    if not text:
        _missing(component, reading)
    elif not formats.is_date(text):
        reading.fault("date")


def _read_tick(
    component: Component, texts: list[str], _options: Sequence[Option], reading: Reading
) -> None:
    ticked = any(text in _TICKS for text in texts)
    reading.entered, reading.value = [TICKED] if ticked else [], ticked
    if not ticked:
        _missing(component, reading, code="tick")


def _read_choice(
    component: Component, texts: list[str], options: Sequence[Option], reading: Reading
) -> None:
    text = texts[0].strip() if texts else ""
    known = any(option.value == text for option in options)
    reading.entered = [text] if known else []
    if known:
        reading.value = text
    elif text:
        reading.fault("option")
    else:
        _missing(component, reading, code="choose")


def _read_choices(
    component: Component, texts: list[str], options: Sequence[Option], reading: Reading
) -> None:
    wanted = {text.strip() for text in texts} - {""}
    chosen = [option.value for option in options if option.value in wanted]
    reading.entered, reading.value = chosen, chosen
    if len(chosen) < len(wanted):
        reading.fault("option")
    elif not chosen:
        _missing(component, reading, code="choose")


def _missing(component: Component, reading: Reading, code: str = "required") -> None:
    if component.rules.required and not reading.faults:
        reading.fault(code)


_Reader = Callable[[Component, list[str], Sequence[Option], Reading], None]
_READERS: Final[Mapping[str, _Reader]] = {
    "textfield": _read_text,
    "textarea": _read_text,
    "number": _read_number,
    "datetime": _read_date,
    "checkbox": _read_tick,
    "radio": _read_choice,
    "select": _read_choice,
    "checklist": _read_choices,
}
