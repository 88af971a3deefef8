"""Starts a Celery worker the way this product needs it."""

import logging
import os
import socket
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from engine.loaded import keep_loaded
from processes.config import Settings
from workers.app import create_celery
from workers.config import WorkerSettings
from workers.limits import guard_child
from workers.listening_supervisor import ListeningSupervisor
from workers.look import LONGEST_LOOK
from workers.pulse import Pulse

_GRACE_SECONDS = 5


def main() -> int:
    """Run a worker in the foreground until it is told to stop; return its exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("workers").setLevel(logging.INFO)
    celery = create_celery(Settings())
    worker = create_worker(celery, WorkerSettings())
    keep_loaded()  # before the pool forks its children
    worker.start()
    return int(worker.exitcode or 0)


def create_worker(celery: Celery, settings: WorkerSettings) -> Any:
    """Return a worker that looks by itself and listens for the bell.

    Old bells are thrown away at the start.
    """
    celery.steps["worker"].update({Pulse, ListeningSupervisor})
    worker_process_init.connect(guard_child)
    return celery.Worker(
        pool="prefork",
        concurrency=settings.concurrency,
        time_limit=settings.job_seconds + LONGEST_LOOK + _GRACE_SECONDS,
        use_eventloop=True,
        purge=True,
        hostname=f"{socket.gethostname()}:{os.getpid()}",
        redirect_stdouts=False,
        quiet=True,
        loglevel="WARNING",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
