"""Stop watch and table."""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass


@dataclass
class Figure:
    """One measured line: seconds a call, and calls a second as a share of the floor."""

    name: str
    database: str
    calls: int
    median_ms: float
    p95_ms: float
    per_second: float
    ratio: float | None = None
    note: str = ""

    def as_json(self) -> dict[str, object]:
        """Return it for var/bench.json."""
        return asdict(self)


class Watch:
    """Collects the durations of calls."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, action: Callable[[], None]) -> None:
        """Run `action` and note how long it took."""
        started = time.perf_counter()
        action()
        self.seconds.append(time.perf_counter() - started)

    def figure(self, name: str, database: str, floor: float | None, note: str = "") -> Figure:
        """Return median, 95th percentile, and calls a second over the time they took together."""
        ordered = sorted(self.seconds)
        each_second = len(ordered) / sum(ordered)
        return Figure(
            name=name,
            database=database,
            calls=len(ordered),
            median_ms=statistics.median(ordered) * 1000,
            p95_ms=ordered[int(len(ordered) * 0.95) - 1] * 1000,
            per_second=each_second,
            ratio=each_second / floor if floor else None,
            note=note,
        )


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as lines of text."""
    head = f"{'':46} {'calls':>6} {'median ms':>10} {'p95 ms':>8} {'a second':>9} {'x floor':>8}"
    lines = [head]
    database = ""
    for figure in figures:
        if figure.database != database:
            database = figure.database
            lines.append(f"-- {database}")
        ratio = f"{figure.ratio:8.2f}" if figure.ratio is not None else " " * 8
        lines.append(
            f"{figure.name:46} {figure.calls:6} {figure.median_ms:10.2f} {figure.p95_ms:8.2f} "
            f"{figure.per_second:9.0f} {ratio} {figure.note}"
        )
    return "\n".join(lines)
