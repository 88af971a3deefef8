"""Whether the work gets done: workers by their signs of life, and what waits in the queue."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from engine import clock, inspection, jobs, queries
from engine.watch.jobs import last_look
from engine.watch.progress import GAP
from processes.mail.incoming import INCOMING_MAIL
from webapp.admin.blueprint import bp
from webapp.auth import requires
from webapp.context import tx

SILENT_AFTER = timedelta(seconds=15)
"""Workers beat every three seconds."""


NOBODY_AFTER = timedelta(minutes=1)
"""From then on nobody is said to work."""


@dataclass(frozen=True)
class Watch:
    """When the watch last looked for what got stuck."""

    ago: timedelta | None
    seen: int
    """Running instances in its last round."""

    @property
    def is_late(self) -> bool:
        """Tell whether something may be stuck without anybody seeing it."""
        return self.ago is not None and self.ago > GAP


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
    loads = inspection.job_loads(tx(), (*jobs.KINDS, INCOMING_MAIL))
    return render_template(
        "admin/workers.html",
        workers=found,
        alive=[worker for worker in found if worker.is_alive],
        loads=loads,
        late=sum(load.overdue for load in loads),
        watch=_watch(now),
    )


def silence() -> timedelta | None:
    """Return for how long no worker has been seen; None while one lives.

    While nobody works, everything is late: pages say so once instead of once a job.
    """
    seen = [beat.seen_at for beat in queries.workers(tx())]
    if not seen:
        return timedelta.max
    length = clock.real_now(tx()) - max(seen)
    return length if length > NOBODY_AFTER else None


def _watch(now: datetime) -> Watch:
    progress = last_look(tx())
    if progress is None or progress.looked_at is None:
        return Watch(None, 0)
    return Watch(max(now - progress.looked_at, timedelta(0)), progress.last_round or progress.seen)


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
