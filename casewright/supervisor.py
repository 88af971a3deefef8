"""Keeps the parts of Casewright running: each a process of its own, brought back when it dies."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

_TICK_SECONDS = 0.2
_STOP_SECONDS = 4.0
_CALM_SECONDS = 10.0
"""A part that lived shorter than this died early."""
_LONGEST_PAUSE = 1.5
_LARGEST_LOG = 20_000_000
_LAST_LINES = 8


class Part:
    """One process of the product, its log, and how often it died early."""

    def __init__(
        self, name: str, arguments: Sequence[str], env: dict[str, str], logs: Path
    ) -> None:
        self.name = name
        self._command = [sys.executable, "-m", "casewright", *arguments]
        self._env = env
        self._log = logs / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._early_deaths = 0

    def start(self) -> None:
        """Start the process in a session of its own: a Ctrl-C reaches only the supervisor."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._command, "--parent", str(os.getpid())],
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started = time.monotonic()

    def revive(self) -> None:
        """Start the process again if it has died, at once the first times, then with a pause."""
        if self._process is None or self._process.poll() is None:
            return
        lived = time.monotonic() - self._started
        if lived < min(_LONGEST_PAUSE, 0.3 * self._early_deaths):
            return
        self._early_deaths = self._early_deaths + 1 if lived < _CALM_SECONDS else 0
        print(f"{self.name} ended ({self._process.returncode}); starting it again", flush=True)
        if self._early_deaths > 1:
            print(self.last_words(), flush=True)
        self.end_group()
        self.start()

    def ask_to_stop(self) -> None:
        """Send the stop signal to the process itself; it ends its children in good order."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def runs(self) -> bool:
        """Tell whether the process lives."""
        return self._process is not None and self._process.poll() is None

    def end_group(self) -> None:
        """Kill whatever is left of the process and its children."""
        if self._process is not None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
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

    def run(self) -> None:
        """Start all parts, keep them alive, stop them all on SIGINT or SIGTERM."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_soon)
        announced = False
        for part in self._parts:
            part.start()
        while not self._stopping:
            if not announced and self._answers():
                announced = True
                self._ready()
            for part in self._parts:
                part.revive()
                part.trim_log()
            time.sleep(_TICK_SECONDS)
        self._stop()

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
        except (URLError, OSError):
            return False
