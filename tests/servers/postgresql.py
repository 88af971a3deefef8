"""A real PostgreSQL of our own, on a socket in a short folder."""

import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

import psycopg

from tests.servers.process import Account, end
from tests.servers.programs import MissingServerError, find_postgresql

USER = "casewright"
CRASH_SAFE = ("fsync=off", "full_page_writes=off")
"""Keeps what was committed when the server crashes, not when the machine does."""
FASTER = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
_PATIENCE = 30


class PostgresServer:
    """Start with `start()`, take URLs from `url()`, end with `stop()`.

    `settings` come beyond the server's own; the usual ones give up durability for speed, none
    at all, or others such as `max_wal_size=8GB`, keep every guarantee PostgreSQL gives.
    """

    def __init__(self, folder: Path, *, settings: Sequence[str] = FASTER) -> None:
        self._account = Account()
        self._folder = folder
        self._data = folder / "data"
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._programs = Path()

    def start(self) -> None:
        """Make the cluster and wait until it answers."""
        self._account.own(self._folder)
        self._programs = self._account.reachable(
            find_postgresql(), "postgres", self._folder.with_name(f"{self._folder.name}-programs")
        )
        self._account.run(
            [
                *(str(self._programs / "initdb"), "-D", str(self._data), "-U", USER),
                *("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"),
            ],
            cwd=str(self._folder),
        )
        self.restart()

    def restart(self) -> None:
        """Start the server on its data, as after a crash."""
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self._folder}",
            "max_connections=200",
            "shared_buffers=64MB",
            *self._settings,
        ]
        options = [word for setting in settings for word in ("-c", setting)]
        self._process = self._account.start(
            [str(self._programs / "postgres"), "-D", str(self._data), *options],
            log=self.log,
        )
        self._wait()

    def url(self, database: str = "postgres") -> str:
        """Return the SQLAlchemy URL of one database of this server."""
        return f"postgresql+psycopg://{USER}@/{database}?host={quote(str(self._folder))}"

    def create(self, database: str) -> str:
        """Make an empty database and return its name."""
        with psycopg.connect(
            host=str(self._folder), user=USER, dbname="postgres", autocommit=True
        ) as admin:
            admin.execute(f'CREATE DATABASE "{database}"')  # type: ignore[arg-type]  # our own name
        return database

    def crash(self) -> None:
        """Stop as if power failed: no checkpoint, connections cut."""
        if self._process is not None:
            end(self._process, signal.SIGQUIT)

    @property
    def programs(self) -> Path:
        """Return the folder of the server's own programs."""
        return self._programs

    @property
    def log(self) -> Path:
        """Return the file the server writes its log to."""
        return self._folder.with_name(f"{self._folder.name}.log")

    def stop(self) -> None:
        """Stop at once; open connections are cut."""
        if self._process is not None:
            end(self._process)

    def _wait(self) -> None:
        last = time.monotonic() + _PATIENCE
        while time.monotonic() < last and self._process and self._process.poll() is None:
            try:
                psycopg.connect(host=str(self._folder), user=USER, dbname="postgres").close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        message = f"PostgreSQL did not start: {self.log.read_text()[-1000:]}"
        raise MissingServerError(message)
