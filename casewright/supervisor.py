"""Keeps the parts of Casewright running: each a process of its own, brought back when it dies."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from urllib.request import urlopen

_TICK_SECONDS = 0.2
_STOP_SECONDS = 4.0
_CALM_SECONDS = 10.0
"""A part that lived shorter than this died early."""
_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE = 5.0
_TRIES = 3
"""So often a part may die early before anything ever worked; then starting has failed."""
_LARGEST_LOG = 20_000_000
_LAST_LINES = 12


class Part:
    """One process of the product, its log, and how often it died early."""

    def __init__(self, name: str, command: Sequence[str], env: dict[str, str], log: Path) -> None:
        self.name = name
        self.early_deaths = 0
        self._command = command
        self._env = env
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._due: float | None = None
        """When to start it again; None while it runs."""

    def start(self) -> None:
        """Start the process in a session of its own: a Ctrl-C reaches only the supervisor."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started, self._due = time.monotonic(), None

    def revive(self) -> None:
        """Start the process again when it has died: soon, or after a pause if it keeps dying."""
        if self._process is None or self._process.poll() is None:
            return
        now = time.monotonic()
        if self._due is None:
            self.end_group()
            early = now - self._started < _CALM_SECONDS
            self.early_deaths = self.early_deaths + 1 if early else 0
            pause = min(_LONGEST_PAUSE, _PAUSE_SECONDS * max(0, self.early_deaths - 1))
            self._due = now + pause
            print(f"{self.name} ended ({self._process.returncode}); starts again", flush=True)
        if now >= self._due:
            self.start()

    def ask_to_stop(self) -> None:
        """Send the stop signal to the process itself; it ends its children in good order."""
        if self.runs() and self._process is not None:
            self._process.terminate()

    def runs(self) -> bool:
        """Tell whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def end_group(self) -> None:
        """Kill whatever is left of the process and its children."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def last_words(self) -> str:
        """Return the last lines of the log."""
        lines = self._log.read_text(errors="replace").splitlines()[-_LAST_LINES:]
        return "\n".join(f"  {self.name}: {line}" for line in lines)

    def trim_log(self) -> None:
        """Set a long log aside, replacing the one before."""
        if self._log.exists() and self._log.stat().st_size > _LARGEST_LOG:
            shutil.copy(self._log, self._log.with_suffix(".log.1"))
            os.truncate(self._log, 0)


class Supervisor:
    """Runs parts until told to stop; `ready` is called once the web answers."""

    def __init__(self, parts: Sequence[Part], health: str, ready: Callable[[], None]) -> None:
        self._parts = parts
        self._health = health
        self._ready = ready
        self._stopping = False
        self._announced = False

    def run(self) -> int:
        """Start all parts, keep them alive, stop them all on SIGINT or SIGTERM.

        Returns 0 when it was told to stop, 1 when the parts could not be started at all.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_soon)
        for part in self._parts:
            part.start()
        while not self._stopping and not self._failed():
            self._watch()
            time.sleep(_TICK_SECONDS)
        for part in self._failed():
            print(f"{part.name} does not start. The last lines of its log:\n{part.last_words()}")
        self._stop()
        return 0 if self._stopping else 1

    def _watch(self) -> None:
        if not self._announced and self._answers():
            self._announced = True
            self._ready()
        for part in self._parts:
            part.revive()
            part.trim_log()

    def _failed(self) -> list[Part]:
        """Return the parts that only ever died, as long as nothing ever worked."""
        if self._announced:
            return []
        return [part for part in self._parts if part.early_deaths >= _TRIES]

    def _stop_soon(self, *_: object) -> None:
        self._stopping = True

    def _stop(self) -> None:
        print("Stopping ...", flush=True)
        for part in self._parts:
            part.ask_to_stop()
        last = time.monotonic() + _STOP_SECONDS
        while any(part.runs() for part in self._parts) and time.monotonic() < last:
            time.sleep(0.05)
        for part in self._parts:
            part.end_group()

    def _answers(self) -> bool:
        try:
            with urlopen(self._health, timeout=1) as answer:  # noqa: S310 - our own address
                return bool(answer.status == HTTPStatus.OK)
        except OSError:
            return False
