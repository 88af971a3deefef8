"""A real Redis of our own, on a socket in a short folder."""

import signal
import subprocess
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as NotYetError

from tests.servers.process import Account, end
from tests.servers.programs import MissingServerError, find_redis

_PATIENCE = 10


class RedisServer:
    """Start with `start()`, take the address from `url`, end with `stop()`; keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._account = Account()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the address Celery is given."""
        return f"redis+socket://{self._socket}"

    @property
    def _socket(self) -> Path:
        return self._folder / "redis.sock"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._account.own(self._folder)
        beside = self._folder.with_name(f"{self._folder.name}-programs")
        found = find_redis()
        program = self._account.reachable(found.parent, found.name, beside / "bin") / found.name
        self._process = self._account.start(
            [
                *(str(program), "--port", "0", "--unixsocket", str(self._socket)),
                *("--unixsocketperm", "777", "--save", "", "--appendonly", "no"),
            ],
            log=self._log(),
        )
        self._wait()

    def stop(self) -> None:
        """Stop at once and forget everything."""
        if self._process is not None:
            end(self._process)

    def kill(self) -> None:
        """End without a farewell, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Stop answering without closing anything."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on after a freeze."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)

    def _log(self) -> Path:
        return self._folder.with_name(f"{self._folder.name}.log")

    def _wait(self) -> None:
        client = Redis(unix_socket_path=str(self._socket))
        last = time.monotonic() + _PATIENCE
        while time.monotonic() < last and self._process and self._process.poll() is None:
            try:
                client.ping()
            except NotYetError:
                time.sleep(0.02)
            else:
                client.close()
                return
        message = f"Redis did not start: {self._log().read_text()[-1000:]}"
        raise MissingServerError(message)
