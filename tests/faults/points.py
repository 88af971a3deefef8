"""Places in the product where a process may be made to die or to pause: wrappers, no hooks.

A process started through `tests.faults.part` passes every place by name, as in
`worker|after commit of fire`. A file in the faults folder arms one of them; the first process
that comes by takes the file away and does what it says, so that each fault happens once.
"""

import os
import signal
import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import request
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from engine import deployment, jobs
from engine.runtime import Engine
from processes.files import services as files
from processes.files.folder import Folder
from processes.mail import delivery, incoming
from processes.mail.imap import Connection
from processes.request import mail_intake
from webapp.context import TransactionalFlask
from workers.bell import Bell

FOLDER = "CASEWRIGHT_FAULTS"
"""Environment variable: the folder in which points are armed."""
DIES, DIES_WITH_PARENT, PAUSES = "dies", "dies-with-parent", "pauses"

_SEAMS: tuple[tuple[str, Any, str], ...] = (
    ("start", Engine, "start"),
    ("complete", Engine, "complete_user_task"),
    ("correlate", Engine, "correlate"),
    ("fire", Engine, "fire_due"),
    ("service", Engine, "run_service"),
    ("extend", jobs, "extend"),
    ("fail", jobs, "fail"),
    ("beat", jobs, "beat"),
    ("mark", delivery, "blank_secret"),
    ("data", smtplib.SMTP, "data"),
    ("ring", Bell, "ring"),
    ("deploy", deployment, "deploy"),
    ("put", Folder, "put"),
    ("store", incoming, "store"),
    ("intake", mail_intake, "process"),
    ("mark read", Connection, "mark_read"),
    ("attach", files, "attach"),
)


class Trap:
    """Arms one point at a time and tells whether somebody stepped on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def arm(self, point: str, does: str = DIES) -> None:
        """Have the next process that passes `point` do that, once."""
        (self.folder / "sprung").unlink(missing_ok=True)
        draft = self.folder / "draft"
        draft.write_text(f"{point}\n{does}")
        draft.rename(self.folder / "armed")

    @property
    def sprung(self) -> bool:
        """Tell whether it happened."""
        return (self.folder / "sprung").exists()

    def disarm(self) -> None:
        """Let everybody pass again."""
        (self.folder / "armed").unlink(missing_ok=True)


class Steps:
    """What this process does at the points it passes."""

    def __init__(self, role: str, folder: Path) -> None:
        self._role, self._folder = role, folder
        self._local = threading.local()

    def touch(self, seam: str) -> None:
        """Note that the open transaction of this thread holds the work of a seam."""
        self._touched.add(seam)

    def pass_by(self, place: str) -> None:
        """Do what is armed for this place, if anything is."""
        try:
            point, does = (self._folder / "armed").read_text().split("\n")
        except FileNotFoundError:
            return
        if point != f"{self._role}|{place}":
            return
        try:
            (self._folder / "armed").rename(self._folder / "sprung")
        except FileNotFoundError:
            return  # another process was quicker
        if does.startswith(PAUSES):
            time.sleep(float(does.removeprefix(PAUSES)))
            return
        if does == DIES_WITH_PARENT:
            os.kill(os.getppid(), signal.SIGKILL)
        os._exit(137)

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Pass the points around a commit, for every seam in the transaction."""
        touched = sorted(self._touched)
        for seam in touched:
            self.pass_by(f"before commit of {seam}")
        yield
        for seam in touched:
            self.pass_by(f"after commit of {seam}")
        self._touched.clear()

    def forget(self) -> None:
        """The transaction of this thread was rolled back."""
        self._touched.clear()

    @property
    def _touched(self) -> set[str]:
        if not hasattr(self._local, "touched"):
            self._local.touched = set()
        touched: set[str] = self._local.touched
        return touched


def install(role: str, folder: Path) -> None:
    """Wrap the seams of this process."""
    steps = Steps(role, folder)
    for seam, owner, name in _SEAMS:
        setattr(owner, name, _around(steps, seam, getattr(owner, name)))
    jobs.claim = _around_claim(steps, jobs.claim)
    TransactionalFlask.dispatch_request = _around_answer(  # type: ignore[method-assign]
        steps, TransactionalFlask.dispatch_request
    )
    for dialect in (PGDialect_psycopg, SQLiteDialect_pysqlite):
        _wrap_transactions(steps, dialect)


def _around(steps: Steps, seam: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*arguments: Any, **options: Any) -> Any:
        steps.touch(seam)
        steps.pass_by(f"entering {seam}")
        result = original(*arguments, **options)
        steps.touch(seam)  # again: a first connection begins with a rollback
        steps.pass_by(f"leaving {seam}")
        return result

    return wrapped


def _around_claim(steps: Steps, original: Callable[..., Any]) -> Callable[..., Any]:
    """As the others, but only a claim that found something counts, by kind."""

    def wrapped(*arguments: Any, **options: Any) -> Any:
        taken = original(*arguments, **options)
        for kind in {job.kind for job in taken}:
            steps.touch(f"claim of {kind}")
            steps.pass_by(f"leaving claim of {kind}")
        return taken

    return wrapped


def _around_answer(steps: Steps, original: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*arguments: Any, **options: Any) -> Any:
        answer = original(*arguments, **options)
        if request.method == "POST":
            steps.pass_by("leaving answer")
        return answer

    return wrapped


def _wrap_transactions(steps: Steps, dialect: Any) -> None:
    commit, rollback = dialect.do_commit, dialect.do_rollback

    def do_commit(self: Any, connection: Any) -> None:
        with steps.committing():
            commit(self, connection)

    def do_rollback(self: Any, connection: Any) -> None:
        steps.forget()
        rollback(self, connection)

    dialect.do_commit, dialect.do_rollback = do_commit, do_rollback
