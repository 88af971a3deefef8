"""The way an instance has gone: its visits to elements, and that way drawn on the diagrams."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.definitions import Definition
from engine.drawings import drawings
from engine.history import COMPLETED, ENTERED
from engine.queries import HistoryStep
from engine.visits import Visit, Visits

_JOINS = {"parallelGateway", "inclusiveGateway"}


@dataclass
class Path:
    """What one diagram shows of the way: ids of elements and of sequence flows."""

    done: list[str] = field(default_factory=list)
    now: list[str] = field(default_factory=list)


class Trace:
    """The way of one instance through its process and all it calls."""

    def __init__(self, definition: Definition, steps: Iterable[HistoryStep]) -> None:
        self._visits = Visits()
        self._definition = definition
        self._drawings = drawings(definition.files)
        self._left: dict[tuple[str, str], int] = {}
        """Where in the order an element was last left."""
        self._begun: dict[str, HistoryStep] = {}
        """The step that began each called process the last time."""
        self._flows: dict[tuple[str, str], None] = {}
        for step in steps:
            if step.state != "note":
                self._follow(step)
            elif step.cause == "cancel":
                self._visits.end_all(step.at, step.actor, step.cause)

    @property
    def visits(self) -> list[Visit]:
        """Return all visits in the order in which the elements were reached."""
        return self._visits.all

    def processes(self) -> list[str]:
        """Return the processes of the bundle that the instance is in or may call, its own first."""
        found, stack = [], [self._definition.process]
        while stack:
            process = stack.pop(0)
            if process not in found and process in self._drawings:
                found.append(process)
                stack += self._drawings[process].calls.values()
        return found

    def waiting(self, waiting_at: Sequence[str]) -> list[Visit]:
        """Return the visits that still last, given the elements the instance waits at."""
        return [visit for visit in self._visits.open() if visit.element_id in waiting_at]

    def path(self, process: str, waiting_at: Sequence[str]) -> Path:
        """Return what the diagram of one process shows."""
        drawing = self._drawings[process]
        waiting = {(visit.process, visit.element_id) for visit in self.waiting(waiting_at)}
        busy = {name for name, _ in waiting}
        now = [element for name, element in waiting if name == process]
        now += [element for element, called in drawing.calls.items() if self._within(called, busy)]
        done = [element for name, element in self._left if name == process and element not in now]
        done += [flow for name, flow in self._flows if name == process]
        return Path(done, sorted(now))

    def called(self, process: str, element_id: str) -> str | None:
        """Return the process that a call activity calls."""
        return self._drawings[process].calls.get(element_id)

    def _follow(self, step: HistoryStep) -> None:
        place = (step.process, step.element_id)
        if step.process not in self._drawings:
            return
        visit, is_new = self._visits.follow(step)
        if visit is not None and is_new:
            self._arrive(visit, step)
        if step.state == COMPLETED:
            self._left.pop(place, None)  # the latest goes last
            self._left[place] = step.revision

    def _arrive(self, visit: Visit, step: HistoryStep) -> None:
        place = (step.process, step.element_id)
        called = self.called(*place)
        if (
            called in self._begun and step.state != ENTERED
        ):  # rows of before tell only the end of a call
            visit.entered_at = self._begun[called].at
        elif self._kind(place) == "startEvent":
            self._begun[step.process] = step
            self._enter_call(step.process)
        self._draw_to(place)

    def _enter_call(self, process: str) -> None:
        """Draw the way to the call activity that has just begun this process."""
        for caller, drawing in self._drawings.items():
            for element, called in drawing.calls.items():
                if called == process:
                    self._draw_to((caller, element))

    def _draw_to(self, place: tuple[str, str]) -> None:
        """Mark the flow the instance came by: from the neighbour it left last."""
        process, element = place
        order = list(self._left)
        known = [
            (order.index((process, source)), flow)
            for flow, source in self._drawings[process].incoming.get(element, [])
            if (process, source) in self._left
        ]
        chosen = known if self._kind(place) in _JOINS else [max(known)] if known else []
        self._flows.update({(process, flow): None for _, flow in chosen})

    def _within(self, process: str, busy: set[str]) -> bool:
        """Return whether a called process, or one that it calls in turn, waits."""
        if process in busy:
            return True
        drawing = self._drawings.get(process)
        return drawing is not None and any(self._within(c, busy) for c in drawing.calls.values())

    def _kind(self, place: tuple[str, str]) -> str:
        element = self._definition.by_id.get(place)
        return element.kind if element is not None else ""
