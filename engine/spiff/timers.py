"""One timer definition in place of the library's: fires at its due time, not after it.

It cures five faults of the stock timers: two timers behind one gateway sharing a date, firing
strictly after the due time, a zone frozen at import, a clock that cannot be set, and durations
that read `-PT1H` as plus one hour.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.util import BpmnEvent

DUE = "due"
"""Key in a task's internal data: due times by timer id, as texts."""
_SEEN = "seen_events"
_DURATION = re.compile(
    r"P(?=.)(?:(?P<weeks>\d{1,4})W|"
    r"(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,7})M)?(?:(?P<seconds>\d{1,8})S)?)?)"
)
_MONTHS_A_YEAR = 12
MAX_AHEAD = timedelta(days=366 * 20)


class TimerError(ValueError):
    """The timer's expression gives neither a duration nor a date."""


def due_time(value: object, now: datetime) -> datetime:
    """Return when a timer of this value, armed at `now`, is due, in UTC.

    `value` is an ISO 8601 duration (`P8D`, `PT4H`; a day has 24 hours), a date-time with
    offset, a timedelta or an aware datetime. Raises TimerError.
    """
    if isinstance(value, timedelta):
        due = now + value
    elif isinstance(value, datetime):
        due = value
    elif isinstance(value, str) and value.startswith("P"):
        due = _after(value, now)
    else:
        due = _moment(value)
    if due.tzinfo is None:
        message = f"the date {value} has no offset, as in 2026-01-31T09:00:00+01:00"
        raise TimerError(message)
    if due - now > MAX_AHEAD:
        message = f"{value} is more than twenty years ahead"
        raise TimerError(message)
    try:
        return due.astimezone(UTC)
    except OverflowError:
        message = f"the date {value} is before all calendars"
        raise TimerError(message) from None


class DueTimer(TimerEventDefinition):  # type: ignore[misc]
    """A one-shot timer that remembers its due time under its own element id."""

    def __init__(self, name: str, expression: str, timer_id: str) -> None:
        super().__init__(name, expression)
        self.timer_id = timer_id

    def has_fired(self, my_task: Any) -> bool:
        """Arm on the first look; fired once the clock of this command reaches the due time."""
        now: datetime = my_task.workflow.script_engine.now
        return self.due(my_task, now) <= now

    def due(self, my_task: Any, now: datetime) -> datetime:
        """Return the stored due time, computing it when there is none yet."""
        stored: dict[str, str] = my_task.internal_data.setdefault(DUE, {})
        if self.timer_id not in stored:
            value = my_task.workflow.script_engine.evaluate(my_task, self.expression)
            stored[self.timer_id] = due_time(value, now).isoformat()
        return datetime.fromisoformat(stored[self.timer_id])

    def reset(self, my_task: Any) -> None:
        """Forget the due time."""
        my_task.internal_data.pop(DUE, None)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DueTimer) and other.timer_id == self.timer_id

    __hash__ = None  # type: ignore[assignment]


class FirstOf(MultipleEventDefinition):  # type: ignore[misc]
    """What an event-based gateway waits for: whichever comes first, and only that.

    The stock definition also takes a timer that is due at the moment a message arrives, so
    that both branches run. Here a message that has arrived wins over a timer that nobody has
    fired yet, and of several timers the earliest wins.
    """

    def has_fired(self, my_task: Any) -> bool:
        """Say whether something has happened, and note what."""
        if my_task.internal_data.get(_SEEN):
            return True
        now: datetime = my_task.workflow.script_engine.now
        timers = [item for item in self.event_definitions if isinstance(item, DueTimer)]
        due = [(timer.due(my_task, now), index) for index, timer in enumerate(timers)]
        fired = min((entry for entry in due if entry[0] <= now), default=None)
        if fired is None:
            return False
        my_task.internal_data[_SEEN] = [BpmnEvent(timers[fired[1]])]
        return True

    def catch(self, my_task: Any, event: Any = None) -> None:
        """Keep the first event only, under the definition that waits for exactly this."""
        if my_task.internal_data.get(_SEEN):
            return
        found = next(item for item in self.event_definitions if item.catches(my_task, event))
        my_task.internal_data[_SEEN] = [BpmnEvent(found, payload=event.payload)]

    def reset(self, my_task: Any) -> None:
        """Forget what was seen and every due time."""
        my_task.internal_data.pop(DUE, None)
        super().reset(my_task)


def armed(my_task: Any) -> list[tuple[str, datetime]]:
    """Return (element id of the timer, due time) for each timer a waiting task has armed."""
    stored: dict[str, str] = my_task.internal_data.get(DUE, {})
    return [(timer, datetime.fromisoformat(due)) for timer, due in stored.items()]


def _moment(value: object) -> datetime:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        message = f"{value!r} is neither a duration such as P8D nor a date with offset"
        raise TimerError(message) from None


def _after(text: str, now: datetime) -> datetime:
    match = _DURATION.fullmatch(text)
    if match is None:
        message = f"{text!r} is not a duration such as P8D, PT4H or P1DT12H"
        raise TimerError(message)
    part = {name: int(value or 0) for name, value in match.groupdict().items()}
    months = part.pop("years") * _MONTHS_A_YEAR + part.pop("months")
    return _add_months(now, months) + timedelta(**part)


def _add_months(moment: datetime, months: int) -> datetime:
    """Return the same day of a later month, or its last day when that is shorter."""
    total = moment.month - 1 + months
    year, month = moment.year + total // _MONTHS_A_YEAR, total % _MONTHS_A_YEAR + 1
    first_of_next = datetime(
        year + month // _MONTHS_A_YEAR, month % _MONTHS_A_YEAR + 1, 1, tzinfo=UTC
    )
    last_day = (first_of_next - timedelta(days=1)).day
    return moment.replace(year=year, month=month, day=min(moment.day, last_day))
