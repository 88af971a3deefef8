"""D10: mixed mails come in twice, over IMAP, while workers are killed and frozen."""

import logging
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from imaplib import IMAP4
from random import Random
from typing import Any

from sqlalchemy import func, select

from engine.models import Job, ProcessInstance
from processes.cases import mail_tokens
from processes.cases.models import Activity, Case, CaseStatus, Queue
from processes.mail import fetching, mailboxes
from processes.mail.incoming import TOO_LARGE
from processes.mail.mailboxes import Account, Facts
from processes.mail.models import IncomingMail, IncomingState, Security
from processes.people.models import Staff
from tests.faults import invariants
from tests.faults.invariants import Findings
from tests.faults.mails import MAILS, WITHOUT_LIMITS
from tests.faults.monkey import Monkey, Pace
from tests.faults.site import Ground, Site, largest_memory, opened
from tests.journeys.installation import children_of, until
from tests.mails.building import SUPPORT
from tests.mails.corpus import messages
from tests.servers.imap import HOST, ImapServer
from tests.servers.imap import Account as ImapAccount

_PACE = Pace(0.4, 1.2, {"kill worker": 8, "kill worker child": 30, "freeze": 12})
SETTINGS = {
    "MAIL_POLL_SECONDS": "0.5",
    "MAIL_ANSWER_SECONDS": "2",
} | WITHOUT_LIMITS
_LINE_END = re.compile(rb"\r\n|\r|\n")
_HEADERS_END = b"\r\n\r\n"
_PATIENCE = 240.0
_KNOWN = 30
"""Cases that exist before, each of which is answered, forged and answered by a machine."""


@dataclass(frozen=True)
class Sent:
    """A mail that was put into the mailbox, and what must become of it."""

    name: str
    raw: bytes
    case: str = ""
    """The number of the only case it may stand in."""
    never: bool = False
    """True: it must stand in none of the cases that were there before."""
    quarantine: str | None = None

    @property
    def sha256(self) -> str:
        """Return it as the row has it: every server ends lines with CR LF (RFC 5322 2.3).

        Of a mail that is too large only its headers are fetched, the empty line behind them too.
        """
        lines = _LINE_END.sub(b"\r\n", self.raw)
        if self.quarantine == TOO_LARGE:
            lines = b"".join(lines.partition(_HEADERS_END)[:2])
        return sha256(lines).hexdigest()


@dataclass
class Post:
    """A mailbox, mails, and a monkey."""

    ground: Ground
    site: Site
    account: ImapAccount
    seed: int
    count: int
    sent: dict[str, Sent] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    """Mails the IMAP server of this machine could not take."""
    largest: int = 0
    """Most memory a worker's child had, in MB."""

    def run(self) -> Findings:
        """Feed everything twice under harm, then wait for peace, then check."""
        known = self._first_cases()
        load = [*self._answers(known), *self._corpus()]
        Random(self.seed).shuffle(load)  # noqa: S311 - it must be repeatable
        self.sent |= {mail.sha256: mail for mail in load}
        over = threading.Event()
        watching = threading.Thread(target=self._watch_memory, args=(over,), daemon=True)
        watching.start()
        began = time.monotonic()
        with Monkey(self.ground, self.site, self.seed, _PACE) as monkey:
            for _ in range(2):
                self._feed(load)
            self._drain(leave=len(load) // 10)
        self._drain()
        seconds = time.monotonic() - began
        over.set()
        watching.join()
        found = invariants.check(self.site)
        self._check(found, known)
        found.figures |= {
            "mails": len(self.sent),
            "fed": 2 * len(load) + len(known),
            "not taken by the IMAP server": len(self.refused),
            "a second": round(2 * len(load) / seconds, 1),
            "largest child MB": self.largest,
            "faults": dict(monkey.done),
            "kills": sum(n for kind, n in monkey.done.items() if kind.startswith("kill")),
        }
        return found

    def _first_cases(self) -> list[str]:
        """Let customers write their first mails, in peace; return the numbers of their cases."""
        mails = [Sent(f"first-{n}", _mail(n, f"Question {n}", "It leaks.")) for n in range(_KNOWN)]
        self._feed(mails)
        self.sent |= {mail.sha256: mail for mail in mails}
        until(lambda: len(self._numbers()) == _KNOWN, 60)
        numbers = dict(self._numbers())
        return [numbers[f"c{n}@post.example"] for n in range(_KNOWN)]

    def _numbers(self) -> list[Any]:
        query = select(IncomingMail.from_address, Case.number).join(
            Case, Case.id == IncomingMail.case_id
        )
        return [tuple(row) for row in self.site.read(query)]

    def _answers(self, known: list[str]) -> Iterator[Sent]:
        """Give for each case an answer, one with a stolen signature, and a machine's answer."""
        tokens = [self._token(number) for number in known]
        for n, number in enumerate(known):
            right, other = tokens[n], tokens[(n + 1) % len(known)]
            forged = right[: -len(other) // 3] + other[-len(other) // 3 :]
            to = SUPPORT.replace("@", f"+{right}@")
            yield Sent(f"answer-{n}", _mail(n, "Something else", "And now?", to=to), number)
            to = SUPPORT.replace("@", f"+{forged}@")
            stranger = _mail(n, f"Re: [{number}]", "Let me in.", to=to, sender="eve@evil.example")
            yield Sent(f"forged-{n}", stranger, never=True)
            to = SUPPORT.replace("@", f"+{right}@")
            more = "Auto-Submitted: auto-replied\r\n"
            away = _mail(n, "Away", "I am on leave.", to=to, more=more)
            yield Sent(f"away-{n}", away, number)

    def _token(self, number: str) -> str:
        def make(session: Any) -> str:
            case = session.scalars(select(Case).where(Case.number == number)).one()
            return mail_tokens.token(session, case)

        token: str = self.site.write(make)
        return token

    def _corpus(self) -> Iterator[Sent]:
        for sample in messages(self.seed, self.count):
            yield Sent(sample.name, sample.raw, never=True, quarantine=sample.quarantine)

    def _feed(self, mails: Sequence[Sent]) -> None:
        """Put mails into the mailbox; one its server breaks over is noted and left out."""
        rest = list(mails)
        while rest:
            with suppress(IMAP4.error), self.account.sign_in() as box:
                while rest:
                    mail = rest.pop(0)
                    self.refused.add(mail.sha256)
                    box.append(mail.raw, "INBOX")
                    self.refused.discard(mail.sha256)

    def _drain(self, leave: int = 0) -> None:
        """Wait until every mail, but for so many, has been stored and dealt with."""
        with suppress(AssertionError):  # what is missing is found by the check
            until(lambda: len(self._missing()) + self._undone() <= leave, _PATIENCE)

    def _missing(self) -> set[str]:
        return (
            set(self.sent)
            - self.refused
            - {row.sha256 for row in self.site.read(select(IncomingMail.sha256))}
        )

    def _undone(self) -> int:
        jobs = select(func.count()).where(Job.state == "ready", Job.kind == "incoming_mail")
        mails = select(func.count()).where(IncomingMail.state == IncomingState.STORED)
        return int(self.site.read(jobs)[0][0] + self.site.read(mails)[0][0])

    def _check(self, found: Findings, known: list[str]) -> None:
        rows = self.site.read(
            select(
                *(IncomingMail.sha256, IncomingMail.state, IncomingMail.why),
                *(Case.number, IncomingMail.id),
            ).outerjoin(Case, Case.id == IncomingMail.case_id)
        )
        times = Counter(row.sha256 for row in rows)
        for key, mail in self.sent.items():
            if key in self.refused:
                continue
            invariants.compare(found, f"mail {mail.name}", 1, times[key])
        for row in rows:
            mail = self.sent.get(row.sha256)
            if mail is None:
                found.wrong.append(f"a mail nobody sent: row {row.id}")
                continue
            self._check_one(found, mail, row, known)
        self._check_cases(found, rows)
        invariants.check_files(self.site, found)
        states = Counter(f"{row.state.value} {row.why}".strip() for row in rows)
        found.figures["became"] = dict(states.most_common())
        if self.site.mail.messages:
            found.wrong.append(f"{len(self.site.mail.messages)} mails were answered")

    def _check_one(self, found: Findings, mail: Sent, row: Any, known: list[str]) -> None:
        if row.state is IncomingState.STORED:
            found.lost.append(f"{mail.name} was never dealt with")
        if mail.case and row.number != mail.case:
            found.wrong.append(f"{mail.name} is in {row.number}, not in {mail.case}")
        if mail.never and row.number in known:
            found.wrong.append(f"{mail.name} is in {row.number}, where it may never be")
        if (row.state is IncomingState.QUARANTINED) != (mail.quarantine is not None):
            found.wrong.append(f"{mail.name} is {row.state.value} {row.why}")

    def _check_cases(self, found: Findings, rows: list[Any]) -> None:
        """A case for each mail that made one, a running process for each case, an entry a mail."""
        made = sum(row.state is IncomingState.NEW_CASE for row in rows)
        cases = self.site.read(select(func.count()).select_from(Case))[0][0]
        invariants.compare(found, "cases", made, cases)
        running = select(func.count()).where(ProcessInstance.status == "running")
        invariants.compare(found, "running processes", cases, self.site.read(running)[0][0])
        entries = Counter(
            row.incoming_mail_id
            for row in self.site.read(
                select(Activity.incoming_mail_id).where(Activity.incoming_mail_id.is_not(None))
            )
        )
        found.double += [f"mail row {key} stands {n} times" for key, n in entries.items() if n > 1]
        joined = {IncomingState.NEW_CASE, IncomingState.REPLY}
        found.lost += [
            f"mail row {row.id} has no entry"
            for row in rows
            if row.state in joined and row.id not in entries
        ]
        moved = select(func.count()).where(Case.status != CaseStatus.UNCLASSIFIED)
        invariants.compare(found, "cases a machine's mail moved", 0, self.site.read(moved)[0][0])

    def _watch_memory(self, over: threading.Event) -> None:
        while not over.wait(0.3):
            for main in self.site.mains("worker"):
                for child in children_of(main):
                    self.largest = max(self.largest, largest_memory(child))


def _mail(
    number: int, subject: str, text: str, *, to: str = SUPPORT, sender: str = "", more: str = ""
) -> bytes:
    address = sender or f"c{number}@post.example"
    mark = sha256(f"{number}{subject}{to}{address}".encode()).hexdigest()[:20]
    head = (
        f"From: Customer {number} <{address}>\r\nTo: <{to}>\r\nSubject: {subject}\r\n"
        f"Message-ID: <{mark}@post.example>\r\nDate: Thu, 26 Nov 2026 10:00:00 +0100\r\n"
    )
    return f"{head}{more}\r\n{text}\r\n".encode()


def run(ground: Ground, dialect: str, seed: int, count: int = MAILS) -> Findings:
    """Run on a site of its own with an IMAP server of its own."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # pymap tells over what it broke
    server = ImapServer(ground.folder / f"imap-{dialect}")
    server.start()
    try:
        account = server.account(SUPPORT)
        site = ground.site(dialect, workers=2 if dialect == "postgresql" else 1, extra=SETTINGS)
        with opened(site):
            site.write(lambda session: open_mailbox(session, account))
            found = Post(ground, site, account, seed, count).run()
        invariants.check_orphans(site, found)
    finally:
        server.stop()
    return found


def open_mailbox(session: Any, account: ImapAccount) -> None:
    """Have the site fetch from an account."""
    queue = session.scalars(select(Queue.id)).first()
    owner = session.scalars(select(Staff.id).where(Staff.username == "serviceUser")).one()
    imap = Account(HOST, account.port, Security.NONE, account.address, account.password)
    facts = Facts(account.address, "Support", owner, queue, imap=imap)
    fetching.plan(session, mailboxes.create(session, facts, [queue]))
