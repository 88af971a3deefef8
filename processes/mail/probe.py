"""The Test button: a mailbox proves that it receives, and that it sends, each by itself (COV-06).

A standing job that goes from phase to phase, a short turn each, so that no worker waits for a
mail to arrive and a crash costs a turn. What it found is kept in the job for a week.
"""

import smtplib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from engine import clock, jobs, standing
from engine.sentences import Sentence, as_json, from_json
from processes.config import Settings
from processes.database import HouseDatabase, house
from processes.mail import probe_marks, smtp
from processes.mail.faults import MailServerError, explained, known
from processes.mail.imap import Connection, opened
from processes.mail.models import Mailbox
from processes.mail.servers import Server, imap_server, smtp_server

PROBE = "test_mailbox"
"""Kind of the job that tests one mailbox."""
_PATIENCE = timedelta(seconds=60)
"""How long a mail may take from us to ourselves."""
_PLUS_PATIENCE = timedelta(seconds=15)
"""How much longer the one to the plus address may take."""
_LONGEST_PAUSE = 8
_LEASE_SECONDS = 60.0

_NOT_FETCHED = Sentence("No server is entered to receive from.")
_NO_WAY_OUT = Sentence("No server is entered to send by, and the house has none (SMTP_URL).")
_CAN_RECEIVE = Sentence("{host} lets us in, and the folder “{folder}” can be read and changed.")
_CAN_SEND = Sentence("{host} took a mail from {address}.")
_NEEDS_BOTH = Sentence("Can be told only when both receiving and sending work.")
_ARRIVED = Sentence("The mail was back after {seconds} s and was removed.")
_LOST = Sentence(
    "The mail did not come back within {seconds} s. It may lie in the spam folder, or the "
    "account that is read is not that of {address}."
)
_PLUS_WORKS = Sentence("Mail to {address} arrives too: answers carry a signed token.")
_NO_PLUS = Sentence(
    "Mail to {address} does not arrive. Answers are told by their Message-IDs alone; this was "
    "written down, and nothing else needs to be done."
)


class Step(StrEnum):
    """What is proved."""

    RECEIVE = "receive"
    SEND = "send"
    ARRIVE = "arrive"
    PLUS = "plus"


class Verdict(StrEnum):
    """What came of a step."""

    WAITING = "waiting"
    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Found:
    """One step and what came of it."""

    step: Step
    verdict: Verdict
    words: Sentence | str


@dataclass(frozen=True)
class Result:
    """How a test stands."""

    started_at: datetime
    running: bool
    broke_off: bool
    """The workers gave it up; the incident says why."""
    steps: tuple[Found, ...]

    @property
    def is_good(self) -> bool:
        """Return whether the mailbox both receives and sends."""
        good = {found.step for found in self.steps if found.verdict is Verdict.OK}
        return {Step.RECEIVE, Step.SEND, Step.ARRIVE} <= good


def job_key(mailbox_id: int) -> str:
    """Return the dedupe key of the job that tests a mailbox."""
    return f"{PROBE}:{mailbox_id}"


def start(session: Session, mailbox: Mailbox) -> None:
    """Have a mailbox tested soon; one test at a time."""
    known = result(session, mailbox.id)
    if known is not None and known.running:
        return
    settings = house(session)
    payload = {
        "mailbox_id": mailbox.id,
        "phase": Step.RECEIVE,
        "started_at": clock.real_now(session).isoformat(),
        "marks": {step: probe_marks.new_mark(settings) for step in (Step.ARRIVE, Step.PLUS)},
        "steps": {step: _noted(Verdict.WAITING) for step in Step},
    }
    standing.restart(session, PROBE, dedupe_key=job_key(mailbox.id), payload=payload)


def forget(session: Session, mailbox_id: int) -> None:
    """Let the last result go: the mailbox is another now."""
    standing.withdraw(session, job_key(mailbox_id))


def result(session: Session, mailbox_id: int) -> Result | None:
    """Return the last result, or how far a test has come; None without one."""
    job = standing.look_up(session, job_key(mailbox_id))
    if job is None or job.state == "cancelled" or "steps" not in job.payload:
        return None
    return Result(
        started_at=datetime.fromisoformat(job.payload["started_at"]),
        running=job.state == "ready",
        broke_off=job.state == "incident",
        steps=tuple(_read(step, job.payload["steps"][step]) for step in Step),
    )


def run(db: HouseDatabase, job: jobs.Claimed) -> None:
    """Do the next phase of a test and put the job back, or end it with the result.

    Raises jobs.OutdatedClaimError when the claim was lost.
    """
    with db.write() as session:
        jobs.ours(jobs.extend(session, job, lease_seconds=_LEASE_SECONDS))
        settings = house(session)
        mailbox = session.get_one(Mailbox, int(job.payload["mailbox_id"]))
    test = _Test(mailbox, settings, dict(job.payload))
    test.go_on()
    with db.write() as session:
        if test.plus_works is not None:
            session.get_one(Mailbox, mailbox.id).plus_addresses = test.plus_works
        if test.phase is None:
            standing.end(session, job, payload=test.payload)
            return
        due = clock.real_now(session) + timedelta(seconds=test.pause)
        standing.put_back(session, job, due_at=due, payload=test.payload)


class _Test:
    """One turn of a test, on what the turns before left in the payload."""

    def __init__(self, mailbox: Mailbox, settings: Settings, payload: dict[str, Any]) -> None:
        self._mailbox, self._settings, self.payload = mailbox, settings, payload
        self._steps: dict[str, Any] = dict(payload["steps"])
        self.payload["steps"] = self._steps
        self.pause = 0.0
        self.plus_works: bool | None = None

    @property
    def phase(self) -> str | None:
        """The step that comes next; None when the test is over."""
        phase: str | None = self.payload["phase"]
        return phase

    def go_on(self) -> None:
        """Do the phase that is due."""
        phases: Mapping[str, Callable[[], None]] = {
            Step.RECEIVE: self._receive,
            Step.SEND: self._send,
            Step.ARRIVE: self._arrive,
        }
        phases[str(self.phase)]()

    def _receive(self) -> None:
        self.payload["phase"] = Step.SEND
        if not self._mailbox.imap_host:
            self._note(Step.RECEIVE, Verdict.SKIPPED, _NOT_FETCHED)
            return
        box = self._mailbox
        try:
            with self._opened() as connection:
                self.payload["next_uid"] = connection.next_uid(box.folder)
                connection.enter(box.folder)
                if box.done_folder:
                    connection.provide(box.done_folder)
        except MailServerError as fault:
            self._note(Step.RECEIVE, Verdict.FAILED, fault.sentence)
        else:
            words = _CAN_RECEIVE.filled(host=box.imap_host, folder=box.folder)
            self._note(Step.RECEIVE, Verdict.OK, words)

    def _send(self) -> None:
        self.payload["phase"] = Step.ARRIVE
        self.payload["sent_at"] = clock.utc_now().isoformat()
        box = self._mailbox
        try:
            server = self._way_out()
            self._hand_over(server, box.address, Step.ARRIVE)
        except MailServerError as fault:
            self._note(Step.SEND, Verdict.FAILED, fault.sentence)
        else:
            words = _CAN_SEND.filled(host=server.host, address=box.address)
            self._note(Step.SEND, Verdict.OK, words)
            try:
                self._hand_over(server, self._plus_address, Step.PLUS)
            except MailServerError:
                self.payload["plus_refused"] = True
        if not self._is_ok(Step.RECEIVE) or not self._is_ok(Step.SEND):
            for step in (Step.ARRIVE, Step.PLUS):
                self._note(step, Verdict.SKIPPED, _NEEDS_BOTH)
            self.payload["phase"] = None

    def _arrive(self) -> None:
        """Look for both mails; remove what came; end when both did or the time is up."""
        waited = clock.utc_now() - datetime.fromisoformat(self.payload["sent_at"])
        try:
            came = self._take_what_came()
        except MailServerError as fault:
            self._note(Step.ARRIVE, Verdict.FAILED, fault.sentence)
            self._note(Step.PLUS, Verdict.SKIPPED, _NEEDS_BOTH)
            self.payload["phase"] = None
            return
        if Step.ARRIVE in came:
            words = _ARRIVED.filled(seconds=str(max(1, round(waited.total_seconds()))))
            self._note(Step.ARRIVE, Verdict.OK, words)
            self.payload["came_after"] = waited.total_seconds()
        if Step.PLUS in came:
            self._settle_plus(works=True)
        self._end_or_wait(waited)

    def _end_or_wait(self, waited: timedelta) -> None:
        came_after = self.payload.get("came_after")
        if came_after is None and waited > _PATIENCE:
            seconds = str(round(_PATIENCE.total_seconds()))
            words = _LOST.filled(seconds=seconds, address=self._mailbox.address)
            self._note(Step.ARRIVE, Verdict.FAILED, words)
            if not self._is_ok(Step.PLUS):
                self._note(Step.PLUS, Verdict.SKIPPED, _NEEDS_BOTH)
            self.payload["phase"] = None
        elif came_after is not None and not self._is_ok(Step.PLUS):
            late = waited - timedelta(seconds=came_after) > _PLUS_PATIENCE
            if late or self.payload.get("plus_refused"):
                self._settle_plus(works=False)
        if self._is_ok(Step.ARRIVE) and self._steps[Step.PLUS]["verdict"] != Verdict.WAITING:
            self.payload["phase"] = None
        tries = self.payload["tries"] = int(self.payload.get("tries", 0)) + 1
        self.pause = float(min(tries, _LONGEST_PAUSE))

    def _settle_plus(self, *, works: bool) -> None:
        words = (_PLUS_WORKS if works else _NO_PLUS).filled(address=self._plus_address)
        self._note(Step.PLUS, Verdict.OK if works else Verdict.FAILED, words)
        self.plus_works = works

    def _take_what_came(self) -> set[Step]:
        marks = {mark: Step(step) for step, mark in self.payload["marks"].items()}
        came: dict[int, Step] = {}
        with self._opened() as connection:
            connection.enter(self._mailbox.folder)
            for uid in connection.newer(int(self.payload["next_uid"]) - 1):
                mark = probe_marks.mark_of(self._settings, connection.raw(uid, "HEADER") or b"")
                if mark in marks:
                    came[uid] = marks[mark]
            if came:
                connection.delete(list(came))
        return set(came.values())

    def _opened(self) -> AbstractContextManager[Connection]:
        server = known(imap_server, self._mailbox, self._settings.secret_key)
        return opened(server, self._settings.mail_answer_seconds)

    def _way_out(self) -> Server:
        """Return the server this mailbox sends by: its own, or the house's."""
        if self._mailbox.smtp_host:
            return known(smtp_server, self._mailbox, self._settings.secret_key)
        if self._settings.smtp_url is None:
            raise MailServerError(_NO_WAY_OUT, lasting=True)
        return smtp.server_at(self._settings.smtp_url.get_secret_value())

    def _hand_over(self, server: Server, to: str, step: Step) -> None:
        message = _test_mail(self._mailbox, to, self.payload["marks"][step])
        try:
            connection = smtp.connect(server, self._settings.mail_answer_seconds)
            try:
                connection.send_message(message, self._mailbox.address, [to])
            finally:
                smtp.part(connection)
        except (OSError, ValueError, smtplib.SMTPException) as error:
            raise explained(error, server) from error

    @property
    def _plus_address(self) -> str:
        name, _, domain = self._mailbox.address.partition("@")
        return f"{name}+test@{domain}"

    def _is_ok(self, step: Step) -> bool:
        return bool(self._steps[step]["verdict"] == Verdict.OK)

    def _note(self, step: Step, verdict: Verdict, words: Sentence) -> None:
        self._steps[step] = _noted(verdict, words)


def _test_mail(mailbox: Mailbox, to: str, mark: str) -> EmailMessage:
    """Return a test mail; its mark keeps it from becoming a case (RFC 3834 5 for the header)."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(mailbox.sender_name, addr_spec=mailbox.address)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = f"Casewright test {mark[:8]}"
    message["Date"] = format_datetime(clock.utc_now())
    message["Message-ID"] = f"<{uuid4().hex}@{mailbox.address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message[probe_marks.HEADER] = mark
    message.set_content("A test of this mailbox. It removes itself.\n")
    return message


def _noted(verdict: Verdict, words: Sentence | None = None) -> dict[str, Any]:
    return {"verdict": verdict, "words": as_json(words or "")}


def _read(step: Step, noted: Mapping[str, Any]) -> Found:
    return Found(step, Verdict(noted["verdict"]), from_json(noted["words"]))
