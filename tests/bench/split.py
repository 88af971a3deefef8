"""Where a command's time goes: engine, statements of the hot path, commit; the rest is domain."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from sqlalchemy.orm import Session

from engine.spiff.machine import Machine
from engine.store import Store

_MACHINE: Final = ("complete", "send", "fire_due", "frozen", "waiting", "timers", "messages")
_STORE: Final = ("active_version", "by_task", "by_id", "claimed", "waiting", "write")


class Split:
    """Seconds spent in each part so far, nested parts counted once, for the inner one."""

    def __init__(self) -> None:
        self.seconds = {"engine": 0.0, "statements": 0.0, "commit": 0.0}
        self._inside: list[str] = []
        self._since = 0.0

    def note(self, calls: int) -> str:
        """Return milliseconds a call for each part, as words of a table."""
        parts = [f"{name} {value / calls * 1000:.2f}" for name, value in self.seconds.items()]
        return ", ".join(parts) + " ms"

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return `function`, its time counted for `part`."""

        def run(*args: Any, **options: Any) -> Any:
            self._turn()
            self._inside.append(part)
            try:
                return function(*args, **options)
            finally:
                self._turn()
                self._inside.pop()

        return run

    def outside(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return `function`, its time counted for no part: an operation called by the engine."""

        def run(*args: Any, **options: Any) -> Any:
            self._turn()
            self._inside.append("")
            try:
                return function(*args, **options)
            finally:
                self._turn()
                self._inside.pop()

        return run

    def _turn(self) -> None:
        now = time.perf_counter()
        if self._inside and self._inside[-1]:
            self.seconds[self._inside[-1]] += now - self._since
        self._since = now


@contextmanager
def split() -> Iterator[Split]:
    """Watch every command within; the watching itself costs some microseconds a part."""
    found = Split()
    watched: list[tuple[Any, str, Any]] = [
        (Machine, name, found.timed("engine", getattr(Machine, name))) for name in _MACHINE
    ]
    for name in ("new", "thawed"):
        bound = getattr(Machine, name).__func__
        watched.append((Machine, name, classmethod(found.timed("engine", bound))))
    watched += [(Store, name, found.timed("statements", getattr(Store, name))) for name in _STORE]
    watched.append((Session, "commit", found.timed("commit", Session.commit)))
    patches = [patch.object(owner, name, new) for owner, name, new in watched]
    operate = _command_operate(found)
    for each in (*patches, operate):
        each.start()
    try:
        yield found
    finally:
        for each in (*patches, operate):
            each.stop()


def _command_operate(found: Split) -> Any:
    from engine.command import Command  # noqa: PLC0415 - only where it is watched

    return patch.object(Command, "_operate", found.outside(Command._operate))  # noqa: SLF001
