"""A whole installation of real processes: webs, workers, database, broker, mail server."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from engine import clock
from processes.bootstrap import build
from processes.config import Settings
from processes.people import staff
from processes.people.models import Role
from processes.people.passwords import hash_password

PASSWORD = "casewright-demo"
PEOPLE = (
    ("serviceUser", "Mila Jansen", Role.AGENT),
    ("designerUser", "Daan Visser", Role.DESIGNER),
    ("adminUser", "Ada Lindner", Role.ADMIN),
)


class Process:
    """One part of the installation, started again when it dies, as a service manager does."""

    def __init__(
        self,
        name: str,
        arguments: list[str],
        env: Mapping[str, str],
        log: Path,
        module: str = "casewright",
    ) -> None:
        self.name, self.deaths = name, 0
        self._command = [sys.executable, "-m", module, *arguments]
        self.environment, self._log = env, log
        self._process: subprocess.Popen[bytes] | None = None
        self._wanted = True

    def start(self) -> None:
        """Start it in a session of its own."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def revive(self) -> None:
        """Start it again if it has died."""
        if self._wanted and self._process is not None and self._process.poll() is not None:
            self._end_group()
            self.start()

    def kill(self) -> None:
        """Let it die as if the machine had lost it: kill -9, children and all."""
        self.deaths += 1
        self._end_group()

    def kill_child(self) -> None:
        """Kill -9 one of its children: a web worker, a child of the pool."""
        children = self.children()
        if children:
            self.deaths += 1
            os.kill(children[-1], signal.SIGKILL)

    @property
    def number(self) -> int | None:
        """Return its process id; None before the start."""
        return None if self._process is None else self._process.pid

    def children(self) -> list[int]:
        """Return its children's process ids."""
        return [] if self.number is None else children_of(self.number)

    def stop(self) -> None:
        """End it for good."""
        self._wanted = False
        self._end_group()

    def _end_group(self) -> None:
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


class Installation:
    """The product as production runs it; `app` looks into the same database from the test."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        *,
        webs: int,
        workers: int,
        module: str = "casewright",
        extra: Mapping[str, str] | None = None,
    ) -> None:
        self.settings, self.app = settings, build(settings)
        self.folder = folder
        self._ports = [_free_port() for _ in range(webs)]
        self._log = folder / "installation.log"
        env = {
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "BROKER_URL": settings.broker_url,
            "DATA_DIR": str(folder),
            "SECRET_KEY": settings.secret_key.get_secret_value(),
            "SMTP_URL": settings.smtp_url.get_secret_value() if settings.smtp_url else "",
            "PUBLIC_URL": f"http://127.0.0.1:{self._ports[0]}",
            "WEB_TRUSTED_HOSTS": ",".join(f"127.0.0.1:{port}" for port in self._ports),
            "MAIL_LEASE_SECONDS": str(settings.mail_lease_seconds),
            "WORKER_LEASE_SECONDS": "3",
            "WORKER_RETRY_SPEED": "0.002",
            **(extra or {}),
        }
        self.webs = [
            Process(f"web {port}", ["web"], {**env, "PORT": str(port)}, self._log, module)
            for port in self._ports
        ]
        self.workers = [
            Process(f"worker {number}", ["worker"], env, self._log, module)
            for number in range(workers)
        ]
        self._stopping = threading.Event()
        self._watch = threading.Thread(target=self._revive, daemon=True)

    @property
    def addresses(self) -> list[str]:
        """Return where the webs answer."""
        return [f"http://127.0.0.1:{port}" for port in self._ports]

    def start(self) -> None:
        """Prepare people, start everything, wait until every web answers."""
        with self.app.db.write() as session:
            self.app.prepare(session)
            for username, name, role in PEOPLE:
                staff.add_staff(
                    session,
                    username=username,
                    name=name,
                    email=f"{username.lower()}@casewright.example",
                    role=role,
                    password_hash=hash_password(PASSWORD),
                )
        for part in (*self.webs, *self.workers):
            part.start()
        self._watch.start()
        for address in self.addresses:
            until(lambda address=address: answers(f"{address}/health"), 30)

    def stop(self) -> None:
        """Kill everything."""
        self._stopping.set()
        self._watch.join()
        for part in (*self.webs, *self.workers):
            part.stop()
        self.app.db.engine.dispose()

    def later(self, **delta: float) -> None:
        """Move business time."""
        with self.app.db.write() as session:
            clock.advance(session, timedelta(**delta))

    def words(self) -> str:
        """Return what the processes logged."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def _revive(self) -> None:
        while not self._stopping.wait(0.1):
            for part in (*self.webs, *self.workers):
                part.revive()


def children_of(number: int) -> list[int]:
    """Return the ids of the children of a process; none when it has ended."""
    try:
        return [
            int(word) for word in Path(f"/proc/{number}/task/{number}/children").read_text().split()
        ]
    except OSError:
        return []


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for a condition; fail when it does not come true in time."""
    last = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < last, "waited in vain"
        time.sleep(0.05)


def answers(address: str) -> bool:
    """Tell whether a web answers at an address."""
    try:
        with urlopen(address, timeout=1) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
