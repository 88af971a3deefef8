"""What must hold after any faults; one place, used by all parts of the plan."""

import time
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select, text

from engine.history import COMPLETED, decode
from engine.models import (
    HistoryEntry,
    Incident,
    Job,
    ProcessInstance,
    Subscription,
    UserTask,
)
from processes.files import services as files
from processes.files.models import Attachment, StoredFile
from processes.mail.models import MailState, OutgoingMail
from tests.faults import handing_over
from tests.faults.operations import ROUND
from tests.faults.site import Site

_FAILURES_IN_WORDS = {503, 507}
"""What a client may be answered when we fail: try again, no room."""


_FAREWELL = 6.0
"""Seconds in which what lost its parent must be gone."""


@dataclass
class Findings:
    """Broken promises by kind; empty lists are what we want."""

    lost: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Everything else: gaps, stuck instances, unplanned incidents, answers, leftovers."""
    short: list[str] = field(default_factory=list)
    """Figures that were not reached: told, but no promise was broken; a busy machine is slow."""
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Tell whether every promise was kept."""
        return not (self.lost or self.double or self.wrong)

    def words(self) -> list[str]:
        """Return the broken promises, one line each."""
        kinds = (("lost", self.lost), ("double", self.double), ("wrong", self.wrong))
        return [f"{kind}: {item}" for kind, items in kinds for item in items]


def check(site: Site, *, incidents: int = 0) -> Findings:
    """Check what needs no knowledge of the load; `incidents` may be open."""
    found = Findings()
    check_history(site, found)
    check_tasks(site, found)
    check_mails(site, found)
    check_waiting(site, found)
    check_incidents(site, incidents, found)
    check_integrity(site, found)
    return found


def check_history(site: Site, found: Findings) -> None:
    """Revisions of each instance are 1 to n without a gap, n being the instance's own."""
    rows = site.read(
        select(
            HistoryEntry.instance_id,
            func.count(),
            func.min(HistoryEntry.revision),
            func.max(HistoryEntry.revision),
        ).group_by(HistoryEntry.instance_id)
    )
    known = dict(map(tuple, site.read(select(ProcessInstance.id, ProcessInstance.revision))))
    for instance, number, first, last in rows:
        if not (first == 1 and number == last == known[instance]):
            found.wrong.append(f"history of {instance}: {number} rows, {first} to {last}")
    found.figures["instances"] = len(known)
    found.figures["commands"] = sum(row[1] for row in rows)


def check_tasks(site: Site, found: Findings) -> None:
    """Each completed user task has one completion in history; a round's steps happened once."""
    done = dict(
        map(
            tuple,
            site.read(
                select(UserTask.instance_id, func.count())
                .where(UserTask.status == "completed")
                .group_by(UserTask.instance_id)
            ),
        )
    )
    entries = site.read(select(HistoryEntry.instance_id, HistoryEntry.cause, HistoryEntry.steps))
    completions = Counter(row.instance_id for row in entries if row.cause == "task")
    for instance in {*done, *completions}:
        compare(found, f"tasks of {instance}", done.get(instance, 0), completions[instance])
    steps: Counter[tuple[Any, str]] = Counter()
    timers: Counter[Any] = Counter()
    for row in entries:
        left = _left(row.steps)
        steps.update((row.instance_id, element_id) for element_id in left)
        timers[row.instance_id] += row.cause == "timer" and not left
    found.double += [f"{step} of {key} {n} times" for (key, step), n in steps.items() if n > 1]
    rounds = {row.id for row in site.read(_instances(ROUND))}
    found.double += [f"a timer of {key} fired for nothing" for key in rounds if timers[key]]
    found.figures["timers fired"] = sum(row.cause == "timer" for row in entries)
    found.figures["tasks completed"] = sum(completions.values())


def check_mails(site: Site, found: Findings) -> None:
    """Every mail arrived, and again only if whoever had it never noted that it had left."""
    rows = site.read(
        select(
            *(OutgoingMail.message_id, OutgoingMail.state, OutgoingMail.template),
            *(OutgoingMail.case_id, OutgoingMail.to_address),
        )
    )
    ours = {row.message_id for row in rows}
    arrived = Counter(
        str(message["Message-ID"]).strip("<>") for message in list(site.mail.messages)
    )
    arrived = Counter({key: n for key, n in arrived.items() if key in ours})
    found.lost += [f"mail {row.message_id} is {row.state}" for row in rows if _unsent(row, arrived)]
    explained = handing_over.unnoted(site.trap.folder)
    again = {key: number - 1 for key, number in arrived.items() if number > 1}
    found.double += [
        f"mail {key} arrived again {number} times, {explained[key]} explained by faults"
        for key, number in again.items()
        if number > explained[key]
    ]
    meant = Counter((row.template, row.case_id, row.to_address) for row in rows)
    found.double += [f"mail {what} written {n} times" for what, n in meant.items() if n > 1]
    found.figures |= {"mails": len(rows), "mails again": sum(again.values())}


def check_waiting(site: Site, found: Findings) -> None:
    """Every running instance has an open task, a job to come, or a message to wait for."""
    reasons = (
        select(UserTask.instance_id).where(UserTask.status == "ready"),
        select(Job.instance_id).where(Job.state.in_(["ready", "incident"])),
        select(Subscription.instance_id),
    )
    waiting = {row[0] for query in reasons for row in site.read(query)}
    running = select(ProcessInstance.id, ProcessInstance.process).where(
        ProcessInstance.status == "running"
    )
    found.lost += [
        f"{row.process} {row.id} waits for nothing"
        for row in site.read(running)
        if row.id not in waiting
    ]


def check_incidents(site: Site, planned: int, found: Findings) -> None:
    """There are as many open incidents as planned."""
    rows = site.read(select(Incident.message).where(Incident.resolved_at.is_(None)))
    if len(rows) != planned:
        words = Counter(row.message[:90] for row in rows)
        found.wrong.append(f"{len(rows)} incidents, {planned} planned: {dict(words)}")
    found.figures["incidents"] = len(rows)


def check_integrity(site: Site, found: Findings) -> None:
    """The database finds nothing wrong with itself; no answer ever was that it is locked."""
    checks = ("PRAGMA integrity_check", "PRAGMA foreign_key_check")
    if site.app.db.dialect == "sqlite":
        told = [row[0] for check in checks for row in site.read(text(check))]  # type: ignore[arg-type]
        if told != ["ok"]:
            found.wrong.append(f"integrity: {told[:3]}")
    locked = site.words().count("database is locked")
    if locked:
        found.wrong.append(f"{locked} times locked")
    found.figures["locked"] = locked


def check_answers(statuses: set[int], found: Findings) -> None:
    """Clients were only ever told what a client can act on."""
    bad = {status for status in statuses if status >= 500} - _FAILURES_IN_WORDS
    if bad:
        found.wrong.append(f"answers {sorted(bad)}")


def check_orphans(site: Site, found: Findings) -> None:
    """Nothing of a stopped site runs on."""
    last = time.monotonic() + _FAREWELL
    while (left := site.orphans()) and time.monotonic() < last:
        time.sleep(0.1)
    if left:
        found.wrong.append(f"processes {left} run on")


def _left(steps: Any) -> list[str]:
    """Return the elements of a round that a command completed."""
    marks, _ = decode(steps)
    return [mark.element_id for mark in marks if mark.state == COMPLETED and mark.process == ROUND]


def _instances(process: str) -> Any:
    return select(ProcessInstance.id).where(ProcessInstance.process == process)


def check_files(site: Site, found: Findings) -> None:
    """Every row of a file has its bytes, and they are the right ones."""
    kept = [row.sha256 for row in site.read(select(StoredFile.sha256))]
    with site.app.db.read() as session:
        for name in kept:
            if sha256(files.read(session, name)).hexdigest() != name:
                found.lost.append(f"file {name} is not what it was")
    attached = site.read(select(func.count()).select_from(Attachment))[0][0]
    found.figures |= {"files": len(kept), "attachments": attached}


def compare(found: Findings, what: str, expected: int, seen: int) -> None:
    """Note what was seen too often as double, what too seldom as lost."""
    if seen > expected:
        found.double.append(f"{what}: {seen} instead of {expected}")
    elif seen < expected:
        found.lost.append(f"{what}: {seen} instead of {expected}")


def _unsent(row: Any, arrived: Counter[str]) -> bool:
    return row.state is not MailState.SENT or row.message_id not in arrived
