"""The lines of the table about whole cases: one worker, two workers, ten thousand timers."""

import statistics

from tests.bench import cases
from tests.bench.cases import Phases
from tests.bench.floor import Floor, per_second
from tests.bench.measure import Figure

CASES = 1_000
TIMERS = 10_000
ROUNDS = 3
_STEPS_A_CASE = 4
_WORKERS = (1, 2)


def figures(url: str, name: str) -> list[Figure]:
    """Measure with one worker and with two, floors before and after each round; medians count."""
    floor = Floor(url)
    floor.create(max(_WORKERS))
    floor.close()
    found: list[Figure] = []
    for workers in _WORKERS:
        rounds, paces = [], [per_second(url, workers)]
        for _ in range(ROUNDS):
            rounds.append(cases.run(url, CASES, workers))
            paces.append(per_second(url, workers))
        found += _lines(rounds, statistics.median(paces), workers, name)
    return [*found, *_timers(url, name)]


def _lines(rounds: list[Phases], floor: float, workers: int, name: str) -> list[Figure]:
    many = f"{workers} worker{'s' * (workers > 1)}"
    rows = [
        ("whole cases", [one.per_second for one in rounds], floor / _STEPS_A_CASE, "≥ 0.5"),
        ("starts", [one.start.per_second for one in rounds], floor, ""),
        ("user-task completions", [one.completions for one in rounds], floor, "≥ 0.5"),
        ("messages", [one.message.per_second for one in rounds], floor, ""),
        ("timers fired", [one.fire.per_second for one in rounds], floor, ""),
    ]
    note = f"{workers} client{'s' * (workers > 1)}"
    lines = [Figure("floor: 5 statements, 4 KB row", name, per_second=floor, note=note)]
    for what, paces, against, goal in rows:
        pace = statistics.median(paces)
        spread = f"{min(paces):,.0f} to {max(paces):,.0f}"
        lines.append(Figure(f"{what}, {many}", name, pace, pace / against, goal=goal, note=spread))
    memory = max(answer for one in rounds for answer in one.fire.answers)
    return [*lines, Figure(f"memory of a worker's child, {many}", name, value=memory, unit="MB")]


def _timers(url: str, name: str) -> list[Figure]:
    """Let ten thousand timers fall due at once, two workers at hand."""
    cases.wait_many(url, TIMERS, max(_WORKERS))
    cases.later(url, days=9)
    fired = cases.drain(url, max(_WORKERS))
    if fired.calls != TIMERS:
        message = f"{fired.calls} of {TIMERS} timers fired"
        raise RuntimeError(message)
    return [
        Figure(
            "10,000 timers due at once, 2 workers",
            name,
            per_second=fired.per_second,
            value=fired.seconds,
            unit="s",
            goal="≥ 2,500 a second, last ≤ 5 s late",
            note="the last one so many seconds late",
        )
    ]
