"""The web's worker goes on where it lacks something, and says so."""

import errno
import os
import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger

from casewright.gunicorn_worker import SteadyWorker
from processes.bootstrap import App
from webapp.app import create_app
from webapp.config import WebSettings

THREADS = 5


class Full(socket.socket):
    """A listening socket of a process that has no handle left for another."""

    def accept(self):
        raise OSError(errno.EMFILE, "Too many open files")


@pytest.fixture
def worker(product: App) -> Iterator[SteadyWorker]:
    config = Config()
    config.set("threads", THREADS)
    web = create_app(product, WebSettings())
    made = SteadyWorker(0, os.getppid(), [], SimpleNamespace(), 30, config, Logger(config))
    made.wsgi = web
    made.tpool = made.get_thread_pool()
    made.method_queue.init()
    yield made
    made.tpool.shutdown()
    made.method_queue.close()
    made.tmp.close()


def test_all_its_threads_run_before_the_first_request(worker):
    assert len(worker.tpool._threads) == THREADS  # noqa: SLF001 - the executor tells nobody
    assert all(thread.is_alive() for thread in worker.tpool._threads)  # noqa: SLF001


def test_a_connection_it_has_no_handle_for_is_left_waiting(worker):
    with Full() as listener:
        worker.accept(listener)

    assert worker.nr_conns == 0


def test_a_request_no_thread_can_take_is_told_to_come_again(worker, monkeypatch):
    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(worker.tpool, "submit", refuse)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname(), timeout=5) as customer,
    ):
        worker.accept(listener)
        answer = b"".join(iter(lambda: customer.recv(4096), b""))

    assert worker.nr_conns == 0
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"\r\nRetry-After: 5" in head
    assert f"\r\nContent-Length: {len(body)}".encode() in head
    assert b"Please try again in a moment." in body


@pytest.mark.parametrize(
    ("error", "first"), [(MemoryError(), b"HTTP/1.1 503"), (ValueError(), b"HTTP/1.1 500")]
)
def test_what_fails_outside_the_application_is_told_by_its_cause(worker, error, first):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        worker.handle_error(None, ours, ("127.0.0.1", 1), error)
        ours.shutdown(socket.SHUT_WR)
        answer = theirs.recv(4096)

    assert answer.startswith(first)
