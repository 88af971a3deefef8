"""The web part: gunicorn with threads, and the bell to the workers hung up in each process."""

import os
import signal
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.util import import_app

from casewright.gunicorn_worker import SteadyWorker
from casewright.leash import die_with_parent
from casewright.settings import LaunchSettings
from engine.loaded import keep_loaded
from workers.app import create_celery
from workers.bell import Bell

_WORKERS, _THREADS = 2, 64
_GRACE_SECONDS = 2  # open live streams would hold a stop up for long


def serve(settings: LaunchSettings, *, reload: bool) -> None:
    """Answer requests until told to stop."""
    _Server(
        {
            "bind": f"{settings.host}:{settings.port}",
            "worker_class": SteadyWorker,
            "workers": 1 if reload else _WORKERS,
            "threads": _THREADS,
            "graceful_timeout": _GRACE_SECONDS,
            "keepalive": 20,
            "reload": reload,
            "proc_name": "casewright-web",
            "control_socket_disable": True,
            "post_fork": _tie,
            "post_worker_init": _begin,
        }
    ).run()


class _Server(BaseApplication):
    """gunicorn, configured by values instead of a file."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        """Hand our values over."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application; called in each worker process."""
        return import_app("webapp.wsgi:application")


def _tie(_arbiter: Any, _worker: Any) -> None:
    die_with_parent(os.getppid(), signal.SIGKILL)


def _begin(worker: Any) -> None:
    """Let commits of this process ring the workers' bell; its application is loaded."""
    product = worker.wsgi.extensions["casewright"]
    product.db.ring = Bell(create_celery(product.settings)).ring
    keep_loaded()
