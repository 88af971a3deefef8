"""The watch: every fifteen seconds somebody looks for what got stuck.

One job, for ever: a look puts it back for later with how far it has come, so two never look
at once and no worker has to remember anything.
"""

import time
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from engine import clock, jobs, watch
from engine.jobs import Claimed
from engine.watch import Progress
from engine.watch.jobs import WATCH, again
from engine.watch.progress import EVERY
from engine.watch.stuck import open_tasks_of_ended, sample
from processes.bootstrap import App
from processes.files.services import PREVIEW
from processes.mail.watch import half_sent

_OVERDUE_AFTER = timedelta(minutes=5)
_LONGEST_SECONDS = 10.0
_PATIENT = frozenset({PREVIEW})
"""Nobody waits for a small picture: made when there is nothing else to do, however late."""


def plan(session: Session) -> None:
    """Write the job of the watch, unless it is there."""
    due = clock.real_now(session) + EVERY
    jobs.enqueue(session, WATCH, due_at=due, dedupe_key=WATCH)


def look(app: App, job: Claimed) -> bool:
    """Look, open and settle incidents, and put the job back for the next one.

    Reading is done in short transactions that hold nobody up. False when the claim is outdated.
    """
    with app.db.read() as session:
        progress = Progress.read(job.payload).began(clock.real_now(session))
    progress, suspects = _walk(app, progress)
    with app.db.write() as session:
        if not jobs.holds(session, job):
            return False
        app.engine.deliver_kept(session)
        found = watch.still_stuck(session, app.engine.definitions, suspects)
        watch.settle(session, watch.STUCK, found)
        mails = half_sent(session)
        watch.settle(session, watch.HALF_SENT, mails)
        late = watch.overdue(session, progress.late, _PATIENT)
        if _has_looked_long(progress):
            begun = {finding.job_id for finding in mails}
            others = [item for item in late.findings if not item.job_id or item.job_id not in begun]
            watch.settle(session, watch.OVERDUE, others)
        kept = replace(progress, late=late.ids).kept()
        return again(session, job, due_at=clock.real_now(session) + EVERY, payload=kept)


def _walk(app: App, progress: Progress) -> tuple[Progress, list[UUID]]:
    """Walk over this look's share of what runs; return what deserves a closer look."""
    began, walked = time.monotonic(), 0
    suspects: list[UUID] = []
    while walked < progress.quota and time.monotonic() - began < _LONGEST_SECONDS:
        with app.db.read() as session:
            part = watch.walk(session, progress.place)
        walked += part.seen
        suspects += part.suspects
        progress = replace(progress, place=part.place, seen=progress.seen + part.seen)
        if part.place is None:
            progress = replace(progress, seen=0, last_round=progress.seen)
            break
    with app.db.read() as session:
        few = sample(session, progress.sample)
        tasks, lane = open_tasks_of_ended(session, progress.lane, progress.task)
    suspects += [*few.suspects, *tasks.suspects]
    return replace(progress, sample=few.place, lane=lane, task=tasks.place), suspects


def _has_looked_long(progress: Progress) -> bool:
    """Tell whether work that is late is so although somebody looked all the time."""
    if progress.since is None or progress.looked_at is None:
        return False
    return progress.looked_at - progress.since >= _OVERDUE_AFTER
