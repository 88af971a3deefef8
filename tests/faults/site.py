"""Where a part of the plan takes place: servers, a fresh database, and the product's processes."""

import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Select, create_engine, select, text
from sqlalchemy.exc import InterfaceError, OperationalError

from engine import deployment
from engine.models import Job
from processes.config import Settings
from processes.mail.models import MailState, OutgoingMail
from tests.databases import Databases
from tests.faults import points
from tests.faults.operations import files, round_diagram, service_diagram
from tests.journeys.installation import Installation, Process, children_of
from tests.servers.postgresql import CRASH_SAFE, PostgresServer
from tests.servers.process import short_folder
from tests.servers.redis import RedisServer
from tests.servers.smtp import MailServer

LEASE = 2.0
LOGS = Path("var/faults")
"""Where what the processes of each site logged stays for whoever wants to know why."""
MIGRATING = threading.Lock()
"""Held while migrations run: Alembic has one context a process."""
MAIL_LEASE = 5.0
AWAY = (OperationalError, InterfaceError)
"""What a client of the database sees when that goes away."""
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)
_DRAINED = {"mail", "service"}


class Ground:
    """The servers of a run. As root they run as somebody else; all ends with `close()`."""

    def __init__(self) -> None:
        self.folder = short_folder()
        self.postgresql = PostgresServer(self.folder / "pg", settings=CRASH_SAFE)
        self.redis = RedisServer(self.folder / "rd")
        self._mails: list[MailServer] = []
        self._numbers = count()
        self._keeper = ThreadPoolExecutor(max_workers=1)

    def open(self) -> None:
        """Start all servers. Raises MissingServerError."""
        self.keep(self.postgresql.start)
        self.keep(self.redis.start)
        os.environ["DATABASE_URL_TEST"] = self.postgresql.url()

    def close(self) -> None:
        """Stop all servers and remove what they wrote."""
        for server in (*self._mails, self.redis, self.postgresql):
            server.stop()
        self._keeper.shutdown()
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep(self, start: Callable[[], None]) -> None:
        """Start a server in the one thread that lives as long as we: servers end with theirs."""
        self._keeper.submit(start).result()

    def site(
        self,
        dialect: str,
        *,
        webs: int = 1,
        workers: int = 1,
        extra: Mapping[str, str] | None = None,
        kind: "type[Site] | None" = None,
    ) -> "Site":
        """Return a site on a fresh database, with a mail server and a folder of its own."""
        mail = MailServer()
        mail.start()
        self._mails.append(mail)
        settings = self.settings(dialect, mail)
        return (kind or Site)(settings, mail, webs=webs, workers=workers, extra=extra)

    def empty(self, dialect: str) -> str:
        """Return the URL of a new database without any table."""
        number = next(self._numbers)
        if dialect == "sqlite":
            return f"sqlite:///{self.folder / f'empty{number}.db'}"
        engine = create_engine(self.postgresql.url(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE empty{number}"))
        engine.dispose()
        return self.postgresql.url(f"empty{number}")

    def settings(self, dialect: str, mail: MailServer | None = None) -> Settings:
        """Return settings on a fresh, migrated database and an empty folder."""
        number = next(self._numbers)
        folder = self.folder / f"site{number}"
        folder.mkdir()
        with MIGRATING:
            url = Databases(self.folder, os.getpid(), f"s{number}").url(dialect)
        broker = f"{self.redis.url}?virtual_host={number % 16}" if dialect == "postgresql" else ""
        return Settings(
            secret_key="k" * 40,  # type: ignore[arg-type]
            database_url=url,
            broker_url=broker,
            data_dir=folder,
            smtp_url=mail.url if mail else None,  # type: ignore[arg-type]
            mail_lease_seconds=MAIL_LEASE,
            public_url="http://127.0.0.1",
        )


class Site(Installation):
    """An installation whose parts can be killed, frozen and trapped."""

    def __init__(
        self,
        settings: Settings,
        mail: MailServer,
        *,
        webs: int = 1,
        workers: int = 1,
        extra: Mapping[str, str] | None = None,
    ) -> None:
        folder = Path(settings.data_dir)
        self.mail = mail
        self.trap = points.Trap(folder / "faults")
        env = {
            points.FOLDER: str(self.trap.folder),
            "WEB_PROXY_HOPS": "1",
            "WORKER_LEASE_SECONDS": str(LEASE),
            "WORKER_LOOK_SECONDS": "0.25",
            "WORKER_RETRY_SPEED": "0.01",
            **(extra or {}),
        }
        super().__init__(
            settings,
            folder,
            webs=webs,
            workers=workers,
            module="tests.faults.part",
            extra=env,
        )

    def furnish(self) -> None:
        """Deploy what the product ships with and the diagrams of the fault runs."""
        with self.app.db.write() as session:
            self.app.prepare(session)
            harm = {name: service_diagram(name) for name in ("shaky", "die", "eat", "spin")}
            content = files(round=round_diagram(), **harm)
            deployment.deploy(session, content, self.app.vocabulary, actor="system")

    def read(self, query: Select[Any]) -> list[Any]:
        """Return the rows of a query, however often the database goes away meanwhile."""
        return patiently(lambda: self._read(query))

    def _read(self, query: Select[Any]) -> list[Any]:
        with self.app.db.read() as session:
            return list(session.execute(query).all())

    def write(self, work: Callable[[Any], Any]) -> Any:
        """Do `work` in one transaction; what raises because the database went away is raised."""
        with self.app.db.write() as session:
            return work(session)

    def due_work(self) -> list[str]:
        """Return what should be done by now and is not, in words."""
        kinds = select(Job.kind, Job.id).where(Job.state == "ready")
        mails = select(OutgoingMail.id).where(
            OutgoingMail.state.in_([MailState.READY, MailState.SENDING])
        )
        found = [f"{kind} {number}" for kind, number in self.read(kinds) if kind in _DRAINED]
        return found + [f"mail row {row.id}" for row in self.read(mails)]

    def drain(self, seconds: float = 30.0) -> float:
        """Wait until nothing is left to do; return how long that took."""
        started = time.monotonic()
        while self.due_work():
            if time.monotonic() - started > seconds:
                break
            time.sleep(0.1)
        return time.monotonic() - started

    def mains(self, role: str) -> list[int]:
        """Return the ids of the main processes of a role, `web` or `worker`."""
        parts = self.webs if role == "web" else self.workers
        return [part.number for part in parts if part.number is not None]

    def kill(self, number: int) -> bool:
        """Kill -9 a main process with its children; False when it is gone already."""
        try:
            os.killpg(number, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def orphans(self) -> list[int]:
        """Return processes that still run on this site's folder."""
        return processes_with(f"DATA_DIR={self.folder}")


class Supervised(Site):
    """The product as one command runs it: a supervisor with web and worker below."""

    def __init__(self, settings: Settings, mail: MailServer, **options: Any) -> None:
        super().__init__(settings, mail, **options)
        web = self.webs[0]
        self.workers = []
        self.webs = [
            Process("run", ["run"], web.environment, self.folder / "run.log", "tests.faults.part")
        ]

    def mains(self, role: str) -> list[int]:
        """Return what the supervisor runs in this role; `run` is the supervisor itself."""
        supervisors = super().mains("web")
        if role == "run":
            return supervisors
        below = [child for number in supervisors for child in children_of(number)]
        return [number for number in below if role in command_line(number)]

    def kill(self, number: int) -> bool:
        """Kill -9 this process alone: whoever is above or below has to notice."""
        return send(number, signal.SIGKILL)

    def words(self) -> str:
        """Return what all processes logged."""
        logs = [self.folder / "run.log", *self.folder.glob("logs/*.log*")]
        return "".join(log.read_text(errors="replace") for log in logs if log.exists())


def command_line(number: int) -> list[str]:
    """Return the words a process was started with; none when it has ended."""
    try:
        return Path(f"/proc/{number}/cmdline").read_text().split("\0")
    except OSError:
        return []


def patiently(read: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Return what `read` returns once the database is there."""
    last = time.monotonic() + seconds
    while True:
        try:
            return read()
        except AWAY:
            if time.monotonic() > last:
                raise
            time.sleep(0.1)


def processes_with(setting: str) -> list[int]:
    """Return the ids of processes, other than this one, whose environment holds a setting."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        number = int(path.parent.name)
        with suppress(OSError):
            words = path.read_bytes().split(b"\0")
            if setting.encode() in words and number != os.getpid() and _alive(number):
                found.append(number)
    return found


def _alive(number: int) -> bool:
    with suppress(OSError, IndexError):
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
        return state not in {"Z", "X"}
    return False


@contextmanager
def opened(site: Site) -> Iterator[Site]:
    """Furnish and start a site; stop it afterwards."""
    site.furnish()
    try:
        site.start()
        yield site
    finally:
        site.stop()
        LOGS.mkdir(parents=True, exist_ok=True)
        (LOGS / f"{site.folder.name}.log").write_text(site.words())


def largest_memory(number: int) -> int:
    """Return the most memory a process ever had, in MB; 0 when it has gone."""
    with suppress(OSError):
        found = _PEAK.search(Path(f"/proc/{number}/status").read_text())
        return int(found[1]) // 1024 if found else 0
    return 0


def send(number: int, what: signal.Signals) -> bool:
    """Send a signal; False when nobody is there."""
    try:
        os.kill(number, what)
    except ProcessLookupError:
        return False
    return True
