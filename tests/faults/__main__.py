"""`make faults`: the fault plan of reliability D; exit 1 on any loss, double or blind control.

`make faults SEED=123 PART=d2,d9` repeats parts with a seed of an earlier run; `MAILS=1000` has more
mails come in than the 300 of d10 and d11.
"""

import json
import logging
import os
import platform
import secrets
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.clock import utc_now
from tests.databases import DIALECTS
from tests.faults import (
    crashes,
    deploys,
    limits,
    mail_points,
    mails,
    negative,
    poison,
    post,
    replay,
    soak,
    times,
)
from tests.faults.invariants import Findings
from tests.faults.site import Ground
from tests.servers.programs import MissingServerError

_RESULT = Path("var/faults.json")
Run = Callable[[Ground, str, int], Findings]


@dataclass(frozen=True)
class Part:
    """One part of the plan: on which databases, and how."""

    name: str
    what: str
    run: Run
    dialects: tuple[str, ...] = DIALECTS


@dataclass
class Outcome:
    """What became of one part on one database."""

    part: str
    what: str
    dialect: str
    seconds: float
    broken: list[str]
    short: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)


PLAN = (
    (
        Part("d1", "crash points", lambda g, d, _: crashes.run(g, d, crashes.all_points())),
        Part("d12", "crash points of mail", lambda g, d, _: mail_points.run(g, d)),
    ),
    (Part("d2", "soak", lambda g, _, seed: soak.on_postgresql(g, seed), ("postgresql",)),),
    (Part("d3", "soak", lambda g, _, seed: soak.on_sqlite(g, seed), ("sqlite",)),),
    (Part("d4", "poison jobs", lambda g, d, _: poison.run(g, d)),),
    (Part("d5", "clocks", lambda g, d, _: times.run(g, d)),),
    (Part("d6", "deploy under kill", deploys.run),),
    (Part("d7", "no room, handles, memory", lambda g, d, _: limits.run(g, d)),),
    (Part("d8", "replay of stored states", lambda g, d, _: replay.run(g, d)),),
    (Part("d9", "negative controls", lambda g, d, _: negative.run(g, d)),),
    (Part("d10", "mails over IMAP under kill", post.run),),
    (Part("d11", "mail-in under kill", mails.run),),
)
"""What stands together runs side by side: crash points mostly wait for processes to come back."""


def main() -> int:
    """Run the parts that are asked for, print a table, write the file; return the exit code."""
    logging.disable(logging.WARNING)
    seed = int(os.environ.get("SEED") or secrets.randbelow(10**6))
    wanted = [name for name in os.environ.get("PART", "").lower().split(",") if name]
    began = time.monotonic()
    print(f"seed {seed}; repeat with: make faults SEED={seed} PART=...", flush=True)
    with ground() as (servers, dialects):
        outcomes = [
            outcome
            for parts in PLAN
            for outcome in run_parts(
                [part for part in parts if not wanted or part.name in wanted],
                servers,
                dialects,
                seed,
            )
        ]
    missing = sorted(set(DIALECTS) - set(dialects))
    write(outcomes, seed, missing)
    print(f"\n{time.monotonic() - began:.0f} s, seed {seed}; written to {_RESULT}")
    for dialect in missing:
        print(f"NOT RUN: {dialect}")
    broken = any(outcome.broken for outcome in outcomes) or (missing and os.environ.get("CI"))
    print("FAILED" if broken else "nothing lost, nothing double; the negative controls do fail")
    return 1 if broken else 0


@contextmanager
def ground() -> Iterator[tuple[Ground, tuple[str, ...]]]:
    """Give the servers, and the databases that could be had."""
    servers = Ground()
    dialects: tuple[str, ...] = DIALECTS
    try:
        try:
            servers.open()
        except MissingServerError as error:
            print(error)
            dialects = ("sqlite",)
        yield servers, dialects
    finally:
        servers.close()


def run_parts(parts: list[Part], servers: Ground, had: tuple[str, ...], seed: int) -> list[Outcome]:
    """Run parts on their databases, all side by side, and print what came out."""
    runs = [(part, dialect) for part in parts for dialect in part.dialects if dialect in had]
    with ThreadPoolExecutor(max_workers=len(runs) or 1) as pool:
        outcomes = list(pool.map(lambda one: run_one(one[0], servers, one[1], seed), runs))
    for outcome in outcomes:
        print(line(outcome), flush=True)
    return outcomes


def run_one(part: Part, servers: Ground, dialect: str, seed: int) -> Outcome:
    """Run a part on one database; what the harness itself raises counts as broken."""
    began = time.monotonic()
    try:
        found = part.run(servers, dialect, seed)
    except Exception:  # noqa: BLE001 - the other parts still have their say
        found = Findings(wrong=[traceback.format_exc(limit=-6)])
    seconds = round(time.monotonic() - began, 1)
    return Outcome(
        part.name, part.what, dialect, seconds, found.words(), found.short, found.figures
    )


def line(outcome: Outcome) -> str:
    """Return an outcome as lines of the table."""
    verdict = "FAILED" if outcome.broken else "ok"
    head = f"{outcome.part}  {outcome.what:<26} {outcome.dialect:<11} {verdict:<7}"
    figures = "; ".join(f"{name} {value}" for name, value in outcome.figures.items())
    lines = [f"{head} {outcome.seconds:6.1f} s  {figures}"]
    lines += [f"      {broken}" for broken in outcome.broken[:20]]
    return "\n".join([*lines, *(f"      short of the figure: {short}" for short in outcome.short)])


def write(outcomes: list[Outcome], seed: int, missing: list[str]) -> None:
    """Write everything as JSON."""
    _RESULT.parent.mkdir(exist_ok=True)
    told = {
        "at": utc_now().isoformat(),
        "seed": seed,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "parts": [vars(outcome) for outcome in outcomes],
        "not run": missing,
    }
    _RESULT.write_text(json.dumps(told, indent=1, default=str))


if __name__ == "__main__":
    sys.exit(main())
