"""D12: a process dies while a mail is fetched and taken in, or while a file is kept."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import HTTPException

from sqlalchemy import func, select

from processes.cases.models import Activity, Case
from processes.files.models import Attachment
from processes.mail.models import IncomingMail, IncomingState
from tests.faults import invariants
from tests.faults.invariants import Findings
from tests.faults.people import Cast
from tests.faults.points import DIES, DIES_WITH_PARENT
from tests.faults.post import SETTINGS, open_mailbox
from tests.faults.site import Ground, Site, opened
from tests.journeys.installation import until
from tests.journeys.visitor import Page
from tests.mails.building import SUPPORT
from tests.servers.imap import Account as ImapAccount
from tests.servers.imap import ImapServer

ONE_AT_A_TIME = {"WORKER_CONCURRENCY": "2"}
_REACHED, _PATIENCE = 15, 45
FETCH = (
    *("entering put", "leaving put", "before commit of store", "after commit of store"),
    *("entering mark read", "leaving mark read", "after commit of claim of incoming_mail"),
    *("entering intake", "leaving intake", "before commit of intake", "after commit of intake"),
)
"""Places a worker passes from the first byte of a mail to the case."""
UPLOAD = (
    *("entering put", "leaving put", "leaving attach"),
    *("before commit of attach", "after commit of attach", "leaving answer"),
)
"""Places the web passes when an agent sends a reply with a file."""
SHORT = ("worker|after commit of store", "worker|before commit of intake", "web|leaving put")
"""The points that `make test` runs."""
POINTS = (*(f"worker|{place}" for place in FETCH), *(f"web|{place}" for place in UPLOAD))


@dataclass
class Points:
    """Runs points on one site, one after the other."""

    site: Site
    account: ImapAccount
    points: Sequence[str]
    missed: list[str] = field(default_factory=list)
    happened: int = 0

    def __post_init__(self) -> None:
        self.cast = Cast(self.site)
        self.written: dict[int, str] = {}
        """Numbers of cases by the point at which a reply with a file was sent."""

    def run(self) -> Findings:
        """Let each point happen once; every other time the parent dies too."""
        uploads = [n for n, point in enumerate(self.points) if point.startswith("web|")]
        forms = self._reply_forms(uploads)
        for number, point in enumerate(self.points):
            self.site.trap.arm(point, DIES_WITH_PARENT if number % 2 else DIES)
            if number in forms:
                self._reply(number, forms[number])
            else:
                self.account.put(self._mail(number))
            self._wait(point)
            with suppress(AssertionError):  # what is missing is found at the end
                until(lambda number=number: self._has_case(number), _REACHED)
        with suppress(AssertionError):
            until(self._is_done, _PATIENCE)
        return self._findings()

    def _reply_forms(self, numbers: list[int]) -> dict[int, Page]:
        """Bring a case for each to where its handler may write; return the pages."""
        self.account.put(*(self._mail(1000 + n) for n in numbers))
        until(lambda: len(self._cases()) == len(numbers), _PATIENCE)
        self.agent = self.cast.agent() if numbers else None
        pages = {}
        for number, case in zip(numbers, self._cases(), strict=True):
            assert self.agent is not None
            self.agent.classify(case, self.cast.handler)
            self.written[number] = case
            pages[number] = self.agent.browser.get(f"/desk/cases/{case}")
        return pages

    def _reply(self, number: int, page: Page) -> None:
        """Send a reply with a file until there is an answer, as a patient person does."""
        browser = self.agent.browser  # type: ignore[union-attr] - there are forms

        def sent() -> bool:
            with suppress(OSError, HTTPException):
                answer = browser.upload(
                    page, "/reply", f"plan-{number}.txt", _plan(number), text=f"Plan {number}"
                )
                return answer.status < 500
            return False

        until(sent, _PATIENCE)

    def _mail(self, number: int) -> bytes:
        return _mail(number, self.account.address)

    def _wait(self, point: str) -> None:
        with suppress(AssertionError):
            until(lambda: self.site.trap.sprung, _REACHED)
        if self.site.trap.sprung:
            self.happened += 1
        else:
            self.site.trap.disarm()
            self.missed.append(f"{point} was never reached")

    def _has_case(self, number: int) -> bool:
        """Tell whether the mail of a point is a case; an upload has its case already."""
        query = select(IncomingMail.id).where(
            IncomingMail.from_address.in_([_writer(number), _writer(1000 + number)]),
            IncomingMail.state == IncomingState.NEW_CASE,
        )
        return bool(self.site.read(query))

    def _cases(self) -> list[str]:
        return [row.number for row in self.site.read(select(Case.number).order_by(Case.id))]

    def _is_done(self) -> bool:
        made = select(func.count()).where(IncomingMail.state == IncomingState.NEW_CASE)
        return self.site.read(made)[0][0] == len(self.points) and not self.site.due_work()

    def _findings(self) -> Findings:
        found = invariants.check(self.site)
        found.wrong += self.missed
        rows = self.site.read(select(IncomingMail.state, IncomingMail.case_id))
        invariants.compare(found, "mails stored", len(self.points), len(rows))
        invariants.compare(found, "cases", len(self.points), len(self._cases()))
        files = dict(
            map(
                tuple,
                self.site.read(
                    select(Attachment.name, func.count())
                    .where(Attachment.activity_id.is_not(None))
                    .group_by(Attachment.name)
                ),
            )
        )
        for number in range(len(self.points)):
            invariants.compare(found, f"file of {number}", 1, files.get(f"plan-{number}.txt", 0))
        for number, case in self.written.items():
            said = self.site.read(
                select(func.count())
                .select_from(Activity)
                .join(Case, Case.id == Activity.case_id)
                .where(Case.number == case, Activity.text == f"Plan {number}")
            )
            invariants.compare(found, f"reply {number}", 1, said[0][0])
        invariants.check_files(self.site, found)
        invariants.check_answers(self.cast.statuses(), found)
        found.figures |= {"points": len(self.points), "crashes": self.happened}
        return found


def run(ground: Ground, dialect: str, points: Sequence[str] = POINTS) -> Findings:
    """Run points on a site of their own with an IMAP server of its own."""
    server = ImapServer(ground.folder / f"points-{dialect}")
    server.start()
    try:
        account = server.account(SUPPORT)
        site = ground.site(dialect, extra=SETTINGS | ONE_AT_A_TIME)
        with opened(site):
            site.write(lambda session: open_mailbox(session, account))
            found = Points(site, account, points).run()
        invariants.check_orphans(site, found)
    finally:
        server.stop()
    return found


def _plan(number: int) -> bytes:
    return f"The plan of {sha256(str(number).encode()).hexdigest()}".encode()


def _writer(number: int) -> str:
    return f"c{number}@post.example"


def _mail(number: int, to: str) -> bytes:
    return (
        f"From: Customer <{_writer(number)}>\r\nTo: {to}\r\nSubject: Plan {number}\r\n"
        f"Message-ID: <p{number}@post.example>\r\nDate: Thu, 26 Nov 2026 10:00:00 +0100\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        f"--b\r\n\r\nIt leaks, see {number}.\r\n--b\r\n"
        f'Content-Type: text/plain\r\nContent-Disposition: attachment; filename="plan-{number}.txt"'
        f"\r\n\r\n{_plan(number).decode()}\r\n--b--\r\n"
    ).encode()
