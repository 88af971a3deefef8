"""Looking for due work and doing it, inside a child of the Celery pool.

A look claims jobs and commits, so that a crash from here on is counted; then each job does its
work in a transaction of its own that ends with the job's token. A worker that lost its claim
meanwhile, because it was frozen, finds the token outdated and rolls back.
"""

import logging
import os
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine import jobs
from engine.db import is_conflict
from engine.jobs import Claimed
from engine.watch.jobs import WATCH
from processes.bootstrap import App, build
from processes.config import Settings
from processes.files import cleaning
from processes.mail import delivery, fetching, probe
from processes.mail.incoming import INCOMING_MAIL
from processes.request import mail_intake
from workers import maintenance, previews, watch
from workers.config import WorkerSettings
from workers.limits import at_most
from workers.slots import slow_slot

FAST = (jobs.TIMER,)
SLOW = (
    jobs.SERVICE,
    jobs.SIGNAL,
    jobs.MAIL,
    INCOMING_MAIL,
    maintenance.NIGHTLY,
    maintenance.SWEEP,
    probe.PROBE,
    fetching.FETCH,
)
"""Kinds that may wait for somebody outside; never all children at once."""
IDLE = (previews.PREVIEW,)
"""Kinds for which there is time when no slow work is due."""
LONGEST_LOOK = 10
"""Seconds after which a look claims nothing more."""
_MOST_TRIES = 3
"""Times a job is done in one claim when a deadlock undoes it."""
_BATCH = {(jobs.TIMER, "postgresql"): 50, (jobs.TIMER, "sqlite"): 20}
"""Jobs claimed at once; SQLite has one write lock, which nobody may hold for long."""

_log = logging.getLogger("workers")


@dataclass
class Tally:
    """How many jobs a look finished and how many failed."""

    done: int = 0
    failed: int = 0


class CrashedError(jobs.PermanentError):
    """The worker died during each attempt."""


def answer_bell() -> None:
    """Do all due work. The body of the Celery task; a bell may ring twice or for nothing."""
    look()


def look() -> Tally:
    """Do due work with this process's own product."""
    return work(product(), WorkerSettings())


def work(app: App, settings: WorkerSettings) -> Tally:
    """Do due work until there is none, or ten seconds have passed; return what was done."""
    tally = Tally()
    started = time.monotonic()
    try:
        _run_batch(app, settings, WATCH, tally)
        while time.monotonic() - started < LONGEST_LOOK:
            if not _round(app, settings, tally):
                break
    except OperationalError as error:
        _log.warning("database_away error=%s", error.orig)
    return tally


@cache
def product() -> App:
    """Return this process's wired product; built in the child, so no connection is shared."""
    return build(Settings())


def _round(app: App, settings: WorkerSettings, tally: Tally) -> bool:
    """Claim and run one batch of each kind; False when nothing was due."""
    found = sum(_run_batch(app, settings, kind, tally) for kind in FAST)
    with slow_slot() as free:
        if free:
            slow = sum(_run_batch(app, settings, kind, tally) for kind in SLOW)
            found += slow or sum(_run_batch(app, settings, kind, tally) for kind in IDLE)
    return found > 0


def _run_batch(app: App, settings: WorkerSettings, kind: str, tally: Tally) -> int:
    """Run the jobs nobody has tried yet, then one that was tried before."""
    batch = claim(app, settings, kind, tried=False)
    if kind != jobs.TIMER or not _fire_together(app, batch, tally, settings):
        for job in batch:
            run(app, job, tally, settings)
    again = claim(app, settings, kind, tried=True)
    for job in again:
        run(app, job, tally, settings)
    return len(batch) + len(again)


def claim(app: App, settings: WorkerSettings, kind: str, *, tried: bool | None) -> list[Claimed]:
    """Claim a batch of due jobs and commit.

    A job that was tried before may be one that kills its worker, so it is claimed alone: nobody
    else's attempts are used up with it.
    """
    limit = _BATCH.get((kind, app.db.dialect), 1) if tried is False else 1
    with app.db.write() as session:
        return claim_within(session, settings, kind, tried=tried, limit=limit)


def claim_within(
    session: Session,
    settings: WorkerSettings,
    kind: str,
    *,
    tried: bool | None = False,
    limit: int = 1,
) -> list[Claimed]:
    """Claim due jobs in a transaction that the caller commits at once."""
    return jobs.claim(
        session,
        kinds=(kind,),
        limit=limit,
        owner=f"{socket.gethostname()}:{os.getpid()}",
        lease_seconds=settings.lease_seconds,
        tried=tried,
    )


def _fire_together(app: App, batch: list[Claimed], tally: Tally, settings: WorkerSettings) -> bool:
    """Fire the timers of several instances in one transaction.

    False when one of them failed: nothing was changed then, and each has to be done alone.
    """
    if len(batch) < 2:  # noqa: PLR2004 - one alone is not several
        return False
    started = time.monotonic()
    try:
        with at_most(settings.job_seconds), app.db.write() as session:
            ours = app.engine.fire_due(session, batch)
    except OperationalError as error:
        if error.connection_invalidated:
            raise  # the database went away: the jobs come back when their lease ends
        return False
    except Exception as error:  # noqa: BLE001 - the edge of a batch; the culprit is found alone
        _log.info("batch_failed size=%s error=%r", len(batch), error)
        return False
    tally.done += len(ours)
    milliseconds = (time.monotonic() - started) * 1000
    _log.info("timers_fired count=%s ms=%.1f", len(ours), milliseconds)
    return True


def run(app: App, job: Claimed, tally: Tally, settings: WorkerSettings) -> None:
    """Do one claimed job and note how it went; an edge: whatever it raises ends here."""
    started = time.monotonic()
    try:
        _handle_in_spite_of_others(app, job, settings)
    except jobs.OutdatedClaimError:
        _log.info("claim_lost kind=%s job=%s", job.kind, job.id)
    except Exception as error:
        if isinstance(error, OperationalError) and (
            error.connection_invalidated or job.kind == jobs.MAIL
        ):
            raise  # the job comes back when its lease ends; a mail may have left the house
        tally.failed += 1
        _log.warning(
            "job_failed kind=%s job=%s attempt=%s error=%r", job.kind, job.id, job.attempts, error
        )
        with app.db.write() as session:
            failed = jobs.fail(session, job, error, speed=settings.retry_speed)
            if failed and jobs.is_last(job, error) and job.kind in _GIVE_UP:
                _GIVE_UP[job.kind](session, job)
    else:
        tally.done += 1
        milliseconds = (time.monotonic() - started) * 1000
        _log.info("job_done kind=%s job=%s ms=%.1f", job.kind, job.id, milliseconds)


def _handle_in_spite_of_others(app: App, job: Claimed, settings: WorkerSettings) -> None:
    """Do a job again at once when the database undid it for a transaction in its way.

    Not a mail: it may have left the house before.
    """
    for _ in range(_MOST_TRIES - 1):
        try:
            return _handle(app, job, settings)
        except OperationalError as error:
            if job.kind == jobs.MAIL or not is_conflict(error):
                raise
            _log.info("job_undone kind=%s job=%s error=%s", job.kind, job.id, error.orig)
    return _handle(app, job, settings)


def _handle(app: App, job: Claimed, settings: WorkerSettings) -> None:
    if job.attempts > job.max_attempts and job.kind != previews.PREVIEW:
        raise CrashedError
    if job.kind == jobs.MAIL:  # has limits of its own; nobody may interrupt it after the 250
        delivery.deliver(app.db, app.gateway, job, lease_seconds=app.settings.mail_lease_seconds)
        return
    with at_most(settings.job_seconds):
        _HANDLERS[job.kind](app, job)


def _fire_timers(app: App, job: Claimed) -> None:
    with app.db.write() as session:
        jobs.ours(bool(app.engine.fire_due(session, [job])))


def _run_service(app: App, job: Claimed) -> None:
    with app.db.write() as session:
        jobs.ours(app.engine.run_service(session, job))


def _deliver_signal(app: App, job: Claimed) -> None:
    with app.db.write() as session:
        jobs.ours(app.engine.deliver_signal(session, job))


def _take_in_mail(app: App, job: Claimed) -> None:
    jobs.ours(mail_intake.work(app, job))


def _clean(app: App, job: Claimed) -> None:
    with app.db.write() as session:
        maintenance.clean(session)
        jobs.ours(jobs.finish(session, job))


def _sweep(app: App, job: Claimed) -> None:
    cleaning.sweep(app.db, app.settings)
    with app.db.write() as session:
        jobs.ours(jobs.finish(session, job))


def _draw(app: App, job: Claimed) -> None:
    jobs.ours(previews.make(app, job))


def _fetch(app: App, job: Claimed) -> None:
    fetching.fetch(app.db, job)


def _probe(app: App, job: Claimed) -> None:
    probe.run(app.db, job)


def _watch(app: App, job: Claimed) -> None:
    jobs.ours(watch.look(app, job))


_HANDLERS: Mapping[str, Callable[[App, Claimed], None]] = {
    jobs.TIMER: _fire_timers,
    jobs.SERVICE: _run_service,
    jobs.SIGNAL: _deliver_signal,
    INCOMING_MAIL: _take_in_mail,
    maintenance.NIGHTLY: _clean,
    maintenance.SWEEP: _sweep,
    previews.PREVIEW: _draw,
    fetching.FETCH: _fetch,
    probe.PROBE: _probe,
    WATCH: _watch,
}
_GIVE_UP: Mapping[str, Callable[[Session, Claimed], None]] = {
    INCOMING_MAIL: mail_intake.give_up,
    fetching.FETCH: fetching.go_on_later,
}
"""What else happens, in the same transaction, when a job of this kind becomes an incident."""
