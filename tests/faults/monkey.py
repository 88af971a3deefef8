"""Does harm at random, but the same harm for the same seed; counts what it did."""

import random
import signal
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from engine.clock import utc_now
from tests.faults.site import LEASE, Ground, Site, send
from tests.journeys.installation import children_of
from tests.servers.smtp import Mode

_FREEZE = 1.5 * LEASE
_OUTAGE = 4.0


@dataclass(frozen=True)
class Pace:
    """How much harm a second, and of which kinds by weight."""

    least: float
    most: float
    weights: Mapping[str, int]


class Monkey:
    """Harms a site while its block runs; `done` counts by kind, `log` says what, whom and when."""

    def __init__(self, ground: Ground, site: Site, seed: int, pace: Pace) -> None:
        self.done: Counter[str] = Counter()
        self.log: list[str] = []
        self.without_database: list[tuple[datetime, datetime]] = []
        """From when to when there was none: nobody fires a timer then."""
        self._ground, self._site, self._pace = ground, site, pace
        self._random = random.Random(seed)  # noqa: S311 - it must be repeatable
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._asides: list[threading.Thread] = []
        self._busy = threading.Lock()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        for aside in self._asides:
            aside.join()
        self._site.mail.mode = Mode.ACCEPT

    def _run(self) -> None:
        kinds, weights = zip(*self._pace.weights.items(), strict=True)
        while not self._stopping.wait(self._random.uniform(self._pace.least, self._pace.most)):
            (kind,) = self._random.choices(kinds, weights)
            if self._acts[kind](self):
                self.done[kind] += 1
                self.log.append(f"{utc_now():%H:%M:%S} {kind}")

    def _kill(self, role: str) -> bool:
        found = self._site.mains(role)
        return bool(found) and self._site.kill(self._random.choice(found))

    def _kill_child(self, role: str) -> bool:
        return self._send(role, signal.SIGKILL) is not None

    def _freeze(self) -> bool:
        """Stop a child for longer than any lease, then let it go on as if nothing had been."""
        victim = self._send(self._random.choice(["worker", "worker", "web"]), signal.SIGSTOP)
        if victim is None:
            return False
        self._aside(lambda: send(victim, signal.SIGCONT), _FREEZE)
        return True

    def _send(self, role: str, what: signal.Signals) -> int | None:
        """Send a signal to a child of some part; return which, or None when there was none."""
        children = [child for main in self._site.mains(role) for child in children_of(main)]
        number = self._random.choice(children) if children else None
        return number if number is not None and send(number, what) else None

    def _database(self) -> bool:
        began = utc_now()
        self._ground.postgresql.crash()
        self._stopping.wait(0.5)
        self._ground.keep(self._ground.postgresql.restart)
        self.without_database.append((began, utc_now()))
        return True

    def _broker(self) -> bool:
        """Kill the broker; it comes back after a while and remembers nothing."""
        if not self._busy.acquire(blocking=False):
            return False
        self._ground.redis.kill()
        self._aside(self._broker_back, 2.0)
        return True

    def _broker_back(self) -> None:
        self._ground.keep(self._ground.redis.start)
        self._busy.release()

    def _smtp(self, mode: Mode) -> bool:
        mail = self._site.mail
        if mail.mode is not Mode.ACCEPT:
            return False
        mail.mode = mode
        self._aside(self._smtp_back, _OUTAGE)
        return True

    def _smtp_away(self) -> bool:
        """Have nobody listen on the mail server's port for a while."""
        mail = self._site.mail
        if mail.mode is not Mode.ACCEPT:
            return False
        mail.mode = Mode.AWAY
        mail.stop()
        self._aside(self._smtp_listens, _OUTAGE)
        return True

    def _smtp_listens(self) -> None:
        self._site.mail.come_back()
        self._smtp_back()

    def _smtp_back(self) -> None:
        self._site.mail.mode = Mode.ACCEPT

    def _aside(self, work: Callable[[], object], seconds: float) -> None:
        """Do `work` later, or at once when we stop."""

        def later() -> None:
            self._stopping.wait(seconds)
            work()

        thread = threading.Thread(target=later, daemon=True)
        self._asides.append(thread)
        thread.start()

    _acts: Mapping[str, Callable[["Monkey"], bool]] = {
        "kill supervisor": lambda self: self._kill("run"),
        "kill web": lambda self: self._kill("web"),
        "kill worker": lambda self: self._kill("worker"),
        "kill web child": lambda self: self._kill_child("web"),
        "kill worker child": lambda self: self._kill_child("worker"),
        "freeze": _freeze,
        "database": _database,
        "broker": _broker,
        "smtp away": _smtp_away,
        "smtp busy": lambda self: self._smtp(Mode.BUSY),
        "smtp hang": lambda self: self._smtp(Mode.HANG),
        "smtp drop": lambda self: self._smtp(Mode.DROP_AFTER_DATA),
    }
