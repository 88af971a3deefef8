"""Keeps a worker working while its broker is away."""

import logging
from time import monotonic
from typing import Any

from celery.worker import consumer
from celery.worker.state import maybe_shutdown

_PAUSE_SECONDS = 3.0

_log = logging.getLogger("workers.consumer")


class Consumer(consumer.Consumer):
    """Celery's consumer, but its event loop turns on between attempts to reach the broker.

    The stock one sleeps, and with it the pool and the pulse, until the broker is back.
    """

    def ensure_connected(self, conn: Any) -> Any:
        """Return `conn` connected, however long that takes."""
        while True:
            try:
                conn.connect()
            except conn.recoverable_connection_errors as error:
                _log.warning("broker_away error=%s", error)
                self._go_on()
            else:
                return conn

    def _go_on(self) -> None:
        """Run the pool and the timers for a while, as the event loop of a connected worker does."""
        worker: Any = self  # the stubs leave these two out
        hub = worker.hub
        worker.controller.register_with_event_loop(hub)
        loop = hub.create_loop()
        last = monotonic() + _PAUSE_SECONDS
        while monotonic() < last:
            maybe_shutdown()
            try:
                next(loop)
            except StopIteration:
                loop = hub.create_loop()
