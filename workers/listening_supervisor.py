"""Keeps a process that listens for new mail running beside this worker: a step of its start-up.

A process of its own, so that nothing of it is copied into the children of the pool, and nothing
it waits for keeps the worker from stopping. It asks by itself whether its worker still lives.
"""

import logging
import os
import subprocess
import sys
from typing import Any

from celery import bootsteps

_CHECK_SECONDS = 5.0
_PATIENCE_SECONDS = 3.0

_log = logging.getLogger("workers.listening_supervisor")


class ListeningSupervisor(bootsteps.StartStopStep):
    """Starts `workers.listening`, again when it has died, and ends it with the worker."""

    requires = ("celery.worker.components:Hub", "celery.worker.components:Pool")

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, worker: Any) -> None:
        """Begin to listen."""
        self._entry = worker.hub.call_repeatedly(_CHECK_SECONDS, self._check)
        self._check()

    def stop(self, _worker: Any) -> None:
        """Stop listening; the mailboxes are free for other workers at once."""
        self._entry.cancel()
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def terminate(self, worker: Any) -> None:
        """Stop listening; the pool is ended at once."""
        self.stop(worker)

    def _check(self) -> None:
        if self._process is not None:
            code = self._process.poll()
            if code is None:
                return
            _log.warning("listening_died code=%s", code)
        self._process = subprocess.Popen(  # noqa: S603 - a part of ours, from fixed words
            [sys.executable, "-m", "workers.listening", str(os.getpid())],
        )
