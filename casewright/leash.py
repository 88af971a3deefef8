"""Ties a process to its parent, so that a killed parent leaves nothing running behind."""

import ctypes
import os
import signal
import sys
from threading import Thread
from time import sleep

_PR_SET_PDEATHSIG = 1
_POLL_SECONDS = 0.5


def die_with_parent(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """Have this process receive `number` when the process `parent`, which started it, ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
    else:
        Thread(target=_watch, args=(parent, number), daemon=True).start()
    if os.getppid() != parent:  # it ended before we could ask
        os.kill(os.getpid(), number)


def _watch(parent: int, number: signal.Signals) -> None:
    while os.getppid() == parent:
        sleep(_POLL_SECONDS)
    os.kill(os.getpid(), number)
