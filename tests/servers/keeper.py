"""Keeps one server for a whole test run: `python -m tests.servers.keeper KIND FOLDER PID`.

The first test that needs the server starts the keeper; the keeper ends the server when the
process PID, the test run, has gone, however it went.
"""

import fcntl
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.servers.postgresql import PostgresServer
from tests.servers.process import lives
from tests.servers.programs import MissingServerError
from tests.servers.redis import RedisServer

_STARTING = 60
_KEEPERS: list["subprocess.Popen[bytes]"] = []
"""Held so that nobody complains of children that run on: they end with the test run."""


def borrow(kind: str, folder: Path, run: int) -> str:
    """Return the URL of the run's server of this kind; starts it if nobody has.

    Raises:
        MissingServerError: It cannot be had on this machine.
    """
    answer = folder / f"{kind}.url"
    with (folder / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not answer.exists():
            _KEEPERS.append(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.servers.keeper", kind, str(folder), str(run)],
                    cwd=Path(__file__).parents[2],
                    start_new_session=True,
                )
            )
            last = time.monotonic() + _STARTING
            while not answer.exists() and time.monotonic() < last:
                time.sleep(0.02)
    text = answer.read_text() if answer.exists() else f"error: {kind} did not start in time"
    if text.startswith("error: "):
        raise MissingServerError(text.removeprefix("error: "))
    return text


def main() -> None:
    """Start the server, write its URL, wait for the end of the test run, stop, tidy up."""
    kind, place, run = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    server = PostgresServer(place / "pg") if kind == "postgresql" else RedisServer(place / "rd")
    try:
        _write(place / f"{kind}.url", _started(server))
        while lives(run):
            time.sleep(0.3)
    finally:
        server.stop()
        shutil.rmtree(place, ignore_errors=True)


def _started(server: PostgresServer | RedisServer) -> str:
    try:
        server.start()
    except (MissingServerError, OSError, subprocess.CalledProcessError) as error:
        detail = getattr(error, "stderr", None) or ""
        return f"error: {error} {detail}".strip()
    return server.url() if isinstance(server, PostgresServer) else server.url


def _write(path: Path, text: str) -> None:
    """Write so that a reader sees all or nothing."""
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(path)


if __name__ == "__main__":
    main()
