"""What one job may cost: time and memory, so that a bad one harms itself and nobody else.

Set in the children of the pool. A job that takes too long or too much is a job that failed, with
the place where it was in its incident; the pool's own time limit stands behind as the last word.
"""

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from workers.config import WorkerSettings

_MEGABYTE = 1024 * 1024


class TookTooLongError(Exception):
    """The job ran longer than WORKER_JOB_SECONDS and was interrupted."""


class _Alarm:
    """Whether this process is a child of the pool, which may be interrupted."""

    hung = False


def guard_child(*_: Any, **__: Any) -> None:
    """Limit this process's memory and let jobs be interrupted; called in each new child."""
    megabytes = WorkerSettings().memory_mb
    if megabytes:
        hard: int = resource.getrlimit(resource.RLIMIT_DATA)[1]
        wanted = megabytes * _MEGABYTE
        if hard != resource.RLIM_INFINITY:
            wanted = min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    signal.signal(signal.SIGALRM, _interrupt)
    _Alarm.hung = True


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Interrupt what is done inside after `seconds` by TookTooLongError, in a child of the pool."""
    if not _Alarm.hung:
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _interrupt(*_: Any) -> None:
    raise TookTooLongError
