"""gunicorn's worker with threads, made to outlive a lack of memory, threads and handles.

As it comes, a worker that cannot start a thread or accept a connection ends, and with it
every request it was answering. Ours has its threads from the start, answers with bytes
made at the start, and leaves new connections waiting until it can take them.
"""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from webapp import shortage

_PATIENCE_SECONDS = 10.0
_REST_SECONDS = 0.05


class SteadyWorker(ThreadWorker):
    """A worker that says 503 where it lacks something, and goes on."""

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """Return a pool whose threads all run: none has to be started while memory is short."""
        count = self.cfg.threads
        pool = ThreadPoolExecutor(max_workers=count, thread_name_prefix="web")
        met = Barrier(count + 1)
        for _ in range(count):
            pool.submit(met.wait, _PATIENCE_SECONDS)
        met.wait(_PATIENCE_SECONDS)
        return pool

    def accept(self, listener: socket.socket) -> None:
        """Take a connection, or leave it waiting in the system's queue for a moment."""
        before = self.nr_conns
        try:
            super().accept(listener)
        except (MemoryError, OSError) as error:
            if not shortage.is_shortage(error):
                raise
            self.nr_conns = before
            # The listener stays readable: without a rest the loop would spin on this connection,
            # and take the processor from the requests that will free memory or handles.
            time.sleep(_REST_SECONDS)

    def enqueue_req(self, conn: TConn) -> None:
        """Hand a request to a thread; where that cannot be, say so and close."""
        try:
            super().enqueue_req(conn)
        except (MemoryError, RuntimeError) as error:
            if not shortage.is_shortage(error):
                raise
            self.nr_conns -= 1
            self._apologise(conn.sock)
            conn.close()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer what failed outside the application."""
        if not shortage.is_shortage(exc):
            super().handle_error(req, client, addr, exc)
            return
        self._apologise(client)
        self.log.error("No memory for a request: %r", exc)

    def _apologise(self, client: socket.socket) -> None:
        web: Any = self.wsgi
        answers: shortage.Answers = web.extensions[shortage.EXTENSION]
        answers.reserve.give()
        with suppress(OSError, MemoryError):
            client.sendall(answers.raw)
