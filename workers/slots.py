"""Keeps slow work from taking every child of the pool, so that timers always find one.

A slot is a file lock: the system gives it back whatever becomes of the process that held it.
"""

import fcntl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Slots:
    """Where this worker's slots are; set once in the parent, inherited by its children."""

    files: tuple[Path, ...] = ()


def open_slots(concurrency: int) -> "tempfile.TemporaryDirectory[str]":
    """Make slots for all children but one, and for one at least; the caller removes the folder."""
    folder = tempfile.TemporaryDirectory(prefix="casewright-")
    Slots.files = tuple(Path(folder.name, str(number)) for number in range(max(1, concurrency - 1)))
    return folder


@contextmanager
def slow_slot() -> Iterator[bool]:
    """Hold a slot while slow work is done; gives False when none is free."""
    if not Slots.files:  # no pool: whoever looks by hand may do everything
        yield True
        return
    for path in Slots.files:
        with path.open("w") as file, suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
            return
    yield False
