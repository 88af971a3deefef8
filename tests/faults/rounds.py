"""Many short cases straight through the engine: timer, job with a mail, timer, task, timer."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.errors import AppError
from engine.history import ENTERED, decode
from engine.models import HistoryEntry, ProcessInstance, UserTask
from processes.mail.models import OutgoingMail
from tests.faults import invariants
from tests.faults.invariants import Findings
from tests.faults.operations import ROUND
from tests.faults.site import AWAY, Site, patiently

_WAITS = {"first": 2.0, "second": 1.0, "third": 1.0}
"""Seconds of the three timers, as the diagram says."""


def open_confirmations(site: Site) -> list[UUID]:
    """Return the user tasks of rounds that wait for somebody."""
    query = select(UserTask.id).where(UserTask.status == "ready", UserTask.process == ROUND)
    return [row.id for row in site.read(query)]


@dataclass
class Rounds:
    """Starts rounds and confirms them, each command sent twice; notes what was promised."""

    site: Site
    number: int
    per_second: float
    accepted: list[str] = field(default_factory=list)
    """Keys whose start was committed as far as the client knows."""
    refused_twice: int = 0
    """Second confirmations that were refused, as they must be."""
    twice_taken: int = 0
    """Second confirmations that were taken, which must never be."""

    def __post_init__(self) -> None:
        self._over, self._enough = threading.Event(), threading.Event()
        self._threads = [
            threading.Thread(target=self._start_all, daemon=True),
            threading.Thread(target=self._confirm_all, daemon=True),
        ]

    def start(self) -> None:
        """Begin, in the background."""
        for thread in self._threads:
            thread.start()

    def started(self) -> bool:
        """Tell whether all rounds have been started."""
        return not self._threads[0].is_alive()

    def enough(self) -> None:
        """Start no more rounds; those begun are confirmed as before."""
        self._enough.set()

    def stop(self) -> None:
        """Start no more rounds and confirm no more tasks."""
        self._enough.set()
        self._over.set()
        for thread in self._threads:
            thread.join()

    def finished(self) -> bool:
        """Tell whether every accepted round has ended."""
        query = select(ProcessInstance.id).where(
            ProcessInstance.process == ROUND, ProcessInstance.status == "completed"
        )
        return len(self.site.read(query)) >= len(self.accepted)

    def _start_all(self) -> None:
        for number in range(self.number):
            if self._enough.wait(1 / self.per_second):
                return
            self._start(f"round{number}")

    def _start(self, key: str) -> None:
        """Start a round unless the answer to an earlier try was lost: the key tells."""
        known = select(ProcessInstance.id).where(ProcessInstance.key == key)
        engine = self.site.app.engine
        while not self.site.read(known):
            try:
                self.site.write(
                    lambda session: engine.start(session, ROUND, key=key, data={}, actor="system")
                )
            except AWAY:
                time.sleep(0.1)
        self.accepted.append(key)

    def _confirm_all(self) -> None:
        while not self._over.wait(0.1):
            for task in open_confirmations(self.site):
                self._confirm(task)

    def _confirm(self, task: UUID) -> None:
        """Complete a task and, in the same breath, once more."""
        answers = [patiently(lambda: self._complete(task)) for _ in range(2)]
        self.refused_twice += answers[1] is False
        self.twice_taken += answers == [True, True]

    def _complete(self, task: UUID) -> bool:
        engine = self.site.app.engine
        try:
            self.site.write(lambda s: engine.complete_user_task(s, task, {}, "staff:1"))
        except AppError:
            return False
        return True

    def check(self, found: Findings) -> None:
        """Every accepted round was done whole and once."""
        rows = self.site.read(
            select(ProcessInstance.key, ProcessInstance.status).where(
                ProcessInstance.process == ROUND
            )
        )
        each = Counter(row.key for row in rows)
        status = dict(map(tuple, rows))
        mails = Counter(row.to_address for row in self.site.read(select(OutgoingMail.to_address)))
        for key in self.accepted:
            invariants.compare(found, key, 1, each[key])
            invariants.compare(found, f"mail of {key}", 1, mails[f"{key}@round.example"])
            if status.get(key) != "completed":
                found.lost.append(f"{key} is {status.get(key)}")
        if self.twice_taken:
            found.double.append(f"{self.twice_taken} second confirmations were taken")
        found.figures |= {"rounds": len(self.accepted), "second posts refused": self.refused_twice}


def lateness(site: Site) -> list[float]:
    """Return by how many seconds each timer of each round was late, sorted."""
    return sorted(late for _, late in firings(site))


def without(
    fired: list[tuple[datetime, float]], outages: list[tuple[datetime, datetime]]
) -> list[float]:
    """Return the lateness of firings without the part that outages explain, sorted."""
    rest = []
    for at, late in fired:
        due = at - timedelta(seconds=late)
        lost = sum(
            max(0.0, (min(at, end) - max(due, begin)).total_seconds()) for begin, end in outages
        )
        rest.append(late - lost)
    return sorted(rest)


def firings(site: Site) -> list[tuple[datetime, float]]:
    """Return when each timer of each round fired, and how many seconds late."""
    rows = site.read(
        select(*(HistoryEntry.instance_id, HistoryEntry.at, HistoryEntry.steps, HistoryEntry.cause))
        .join(ProcessInstance, ProcessInstance.id == HistoryEntry.instance_id)
        .where(ProcessInstance.process == ROUND)
        .order_by(HistoryEntry.instance_id, HistoryEntry.revision)
    )
    late: list[tuple[datetime, float]] = []
    due: dict[tuple[Any, str], datetime] = {}
    for row in rows:
        for state, _, element, _ in decode(row.steps)[0]:
            if element not in _WAITS:
                continue
            if state == ENTERED:
                due[row.instance_id, element] = row.at + timedelta(seconds=_WAITS[element])
            elif (row.instance_id, element) in due:
                seconds = (row.at - due[row.instance_id, element]).total_seconds()
                late.append((row.at, seconds))
    return late


def share(values: Sequence[float], part: float) -> float:
    """Return a percentile of sorted values; 0 when there are none."""
    return values[min(len(values) - 1, int(len(values) * part))] if values else 0.0
