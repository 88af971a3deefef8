"""The steps of one command as history keeps them: few bytes, and every visit told apart.

A row's `steps` are one text, such as `request >start >fork <classify closure !wait~3fa92c`: the
process wherever it changes, then `<` entered, `>` completed, `!` cancelled, and the element. What
is entered and completed in one command has `>` only. Where an element is open more than once
(two calls of one process, a task for each item of a list) the mark ends with a part of the
task's id. A command that carries a note has the list of both. Rows written before have a list of
`["<" or ">", process, element]`, a note as `["#", cause, note]`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from engine.steps import ElementEvent, Waiting

ENTERED, COMPLETED, CANCELLED = "entered", "completed", "cancelled"
_SIGNS: Final = {ENTERED: "<", COMPLETED: ">", CANCELLED: "!"}
_STATES: Final = {sign: state for state, sign in _SIGNS.items()}
_TAG, _TAG_LENGTH = "~", 6
_NOTE, _PAIR = "#", 2


class Mark(NamedTuple):
    """A token that comes to an element, completes it, or is taken away from it."""

    state: str
    """entered, completed or cancelled."""
    process: str
    element_id: str
    tag: str = ""
    """Tells apart what is open at the same element at the same time."""


class Stay(NamedTuple):
    """A task that lasts beyond a command: it waits, or it is a call whose process runs."""

    task_id: UUID
    process: str
    element_id: str
    called: str = ""
    """The process a call activity calls."""


def stays(waiting: Iterable[Waiting], calls: Iterable[Stay]) -> list[Stay]:
    """Return everything that lasts, calls first: they are reached before what is in them."""
    waits = [Stay(wait.task_id, wait.process, wait.element_id) for wait in waiting]
    return [*calls, *waits]


def marks(
    events: Sequence[ElementEvent], before: Sequence[Stay], after: Sequence[Stay]
) -> list[Mark]:
    """Return what one command did to the visits of an instance, in order."""
    known, crowd = {stay.task_id for stay in before}, Counter(map(_place, before))
    found = []
    ended = {event.task_id for event in events if event.state == COMPLETED}
    for event in events:
        crowded = crowd[_place(event)] > (1 if event.task_id in known else 0)
        if event.state == COMPLETED or (crowded and event.task_id in ended):
            found.append(_mark(event.state, event, event.task_id if crowded else None))
    remaining = {stay.task_id for stay in after}
    found += [
        _mark(CANCELLED, stay, stay.task_id if crowd[_place(stay)] > 1 else None)
        for stay in before
        if stay.task_id not in remaining and stay.task_id not in ended
    ]
    now = Counter(map(_place, after))
    for stay in after:
        if stay.task_id not in known:
            tagged = now[_place(stay)] > 1 or crowd[_place(stay)] > 0
            arrival = _mark(ENTERED, stay, stay.task_id if tagged else None)
            found.insert(_before_the_called(found, stay), arrival)
    return found


def encode(steps: Iterable[Mark], note: str = "") -> Any:
    """Return what the column `steps` keeps."""
    words, process = [], ""
    for mark in steps:
        if mark.process != process:
            process = mark.process
            words.append(process)
        tag = _TAG + mark.tag if mark.tag else ""
        words.append(f"{_SIGNS[mark.state]}{mark.element_id}{tag}")
    text = " ".join(words)
    return [text, note] if note else text


def decode(kept: Any) -> tuple[list[Mark], str]:
    """Return the marks and the note of a row, whichever way it was written."""
    if isinstance(kept, str):
        return _read(kept), ""
    if len(kept) == _PAIR and isinstance(kept[0], str):
        return _read(kept[0]), kept[1]
    note = next((text for sign, _, text in kept if sign == _NOTE), "")
    return [Mark(_STATES[sign], *place) for sign, *place in kept if sign != _NOTE], note


def _read(text: str) -> list[Mark]:
    found, process = [], ""
    for word in text.split():
        state = _STATES.get(word[0])
        if state is None:
            process = word
            continue
        element_id, _, tag = word[1:].partition(_TAG)
        found.append(Mark(state, process, element_id, tag))
    return found


def _before_the_called(found: Sequence[Mark], stay: Stay) -> int:
    """Return the position of a call's arrival: before the first step inside what it calls."""
    if stay.called and stay.called != stay.process:
        for position, mark in enumerate(found):
            if mark.process == stay.called and mark.state != CANCELLED:
                return position
    return len(found)


def _mark(state: str, at: Stay | ElementEvent, task_id: UUID | None) -> Mark:
    tag = task_id.hex[:_TAG_LENGTH] if task_id is not None else ""
    return Mark(state, at.process, at.element_id, tag)


def _place(at: Stay | ElementEvent) -> tuple[str, str]:
    return at.process, at.element_id
