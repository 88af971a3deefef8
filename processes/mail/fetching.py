"""Fetching: mail is stored and committed here before it is marked or moved there.

One standing job a mailbox, so that nobody fetches the same one twice at a time. No transaction is
open while we talk to the server. A crash between storing and marking has the mail fetched again
and, as its contents are known, stored once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, jobs, standing
from engine.errors import AppError
from engine.incidents import describe
from engine.sentences import Sentence
from processes.config import Settings
from processes.database import HouseDatabase, house
from processes.files import services as files
from processes.mail import incoming, probe_marks
from processes.mail.faults import MailServerError, kept, known
from processes.mail.imap import Connection, opened
from processes.mail.models import Mailbox
from processes.mail.servers import Server, imap_server

FETCH = "fetch_mailbox"
"""Kind of the standing job that fetches for one mailbox."""
LISTEN = "listen_to_mailbox"
"""Kind of the standing job by which one worker at a time listens for new mail (RFC 2177)."""
_NOT_KEPT = Sentence("What came could not be kept here. The reason: {words}")
_BATCH = 20
_TURN_SECONDS = 20.0
"""After so long a turn ends and the next begins, so that others get theirs."""
_ALARM_AFTER = timedelta(hours=1)
_GROWTH = 2
_LONGEST_PAUSE = timedelta(minutes=15)
_ANSWERS_A_LEASE = 3
"""Answers a slow server may owe before somebody else takes over: the delay when a worker dies."""


@dataclass(frozen=True)
class _Task:
    """What one turn works on, read from the row of the mailbox."""

    mailbox_id: int
    server: Server
    folder: str
    done_folder: str
    uid_validity: int | None
    last_uid: int
    since: date
    """The day from which on everything in the folder is ours to take."""


def job_key(mailbox_id: int) -> str:
    """Return the dedupe key of the job that fetches for a mailbox."""
    return f"{FETCH}:{mailbox_id}"


def listening_key(mailbox_id: int) -> str:
    """Return the dedupe key of the job by which somebody listens for a mailbox."""
    return f"{LISTEN}:{mailbox_id}"


def lease_seconds(settings: Settings) -> float:
    """Return how long a mailbox is one worker's without another sign of life."""
    return _ANSWERS_A_LEASE * settings.mail_answer_seconds


def plan(session: Session, mailbox: Mailbox) -> None:
    """Have a mailbox fetched from now on, at once, or no longer: as it says itself.

    Whoever fetches or listens for it right now stops, and begins again with what it says now.
    """
    payload = {"mailbox_id": mailbox.id}
    for kind, key in _keys(mailbox.id):
        if mailbox.active and mailbox.imap_host:
            standing.restart(session, kind, dedupe_key=key, payload=payload)
        else:
            standing.withdraw(session, key)


def plan_missing(session: Session) -> None:
    """Write the jobs of mailboxes that should have one and do not."""
    query = select(Mailbox.id).where(Mailbox.active, Mailbox.imap_host != "")
    for number in session.scalars(query):
        for kind, key in _keys(number):
            due, payload = clock.real_now(session), {"mailbox_id": number}
            jobs.enqueue(session, kind, due_at=due, dedupe_key=key, payload=payload)


def fetch(db: HouseDatabase, job: jobs.Claimed) -> None:
    """Do one turn of a mailbox: store what is new, then mark or move it; put the job back.

    What the server does wrong is written to the mailbox, and tried again later. Raises
    jobs.OutdatedClaimError when the claim was lost.
    """
    mailbox_id = int(job.payload["mailbox_id"])
    with db.write() as session:
        settings, mailbox = house(session), session.get(Mailbox, mailbox_id)
        jobs.ours(jobs.extend(session, job, lease_seconds=lease_seconds(settings)))
    if mailbox is None or not mailbox.active or not mailbox.imap_host:
        _ended(db, job)
        return
    try:
        task = _task(mailbox, settings)
        with opened(task.server, settings.mail_answer_seconds) as connection:
            turn = _Turn(db, job, connection, task, settings)
            is_empty = turn.run()
    except MailServerError as fault:
        _failed(db, job, fault)
    except (OSError, AppError) as error:
        words = _NOT_KEPT.filled(words=describe(error))
        _failed(db, job, MailServerError(words, lasting=False))
    else:
        _went_well(db, job, settings.mail_poll_seconds if is_empty else 0.0, turn.sweep)


class _Turn:
    """One conversation: batch by batch until the folder is empty or the time is up."""

    def __init__(
        self,
        db: HouseDatabase,
        job: jobs.Claimed,
        connection: Connection,
        task: _Task,
        settings: Settings,
    ) -> None:
        self._db, self._job, self._task, self._settings = db, job, task, settings
        self._connection = connection
        self._until = monotonic() + _TURN_SECONDS
        self._validity = 0
        self._fault: MailServerError | None = None
        self.sweep: dict[str, int] = {}
        """How far a sweep has come that goes on in the next turn."""

    def run(self) -> bool:
        """Return whether nothing new is left; False when the time was up.

        What cannot be marked or moved is stored all the same, and said at the end.
        """
        self._validity = self._connection.enter(self._task.folder)
        last = self._task.last_uid
        if self._validity != self._task.uid_validity:
            swept = self._sweep()
            if swept is None:
                return False
            last = swept
        while uids := self._connection.newer(last):
            if self._is_over():
                break
            last = self._take(uids[:_BATCH])
            self._note(last)
        if self._fault is not None:
            raise self._fault
        return not uids

    def _sweep(self) -> int | None:
        """Go through a folder whose numbers are all new; return the highest it held.

        The mailbox is new, or the server says so (RFC 3501 2.3.1.1). Then these are mails nobody
        has read and those of the time since we look after the mailbox: what lay there before is
        no work of ours. Contents that are known are not stored twice. None: the time was up.
        """
        begun: dict[str, int] = dict(self._job.payload.get("sweep") or {})
        if begun.get("validity") != self._validity:
            highest = max(self._connection.newer(0), default=0)
            begun = {"validity": self._validity, "highest": highest, "after": 0}
        found = self._connection.unread_or_since(self._task.since)
        uids = [uid for uid in found if begun["after"] < uid <= begun["highest"]]
        for start in range(0, len(uids), _BATCH):
            if self._is_over():
                self.sweep = begun
                return None
            begun["after"] = self._take(uids[start : start + _BATCH])
        self._note(begun["highest"])
        return begun["highest"]

    def _is_over(self) -> bool:
        return monotonic() > self._until

    def _take(self, uids: list[int]) -> int:
        """Store a batch and mark what was stored; return its highest number."""
        sizes = self._connection.sizes(uids)
        stored = [uid for uid in uids if uid in sizes and self._store(uid, sizes[uid])]
        try:
            self._settle(stored)
        except MailServerError as fault:
            self._fault = fault
        return max(uids)

    def _store(self, uid: int, size: int) -> bool:
        """Store one mail and commit; tell whether it may be marked or moved."""
        content, why = self._content(uid, size)
        if content is None or (not why and probe_marks.is_probe(self._settings, content)):
            return False
        prepared = files.prepare(self._settings, content)
        with self._db.write() as session:
            jobs.ours(jobs.extend(session, self._job, lease_seconds=lease_seconds(self._settings)))
            mail = incoming.store(
                session,
                prepared,
                mailbox=session.get_one(Mailbox, self._task.mailbox_id),
                uid_validity=self._validity,
                uid=uid,
            )
            if why and mail is not None:
                incoming.quarantine(mail, why, content)
                standing.withdraw(session, incoming.job_key(mail.id))
        return not why

    def _content(self, uid: int, size: int) -> tuple[bytes | None, str]:
        """Return a mail, or its headers and why there is no more; None when it has gone.

        A mail the server itself cannot give must not keep those behind it waiting.
        """
        why = incoming.TOO_LARGE if size > self._settings.mail_max_bytes else ""
        try:
            return self._connection.raw(uid, "HEADER" if why else ""), why
        except MailServerError as fault:
            if not fault.about_one:
                raise
        note = f"X-Casewright-Number: {self._validity}/{uid}\r\n".encode()
        try:
            headers = self._connection.raw(uid, "HEADER") or b"\r\n"
        except MailServerError as fault:
            if not fault.about_one:
                raise
            headers = b"\r\n"
        return note + headers, incoming.UNREADABLE_THERE

    def _settle(self, uids: list[int]) -> None:
        if uids and self._task.done_folder:
            self._connection.move(uids, self._task.done_folder)
        elif uids:
            self._connection.mark_read(uids)

    def _note(self, last: int) -> None:
        """Write down how far we are; from here on a crash has nothing fetched again."""
        with self._db.write() as session:
            jobs.ours(jobs.extend(session, self._job, lease_seconds=lease_seconds(self._settings)))
            mailbox = session.get_one(Mailbox, self._task.mailbox_id)
            if last > mailbox.last_uid:
                standing.note_progress(session, self._job)
            mailbox.uid_validity, mailbox.last_uid = self._validity, last


def _keys(mailbox_id: int) -> tuple[tuple[str, str], ...]:
    return (FETCH, job_key(mailbox_id)), (LISTEN, listening_key(mailbox_id))


def _task(mailbox: Mailbox, settings: Settings) -> _Task:
    return _Task(
        mailbox.id,
        known(imap_server, mailbox, settings.secret_key),
        mailbox.folder,
        mailbox.done_folder,
        mailbox.uid_validity,
        mailbox.last_uid,
        (mailbox.created_at - timedelta(days=1)).date(),  # the server's day may be another
    )


def _ended(db: HouseDatabase, job: jobs.Claimed) -> None:
    with db.write() as session:
        jobs.ours(jobs.finish(session, job))


def _went_well(
    db: HouseDatabase, job: jobs.Claimed, pause: float, sweep: Mapping[str, int]
) -> None:
    def note(session: Session, mailbox: Mailbox, now: datetime) -> tuple[datetime, dict[str, Any]]:
        mailbox.fetched_at, mailbox.fetch_error = now, ""
        standing.calm(session, job.id)
        return now + timedelta(seconds=pause), {"sweep": dict(sweep)} if sweep else {}

    _put_back(db, job, note)


def _failed(db: HouseDatabase, job: jobs.Claimed, fault: MailServerError) -> None:
    """Say what is wrong, and try again after a growing pause.

    It becomes an incident when only somebody's doing can help, or when it has lasted an hour.
    """
    failures = int(job.payload.get("failures", 0)) + 1

    def note(session: Session, mailbox: Mailbox, now: datetime) -> tuple[datetime, dict[str, Any]]:
        since = str(job.payload.get("failing_since") or now.isoformat())
        mailbox.fetch_error = kept(fault.sentence)
        if fault.lasting or now - datetime.fromisoformat(since) >= _ALARM_AFTER:
            standing.alarm(session, job, MailNotFetchedError(f"{mailbox.address}: {fault}"))
        first = timedelta(seconds=house(session).mail_poll_seconds)
        pause = min(first * _GROWTH ** min(failures - 1, 20), max(first, _LONGEST_PAUSE))
        return now + pause, {"failures": failures, "failing_since": since}

    _put_back(db, job, note)


def go_on_later(session: Session, job: jobs.Claimed) -> None:
    """Fetch again after the longest pause, though every worker that tried has died of it.

    The incident says so until a turn goes well: a mailbox is never given up.
    """
    standing.go_on(session, job, due_at=clock.real_now(session) + _LONGEST_PAUSE)


class MailNotFetchedError(Exception):
    """Mail cannot be fetched."""


_Note = Callable[[Session, Mailbox, datetime], tuple[datetime, Mapping[str, Any]]]


def _put_back(db: HouseDatabase, job: jobs.Claimed, note: _Note) -> None:
    with db.write() as session:
        mailbox = session.get_one(Mailbox, int(job.payload["mailbox_id"]))
        due, more = note(session, mailbox, clock.real_now(session))
        payload = {"mailbox_id": mailbox.id, **more}
        standing.put_back(session, job, due_at=due, payload=payload)
