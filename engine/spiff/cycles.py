"""Repeating timers: reminders on events that do not interrupt."""

import re
from datetime import datetime, timedelta
from typing import Any

from engine.sentences import Sentence
from engine.spiff.timers import DUE, DueTimer, TimerError, due_time

MIN_INTERVAL = timedelta(seconds=60)
"""The least time between two turns."""
MAX_TURNS = 1_000
"""The most turns a counted cycle may have."""
FOR_EVER = -1

_CYCLE = re.compile(r"R(?P<count>\d{0,4})/(?P<every>P.+)")
_LEFT, _EVERY = "left", "every"


def parse_cycle(value: object, now: datetime) -> tuple[int, str]:
    """Return (number of turns or FOR_EVER, duration between them) of `R3/PT24H` or `R/P1D`.

    Raises TimerError.
    """
    match = _CYCLE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        message = Sentence(
            "{value} is not a repetition such as R3/PT24H or R/P1D", value=repr(value)
        )
        raise TimerError(message)
    count, every = match["count"], match["every"]
    if due_time(every, now) - now < MIN_INTERVAL:
        message = Sentence(
            "{value} repeats after less than {least} seconds",
            value=str(value),
            least=MIN_INTERVAL.seconds,
        )
        raise TimerError(message)
    if count and not 1 <= int(count) <= MAX_TURNS:
        message = Sentence(
            "{value} must repeat 1 to {most} times, or without a number for ever",
            value=str(value),
            most=MAX_TURNS,
        )
        raise TimerError(message)
    return (int(count) if count else FOR_EVER), every


class RepeatingTimer(DueTimer):
    """A timer with several turns, at most one of them in one command.

    A counted cycle fires every turn, also those missed while nobody looked, one command after
    the other. One without a number fires once for all it missed and goes on from its own grid.
    """

    def has_fired(self, my_task: Any) -> bool:
        """Say whether this turn is due; a turn armed by this very command never is."""
        if my_task.id in my_task.workflow.top_workflow.armed_now:
            return False
        return super().has_fired(my_task)

    def due(self, my_task: Any, now: datetime) -> datetime:
        """Return the stored due time of this turn, computing the first one."""
        if self.timer_id not in my_task.internal_data.get(DUE, {}):
            value = my_task.workflow.script_engine.evaluate(my_task, self.expression)
            count, every = parse_cycle(value, now)
            first = due_time(every, now)
            my_task.internal_data.update(self._turn(first, _less(count), every))
        return super().due(my_task, now)

    def following(self, my_task: Any, now: datetime) -> dict[str, Any] | None:
        """Return what the next turn must remember; None after the last."""
        left, every = my_task.internal_data.get(_LEFT, 0), my_task.internal_data[_EVERY]
        if left == 0:
            return None
        previous = self.due(my_task, now)
        due = due_time(every, previous)
        if left < 0 and due <= now:
            step = due - previous
            due += step * ((now - due) // step + 1)
        return self._turn(due, _less(left), every)

    def _turn(self, due: datetime, left: int, every: str) -> dict[str, Any]:
        return {DUE: {self.timer_id: due.isoformat()}, _LEFT: left, _EVERY: every}


def _less(turns: int) -> int:
    return turns if turns == FOR_EVER else turns - 1
