"""Stop watch and table."""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass
class Figure:
    """One measured line; what a line does not have stays None."""

    name: str
    place: str
    """Which database, or `engine alone`."""
    per_second: float | None = None
    ratio: float | None = None
    """Of `per_second` to the floor measured in the same run."""
    median_ms: float | None = None
    p95_ms: float | None = None
    value: float | None = None
    unit: str = ""
    """Of `value`: bytes, MB, s, statements."""
    goal: str = ""
    """What is to be reached, as the design and the issue say."""
    note: str = ""

    def __str__(self) -> str:
        value = "" if self.value is None else f"{self.value:,.1f} {self.unit}"
        columns = (
            _number(self.per_second, 9, 0),
            _number(self.ratio, 8, 2),
            _number(self.median_ms, 10, 2),
            _number(self.p95_ms, 8, 2),
            f"{value:>14}",
        )
        words = "; ".join(filter(None, (self.goal, self.note)))
        return f"{self.place[:14]:14} {self.name:53} {' '.join(columns)}  {words}".rstrip()


class Watch:
    """Collects the durations of calls."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, action: Callable[[], object]) -> None:
        """Run `action` and note how long it took."""
        started = time.perf_counter()
        action()
        self.seconds.append(time.perf_counter() - started)

    def figure(
        self, name: str, place: str, floor: float | None, note: str = "", goal: str = ""
    ) -> Figure:
        """Return median, 95th percentile, and calls a second over the time they took together."""
        ordered = sorted(self.seconds)
        pace = len(ordered) / sum(ordered)
        return Figure(
            name,
            place,
            per_second=pace,
            ratio=pace / floor if floor else None,
            median_ms=statistics.median(ordered) * 1000,
            p95_ms=ordered[max(0, int(len(ordered) * 0.95) - 1)] * 1000,
            goal=goal,
            note=note,
        )


def head() -> str:
    """Return the line above the figures."""
    columns = f"{'a second':>9} {'x floor':>8} {'median ms':>10} {'p95 ms':>8} {'value':>14}"
    return f"{'':68} {columns}  goal; note"


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as lines of text."""
    return "\n".join([head(), *map(str, figures)])


def _number(value: float | None, width: int, places: int) -> str:
    return " " * width if value is None else f"{value:{width},.{places}f}"
