"""D11: mails of every shape come in, each by two feeders, while feeders and workers are killed."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from processes.cases.models import Activity, Case
from processes.mail.models import IncomingMail, IncomingState
from tests.faults import invariants, mail_files
from tests.faults.invariants import Findings, compare
from tests.faults.mail_files import Sent
from tests.faults.monkey import Monkey, Pace
from tests.faults.site import Ground, Site, largest_memory, opened
from tests.journeys.installation import children_of, until

MAILS = int(os.environ.get("MAILS", "300"))
_PACE = Pace(1.5, 4.0, {"kill worker": 1, "kill worker child": 4, "freeze": 1})
_FEEDER_LIVES = (8.0, 20.0)
"""Seconds between the deaths of feeders."""
WITHOUT_LIMITS = {
    f"MAIL_{name}": str(10**6)
    for name in ("SENDER_HOURLY", "SENDER_DAILY", "CASE_HOURLY", "MAILBOX_HOURLY")
}
_PATIENCE = 900.0


@dataclass
class Feeder:
    """Feeds files in order; killed, it goes on with the first that was not answered."""

    site: Site
    paths: Sequence[Path]
    lines: list[dict[str, Any]] = field(default_factory=list)
    kills: int = 0
    trouble: str = ""
    process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Feed until every file has its line, or something but a kill has ended it."""
        while len(self.lines) < len(self.paths) and not self.trouble:
            killed = self.kills
            rest = [str(path) for path in self.paths[len(self.lines) :]]
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.part", "mail-in", "--json", *rest],
                env=dict(self.site.workers[0].environment),
                start_new_session=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            told, words = self.process.communicate()
            whole = told.rpartition(b"\n")[0].splitlines()
            self.lines += [json.loads(line) for line in whole]
            if self.process.returncode and self.kills == killed:
                self.trouble = words.decode(errors="replace")[-2_000:]

    def kill(self) -> None:
        """Let it die where it is."""
        if self.process is not None and self.process.poll() is None:
            self.kills += 1
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


def run(ground: Ground, dialect: str, seed: int, count: int = MAILS) -> Findings:
    """Feed `count` mails twice under kill; check that each came in once, and to its place."""
    site = ground.site(dialect, workers=2, extra=WITHOUT_LIMITS)
    with opened(site):
        sent = mail_files.write(site, seed, count)
        feeders = [Feeder(site, [each.path for each in sent]) for _ in range(2)]
        began = time.monotonic()
        with Monkey(ground, site, seed, _PACE) as monkey:
            peaks = _feed(site, feeders, random.Random(seed))  # noqa: S311 - repeatable
        seconds = time.monotonic() - began
        _settle(site)
        found = _check(site, sent, feeders)
    found.figures |= {
        "mails": len(sent),
        "mails a second": round(len(sent) / seconds, 1),
        "kills": dict(monkey.done) | {"kill feeder": sum(each.kills for each in feeders)},
        "largest MB": peaks,
    }
    return found


def _feed(site: Site, feeders: list[Feeder], source: random.Random) -> dict[str, int]:
    """Run the feeders, kill one now and then; return the largest memory a process had, in MB."""
    threads = [threading.Thread(target=feeder.run, daemon=True) for feeder in feeders]
    for thread in threads:
        thread.start()
    peaks: Counter[str] = Counter()
    last, due = time.monotonic() + _PATIENCE, 0.0
    while any(thread.is_alive() for thread in threads) and time.monotonic() < last:
        if time.monotonic() > due:
            if due:
                source.choice(feeders).kill()
            due = time.monotonic() + source.uniform(*_FEEDER_LIVES)
        children = [child for main in site.mains("worker") for child in children_of(main)]
        fed = [feeder.process.pid for feeder in feeders if feeder.process]
        for role, numbers in (("worker", children), ("feeder", fed)):
            peaks[role] = max([peaks[role], *map(largest_memory, numbers)])
        time.sleep(0.2)  # between two looks at how much memory there is in use
    return dict(peaks)


def _settle(site: Site) -> None:
    """Wait until every mail that was stored has been taken in."""
    left = select(func.count()).where(IncomingMail.state == IncomingState.STORED)
    with suppress(AssertionError):  # what is left over is found by the check
        until(lambda: not site.read(left)[0][0], 60)


def _check(site: Site, sent: list[Sent], feeders: list[Feeder]) -> Findings:
    found = invariants.check(site)
    found.wrong += [feeder.trouble for feeder in feeders if feeder.trouble]
    rows = site.read(
        select(IncomingMail.id, IncomingMail.state, IncomingMail.why, IncomingMail.case_id)
    )
    compare(found, "mails", len(sent), len(rows))
    states = Counter(row.state for row in rows)
    found.lost += [f"mail {row.id} is {row.state} {row.why}" for row in rows if _is_left(row)]
    found.figures["states"] = {str(state): number for state, number in states.items()}
    opened_by = Counter(row.case_id for row in rows if row.state is IncomingState.NEW_CASE)
    found.double += [f"case {case} was opened {n} times" for case, n in opened_by.items() if n > 1]
    cases = site.read(select(func.count(Case.id)))[0][0]
    compare(found, "cases", len(opened_by) + mail_files.CASES, cases)
    entries = Counter(row[0] for row in site.read(_entries()))
    found.double += [f"mail {key} stands {n} times" for key, n in entries.items() if n > 1]
    in_cases = {row.id for row in rows if row.state in _IN_A_CASE}
    found.lost += [f"mail {key} stands nowhere" for key in in_cases - set(entries)]
    _check_places(site, sent, feeders, found)
    return found


_IN_A_CASE = {IncomingState.NEW_CASE, IncomingState.REPLY}


def _entries() -> Any:
    return select(Activity.incoming_mail_id).where(Activity.incoming_mail_id.is_not(None))


def _is_left(row: Any) -> bool:
    return row.state is IncomingState.STORED or row.why == "failed"


def _check_places(site: Site, sent: list[Sent], feeders: list[Feeder], found: Findings) -> None:
    """Each file has one outcome, whoever fed it; answers are where they belong."""
    numbers = dict(map(tuple, site.read(select(Case.number, Case.id))))
    places: dict[str, int | None] = {}
    for each, *lines in zip(sent, *(feeder.lines for feeder in feeders), strict=False):
        told = {(line["outcome"], line["case"], line["why"]) for line in lines}
        if len(told) != 1:
            found.wrong.append(f"{each.path.name} has {told}")
            continue
        outcome, case, why = told.pop()
        places[each.mark] = numbers.get(case)
        wanted = each.case_id or places.get(each.answers)
        if wanted is not None and places[each.mark] != wanted:
            found.wrong.append(f"{each.path.name} is in {places[each.mark]} instead of {wanted}")
        if each.quarantine is not None and (outcome, why) != ("quarantined", each.quarantine):
            found.wrong.append(f"{each.path.name} got {outcome} {why}")
    stored = sum(line["stored"] for feeder in feeders for line in feeder.lines)
    found.figures["told as stored"] = stored
