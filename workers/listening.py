"""Listens for new mail: a process of its own beside each worker, started by its supervisor.

The supervisor is `workers.listening_supervisor`.

Where a server offers IDLE (RFC 2177), one connection a mailbox is kept open over all workers: a
standing job's lease says whose. What is heard makes the fetching job due and rings the bell; mail
itself is fetched by that job alone. Whatever goes wrong here costs the pause between two looks.
"""

import logging
import os
import signal
import socket
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from queue import Empty, Queue
from threading import Event, Thread
from time import monotonic

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

import processes.models
from engine import clock, jobs, standing
from processes.config import Settings
from processes.database import HouseDatabase
from processes.mail import fetching
from processes.mail.faults import MailServerError, known
from processes.mail.imap import Connection, opened
from processes.mail.models import Mailbox
from processes.mail.servers import Server, imap_server
from workers.app import create_celery
from workers.bell import Bell

LEASE_SECONDS = 60.0
"""How long nobody else listens for a mailbox after its listener died."""
_LOOK_SECONDS = 3.0
"""How often mailboxes are looked for that nobody listens for."""
_TURN_SECONDS = 0.5
_SIP_SECONDS = 5.0
"""How often a thread that listens looks whether it is still wanted."""
_RENEW_SECONDS = 25 * 60.0
"""Servers may hang up after 30 minutes without a word (RFC 2177)."""
_FIRST_PAUSE, _LONGEST_PAUSE, _GROWTH = 5.0, 900.0, 3
_NOT_OFFERED_PAUSE = 3600.0

_log = logging.getLogger("workers.listening")

_TABLES = processes.models
"""Imported so that every table a row may point to is known."""


@dataclass
class Ear:
    """One mailbox that is listened for, by a thread that touches no database."""

    mailbox_id: int
    job: jobs.Claimed
    server: Server
    folder: str
    seconds: float
    said: "Queue[Ear | int]"
    """Takes the id of a mailbox with new mail, and the ear itself when it has ended."""
    pause: float = 0.0
    """Seconds until somebody may try again, once it has ended."""
    failed: bool = False
    unwanted: Event = field(default_factory=Event)

    def listen(self) -> None:
        """Listen until nobody wants it any more, or the connection fails."""
        try:
            with opened(self.server, self.seconds) as connection:
                self._listen_on(connection)
        except MailServerError as fault:
            self.failed = True
            _log.info("listening_failed mailbox=%s error=%s", self.mailbox_id, fault)
        finally:
            self.said.put(self)

    def _listen_on(self, connection: Connection) -> None:
        if not connection.can_idle:
            self.pause = _NOT_OFFERED_PAUSE
            return
        connection.enter(self.folder)
        connection.begin_idling()
        self.said.put(self.mailbox_id)  # what came while nobody listened
        while self._waits(connection):
            came = connection.end_idling()
            if connection.begin_idling() or came:
                self.said.put(self.mailbox_id)

    def _waits(self, connection: Connection) -> bool:
        """Wait until the server says something or the command must be given anew.

        False when nobody wants to know any more.
        """
        until = monotonic() + _RENEW_SECONDS
        while not self.unwanted.is_set():
            if connection.hears(_SIP_SECONDS) or monotonic() > until:
                return True
        return False


class Listener:
    """Gives each mailbox nobody listens for an ear, and passes on what the ears hear."""

    def __init__(self, db: HouseDatabase, settings: Settings) -> None:
        self._db, self._settings = db, settings
        self._said: Queue[Ear | int] = Queue()
        self.ears: dict[int, Ear] = {}
        """Those that listen, by mailbox."""
        self._with_mail: set[int] = set()
        self._next_look = self._next_renewal = 0.0

    def turn(self) -> None:
        """Wait a moment for news, then do what is due. Raises OperationalError."""
        self._collect()
        if self._with_mail:
            self._pass_on()
        now = monotonic()
        if now >= self._next_renewal:
            self._next_renewal = now + LEASE_SECONDS / 3
            self._renew()
        if now >= self._next_look:
            self._next_look = now + _LOOK_SECONDS
            self._take_ears()

    def stop(self) -> None:
        """Leave the mailboxes to others at once."""
        ears, self.ears = list(self.ears.values()), {}
        for ear in ears:
            ear.unwanted.set()
        with self._db.write() as session:
            for ear in ears:
                self._leave(session, ear, pause=0.0)

    def _collect(self) -> None:
        try:
            news = self._said.get(timeout=_TURN_SECONDS)
            while True:
                if isinstance(news, Ear):
                    self._ended(news)
                else:
                    self._with_mail.add(news)
                news = self._said.get_nowait()
        except Empty:
            return

    def _pass_on(self) -> None:
        """Make fetching due; a mailbox that is just being fetched from is asked about again."""
        with self._db.write() as session:
            for number in list(self._with_mail):
                key = fetching.job_key(number)
                job = standing.look_up(session, key)
                waits = job is not None and job.state == "ready"
                if not waits or standing.bring_forward(session, key):
                    self._with_mail.discard(number)

    def _renew(self) -> None:
        """Keep what is ours; let go of what somebody else has, or nobody wants."""
        if not self.ears:
            return
        with self._db.write() as session:
            lost = [
                ear
                for ear in self.ears.values()
                if not jobs.extend(session, ear.job, lease_seconds=LEASE_SECONDS)
            ]
        for ear in lost:
            ear.unwanted.set()
            self.ears.pop(ear.mailbox_id, None)

    def _take_ears(self) -> None:
        with self._db.write() as session:
            found = jobs.claim(
                session,
                kinds=(fetching.LISTEN,),
                limit=20,
                owner=f"{socket.gethostname()}:{os.getpid()}",
                lease_seconds=LEASE_SECONDS,
            )
            ears = [ear for job in found if (ear := self._ear(session, job)) is not None]
        for ear in ears:
            old = self.ears.get(ear.mailbox_id)
            if old is not None:  # the mailbox was changed
                old.unwanted.set()
            self.ears[ear.mailbox_id] = ear
            Thread(target=ear.listen, name=f"mailbox-{ear.mailbox_id}", daemon=True).start()

    def _ear(self, session: Session, job: jobs.Claimed) -> Ear | None:
        mailbox = session.get(Mailbox, int(job.payload["mailbox_id"]))
        if mailbox is None or not mailbox.active or not mailbox.imap_host:
            standing.end(session, job, payload=job.payload)
            return None
        try:
            server = known(imap_server, mailbox, self._settings.secret_key)
        except MailServerError:  # the fetching job says so
            payload = dict(job.payload)
            due = clock.real_now(session) + timedelta(seconds=_LONGEST_PAUSE)
            standing.put_back(session, job, due_at=due, payload=payload)
            return None
        seconds = self._settings.mail_answer_seconds
        return Ear(mailbox.id, job, server, mailbox.folder, seconds, self._said)

    def _ended(self, ear: Ear) -> None:
        if self.ears.get(ear.mailbox_id) is not ear:
            return
        del self.ears[ear.mailbox_id]
        failures = int(ear.job.payload.get("failures", 0))
        growing = min(_FIRST_PAUSE * _GROWTH ** min(failures, 10), _LONGEST_PAUSE)
        with self._db.write() as session:
            self._leave(session, ear, pause=growing if ear.failed else ear.pause)

    def _leave(self, session: Session, ear: Ear, *, pause: float) -> None:
        """Give the lease back; whoever comes next may try after the pause."""
        failures = int(ear.job.payload.get("failures", 0)) + 1 if ear.failed else 0
        payload = {"mailbox_id": ear.mailbox_id, "failures": failures}
        due = clock.real_now(session) + timedelta(seconds=pause)
        try:
            standing.put_back(session, ear.job, due_at=due, payload=payload)
        except jobs.OutdatedClaimError:
            _log.info("lease_lost mailbox=%s", ear.mailbox_id)


def main() -> int:
    """Listen until told to stop, or until the worker whose process id is given is gone."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("workers").setLevel(logging.INFO)
    stopped = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    settings, worker = Settings(), int(sys.argv[1])
    db = HouseDatabase(settings.database, settings)
    db.ring = Bell(create_celery(settings)).ring
    listener = Listener(db, settings)
    while not stopped.is_set() and os.getppid() == worker:
        try:
            listener.turn()
        except OperationalError as error:
            _log.warning("database_away error=%s", error.orig)
            stopped.wait(_LOOK_SECONDS)
    try:
        listener.stop()
    except OperationalError as error:
        _log.warning("database_away error=%s", error.orig)
    return 0


if __name__ == "__main__":
    sys.exit(main())
