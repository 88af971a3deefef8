"""Visits: how long a token stayed where, who ended it and why; paired from the steps of history."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from engine.history import CANCELLED, COMPLETED

if TYPE_CHECKING:
    from engine.queries import HistoryStep


@dataclass
class Visit:
    """One stay at an element: a moment for what runs by itself, longer for what waits.

    All times are business time.
    """

    process: str
    element_id: str
    entered_at: datetime
    completed_at: datetime | None
    actor: str
    """Who brought it to its end, else who brought the instance there."""
    cause: str
    cancelled_at: datetime | None = None
    """When it was taken away without being completed: interrupted, or its instance ended."""

    @property
    def ended_at(self) -> datetime | None:
        """Return when it was over, whichever way; None while it lasts."""
        return self.completed_at or self.cancelled_at

    @property
    def seconds(self) -> float | None:
        """Return how long it lasted, in business time; None while it lasts."""
        ended = self.ended_at
        return None if ended is None else (ended - self.entered_at).total_seconds()


class Visits:
    """The visits of one instance, in the order in which the elements were reached."""

    def __init__(self) -> None:
        self.all: list[Visit] = []
        self._open: dict[tuple[str, str], list[tuple[str, Visit]]] = {}

    def follow(self, step: "HistoryStep") -> tuple[Visit | None, bool]:
        """Take the next step; return the visit concerned and whether it is a new one.

        A note, and an end of what never began, concern none.
        """
        if step.state not in {COMPLETED, CANCELLED}:
            return (None, False) if step.state == "note" else (self._arrive(step), True)
        visit = self._take(step)
        if visit is None and step.state == CANCELLED:
            return None, False
        is_new = visit is None
        if visit is None:
            visit = Visit(step.process, step.element_id, step.at, None, step.actor, step.cause)
            self.all.append(visit)
        self._end(visit, step.at, step.actor, step.cause, cancelled=step.state == CANCELLED)
        return visit, is_new

    def open(self) -> list[Visit]:
        """Return the visits that still last."""
        return [visit for visits in self._open.values() for _, visit in visits]

    def end_all(self, at: datetime, actor: str, cause: str) -> None:
        """End what still lasts: its instance is over."""
        for visit in self.open():
            self._end(visit, at, actor, cause, cancelled=True)
        self._open.clear()

    def _arrive(self, step: "HistoryStep") -> Visit:
        visit = Visit(step.process, step.element_id, step.at, None, step.actor, step.cause)
        self.all.append(visit)
        place = (step.process, step.element_id)
        self._open.setdefault(place, []).append((step.tag, visit))
        return visit

    def _take(self, step: "HistoryStep") -> Visit | None:
        """Take out the visit that ends: that with the step's tag, else that without one."""
        lasting = self._open.get((step.process, step.element_id))
        if not lasting:
            return None
        for wanted in (step.tag, ""):
            for position, (tag, _) in enumerate(lasting):
                if tag == wanted:
                    return lasting.pop(position)[1]
        return lasting.pop(0)[1]

    @staticmethod
    def _end(visit: Visit, at: datetime, actor: str, cause: str, *, cancelled: bool) -> None:
        visit.actor, visit.cause = actor, cause
        if cancelled:
            visit.cancelled_at = at
        else:
            visit.completed_at = at
