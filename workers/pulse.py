"""Makes a Celery worker look by itself: a step of its start-up that asks its own pool.

The pool's children do the work, as they do when a bell rings; the worker's event loop only hands
it out. It goes on while the broker is away, so a lost broker costs a second, never a case.
"""

import logging
import os
from datetime import datetime
from functools import partial
from itertools import count
from time import monotonic
from typing import Any

from celery import bootsteps

from engine import clock, jobs
from workers import look, maintenance
from workers.config import WorkerSettings
from workers.slots import open_slots

_BEAT_SECONDS = 3.0
_PLAN_SECONDS = 3600.0
_LOST_SECONDS = 5.0
"""A look that is out for longer keeps nobody from looking: its child may have died before it
began, which the pool never tells. One look too many finds nothing and costs nothing."""

_log = logging.getLogger("workers.pulse")


class Pulse(bootsteps.StartStopStep):
    """Hands a look to the pool every second, and a sign of life every few seconds."""

    requires = ("celery.worker.components:Hub", "celery.worker.components:Pool")

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._started_at = clock.utc_now()
        self._next_beat = self._next_plan = monotonic()
        self._out: dict[int, float] = {}
        """Looks that are with the pool: number and time."""
        self._numbers = count()
        self._tally = look.Tally()

    def create(self, worker: Any) -> None:
        """Make the slots before the pool forks its children."""
        open_slots(worker.concurrency)

    def start(self, worker: Any) -> None:
        """Begin to look."""
        seconds = WorkerSettings().look_seconds
        self._entry = worker.hub.call_repeatedly(seconds, self._tick, worker)
        worker.hub.call_soon(self._tick, worker)

    def stop(self, _worker: Any) -> None:
        """Hand out no more looks."""
        self._entry.cancel()

    def terminate(self, worker: Any) -> None:
        """Hand out no more looks; the pool is ended at once."""
        self.stop(worker)

    def _tick(self, worker: Any) -> None:
        now = monotonic()
        if now >= self._next_beat:
            plans = now >= self._next_plan
            self._next_beat = now + _BEAT_SECONDS
            self._next_plan = now + _PLAN_SECONDS if plans else self._next_plan
            self._hand_out(worker, beat, self._sign(worker), plans)
        elif self._at_work(now) < worker.concurrency:
            self._hand_out(worker, look.look)

    def _at_work(self, now: float) -> int:
        """Return how many looks are out, forgetting those that must be lost."""
        self._out = {n: then for n, then in self._out.items() if now - then < _LOST_SECONDS}
        return len(self._out)

    def _hand_out(self, worker: Any, work: Any, *arguments: Any) -> None:
        number = next(self._numbers)
        self._out[number] = monotonic()
        worker.pool.apply_async(
            work,
            arguments,
            callback=partial(self._came_back, number),
            error_callback=partial(self._failed, number),
        )

    def _came_back(self, number: int, tally: look.Tally) -> None:
        self._out.pop(number, None)
        self._tally.done += tally.done
        self._tally.failed += tally.failed

    def _failed(self, number: int, info: Any) -> None:
        self._out.pop(number, None)
        _log.error("look_failed error=%r", getattr(info, "exception", info))

    def _sign(self, worker: Any) -> tuple[str, datetime, dict[str, Any]]:
        detail = {
            "done": self._tally.done,
            "failed": self._tally.failed,
            "concurrency": worker.concurrency,
            "pid": os.getpid(),
        }
        return worker.hostname, self._started_at, detail


def beat(sign: tuple[str, datetime, dict[str, Any]], plans: bool) -> look.Tally:  # noqa: FBT001 - comes through the pool
    """Write the worker's sign of life, then look; runs in a child, so it shows that those live."""
    name, started_at, detail = sign
    with look.product().db.write() as session:
        jobs.beat(session, name, started_at=started_at, detail=detail)
        if plans:
            maintenance.plan(session)
    return look.look()
