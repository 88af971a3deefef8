"""D4: jobs that kill their process, eat memory or never end; healthy ones go on beside them."""

import time

from sqlalchemy import func, select

from engine.models import Incident, Job, ProcessInstance
from tests.faults import invariants
from tests.faults.invariants import Findings
from tests.faults.operations import HARMFUL
from tests.faults.rounds import Rounds, lateness, share
from tests.faults.site import Ground, Site, opened

HEALTHY = 70
"""Rounds; each is three timers, a service job and a mail: 350 jobs."""
WITHIN = 30.0
P99 = 5.0
_MOST_ATTEMPTS = 5
_TIGHT = {
    "WORKER_MEMORY_MB": "300",
    "WORKER_JOB_SECONDS": "1",
    "WORKER_CONCURRENCY": "4",
    "WORKER_RETRY_SPEED": "0.003",
}


def run(ground: Ground, dialect: str, healthy: int = HEALTHY) -> Findings:
    """Queue the three bad jobs first, then the healthy ones; wait for what must come."""
    site = ground.site(dialect, extra=_TIGHT)
    with opened(site):
        return run_on(site, healthy)


def run_on(site: Site, healthy: int) -> Findings:
    """Run on a site that is up and whose workers are limited."""
    began = time.monotonic()
    for name in HARMFUL:
        start(site, name)
    rounds = Rounds(site, healthy, per_second=40)
    rounds.start()
    given_up = _wait_for_incidents(site, began)
    while not (rounds.started() and rounds.finished()) and time.monotonic() - began < 2 * WITHIN:
        time.sleep(0.1)
    rounds.stop()
    site.drain()
    return _findings(site, rounds, given_up)


def start(site: Site, process: str) -> None:
    """Start an instance of a one-service process, whose key is its name."""
    engine = site.app.engine
    site.write(lambda session: engine.start(session, process, key=process, data={}, actor="system"))


def _wait_for_incidents(site: Site, began: float) -> float:
    """Return after how many seconds the last of the bad jobs was given up."""
    while time.monotonic() - began < WITHIN + 15:
        (row,) = site.read(select(func.count()).select_from(Incident))
        if row[0] >= len(HARMFUL):
            break
        time.sleep(0.1)
    return time.monotonic() - began


def _findings(site: Site, rounds: Rounds, given_up: float) -> Findings:
    found = invariants.check(site, incidents=len(HARMFUL))
    rounds.check(found)
    late = lateness(site)
    bad = site.read(
        select(ProcessInstance.process, Job.attempts, Job.state, Job.last_error)
        .join(Job, Job.instance_id == ProcessInstance.id)
        .where(ProcessInstance.process.in_(HARMFUL))
    )
    for row in bad:
        if row.state != "incident" or row.attempts > _MOST_ATTEMPTS + 1:
            found.wrong.append(f"{row.process} is {row.state} after {row.attempts} attempts")
    if given_up > WITHIN:
        found.wrong.append(f"given up only after {given_up:.1f} s")
    if share(late, 0.99) > P99:
        found.wrong.append(f"healthy timers late at p99: {share(late, 0.99):.1f} s > {P99}")
    found.figures |= {
        "given up after": round(given_up, 1),
        "late p50": round(share(late, 0.5), 2),
        "late p99": round(share(late, 0.99), 2),
        "errors": {row.process: row.last_error for row in bad},
    }
    return found
