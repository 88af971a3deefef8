"""Keeps slow work from taking every child of the pool, so that timers always find one.

A slot is one locked byte of a file without a name: the system gives it back whatever becomes of
the process that held it, and nothing of it stays behind.
"""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO


class Slots:
    """This worker's slots; made once in the parent, inherited by the children of its pool."""

    file: IO[bytes] | None = None
    count = 0


def open_slots(concurrency: int) -> None:
    """Make slots for all children but one, and for one at least."""
    Slots.file = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the worker lives
    Slots.count = max(1, concurrency - 1)


@contextmanager
def slow_slot() -> Iterator[bool]:
    """Hold a slot while slow work is done; gives False when none is free."""
    if Slots.file is None:  # no pool: whoever looks by hand may do everything
        yield True
        return
    place = _take(Slots.file, Slots.count)
    try:
        yield place is not None
    finally:
        if place is not None:
            fcntl.lockf(Slots.file, fcntl.LOCK_UN, 1, place)


def _take(file: IO[bytes], count: int) -> int | None:
    for place in range(count):
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError:  # held by another child
            continue
        return place
    return None
