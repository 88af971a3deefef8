"""D9: with a guard switched off the same checks must fail; else they would prove nothing."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from tests.faults import controls, invariants
from tests.faults.invariants import Findings
from tests.faults.operations import ROUND, queue
from tests.faults.points import DIES, PAUSES
from tests.faults.rounds import Rounds
from tests.faults.site import LEASE, Ground, Site, opened
from tests.journeys.installation import until

Make = Callable[..., Site]
"""Gives a site on a fresh database; takes the options of `Ground.site`."""
_PATIENCE = 15
_CLIENTS, _WRITES = 4, 25


def run(ground: Ground, dialect: str) -> Findings:
    """Run every control with the guard on and with it off; both must come out as they should."""
    found = Findings()
    for name, control in _CONTROLS[dialect].items():
        for guarded in (True, False):
            seen = control(partial(ground.site, dialect), guarded=guarded)
            found.figures[f"{name} {'on' if guarded else 'off'}"] = seen
            if guarded and seen:
                found.wrong.append(f"{name}: the guard is on, and yet: {seen}")
            if not guarded and not seen:
                found.wrong.append(f"{name}: the guard is off, and the harness sees nothing")
    return found


def token(make: Make, *, guarded: bool) -> str:
    """A worker pauses with a mail in hand for longer than its lease; another sends it slowly."""
    extra = {controls.OFF: "" if guarded else "token", "MAIL_LEASE_SECONDS": "120"}
    with opened(make(extra=extra)) as site:
        pause = LEASE + 1
        site.trap.arm("worker|after commit of claim of mail", f"{PAUSES}{pause}")
        site.mail.slow = pause + 1
        site.write(lambda session: queue(session, "jane@customer.example", "once"))
        until(lambda: site.trap.sprung, _PATIENCE)
        until(lambda: not site.due_work(), _PATIENCE + 2 * pause)
        time.sleep(pause)
        return "; ".join(invariants.check(site).double)


def lease(make: Make, *, guarded: bool) -> str:
    """A worker dies with a timer in hand; without an end of the lease nobody takes over."""
    extra = {"WORKER_LEASE_SECONDS": str(LEASE) if guarded else "86400"}
    with opened(make(extra=extra)) as site:
        rounds = Rounds(site, 1, per_second=10)
        site.trap.arm("worker|after commit of claim of timer", DIES)
        rounds.start()
        until(lambda: site.trap.sprung, _PATIENCE)
        last = time.monotonic() + 3 * LEASE + 6
        while not rounds.finished() and time.monotonic() < last:
            time.sleep(0.1)
        rounds.stop()
        found = invariants.check(site)
        rounds.check(found)
        return "; ".join(found.lost)


def immediate(make: Make, *, guarded: bool) -> str:
    """Several write at once after reading; a lock taken late is refused."""
    site = make()
    site.furnish()
    locked: list[str] = []

    def work(client: int) -> None:
        for number in range(_WRITES):
            key = f"client{client}-{number}"
            try:
                site.write(
                    lambda s, key=key: site.app.engine.start(
                        s, ROUND, key=key, data={}, actor="system"
                    )
                )
            except OperationalError as error:
                locked.append(str(error.orig))

    with _as_is(site) if guarded else _deferred(site):
        threads = [threading.Thread(target=work, args=(number,)) for number in range(_CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    site.app.db.engine.dispose()
    return f"{len(locked)} times {locked[0]}" if locked else ""


@contextmanager
def _as_is(_site: Site) -> Iterator[None]:
    yield


@contextmanager
def _deferred(site: Site) -> Iterator[None]:
    """Begin transactions of this process's own product as SQLite does by default."""
    engine = site.app.db.engine
    event.listen(engine, "before_cursor_execute", controls.deferred, retval=True)
    yield


_CONTROLS = {
    "postgresql": {"token": token, "lease": lease},
    "sqlite": {"token": token, "immediate": immediate},
}
