"""Telling workers that there is work, without ever waiting for the broker."""

import logging
from threading import Event, Lock, Thread
from time import monotonic

from celery import Celery
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from workers.app import ask_to_look

_OPEN_SECONDS = 30.0
"""How long the bell stays silent after the broker failed; workers look by themselves meanwhile."""

_log = logging.getLogger("workers.bell")


class Bell:
    """A bell that is rung in passing: `ring` returns at once and never raises.

    A thread of this process speaks to the broker. Rings that come while it is speaking are one
    ring: workers that look see everything that is due.
    """

    def __init__(self, celery: Celery) -> None:
        self._celery = celery
        self._rung = Event()
        self._starting = Lock()
        self._thread: Thread | None = None
        self._silent_until = 0.0

    def ring(self) -> None:
        """Have workers look soon."""
        if monotonic() < self._silent_until:
            return
        self._rung.set()
        if self._thread is None or not self._thread.is_alive():
            self._start()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._serve, name="bell", daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        while True:
            self._rung.wait()
            self._rung.clear()
            try:
                ask_to_look(self._celery)
            except (KombuError, RedisError, OSError) as error:
                self._silent_until = monotonic() + _OPEN_SECONDS
                _log.warning("broker_away error=%s", error)
