"""Whether the work gets done: workers by their signs of life, and what waits in the queue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from engine import clock, inspection, queries
from webapp.admin.blueprint import bp
from webapp.auth import requires
from webapp.context import tx

SILENT_AFTER = timedelta(seconds=15)
"""Workers beat every three seconds."""


@dataclass(frozen=True)
class Worker:
    """One worker as its last sign of life left it."""

    name: str
    is_alive: bool
    seen_at: datetime
    silence: timedelta
    running: timedelta
    done: int
    failed: int
    pool: int


@bp.get("/workers")
@requires("instances", "read")
def workers() -> ResponseReturnValue:
    """Show the workers, the living first, and the load of the job queue."""
    now = clock.real_now(tx())
    found = [_worker(beat, now) for beat in queries.workers(tx())]
    found.sort(key=lambda worker: (not worker.is_alive, worker.silence, worker.name))
    loads = inspection.job_loads(tx())
    return render_template(
        "admin/workers.html",
        workers=found,
        alive=[worker for worker in found if worker.is_alive],
        loads=loads,
        late=sum(load.overdue for load in loads),
    )


def _worker(beat: Any, now: datetime) -> Worker:
    silence = max(now - beat.seen_at, timedelta(0))
    detail = beat.detail or {}
    return Worker(
        name=beat.name,
        is_alive=silence <= SILENT_AFTER,
        seen_at=beat.seen_at,
        silence=silence,
        running=beat.seen_at - beat.started_at,
        done=int(detail.get("done", 0)),
        failed=int(detail.get("failed", 0)),
        pool=int(detail.get("concurrency", 0)),
    )
