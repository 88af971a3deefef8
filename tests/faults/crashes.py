"""D1: a process dies at a named point; whatever it did is as if it had not, or as if it had."""

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import func, select

from engine.models import ProcessDefinition, ProcessInstance
from engine.runtime import Engine
from processes.cases.models import Activity, Case, CaseStatus
from tests.faults import invariants
from tests.faults.invariants import Findings
from tests.faults.people import Cast
from tests.faults.points import DIES, DIES_WITH_PARENT
from tests.faults.rounds import open_confirmations
from tests.faults.site import Ground, Site, opened
from tests.journeys.installation import until
from tests.journeys.people import Customer
from tests.journeys.visitor import Page

_REACHED = 15
_PATIENCE = 30
_ASK = ("entering start", "leaving start", "before commit of start", "after commit of start")
_COMPLETE = (
    *("entering complete", "leaving complete", "before commit of complete"),
    *("after commit of complete", "entering ring", "leaving answer"),
)
_REPLY = ("entering correlate", "before commit of correlate", "after commit of correlate")
_MAIL = (
    *("leaving claim of mail", "after commit of claim of mail", "entering extend"),
    *("after commit of extend", "entering data", "leaving data", "before commit of mark"),
    "after commit of mark",
)
_TIMER = (
    *("before commit of claim of timer", "after commit of claim of timer", "entering fire"),
    *("leaving fire", "before commit of fire", "after commit of fire"),
)
_SERVICE = (
    *("after commit of claim of service", "entering service", "leaving service"),
    *("before commit of service", "after commit of service"),
)
_FAIL = ("before commit of fail", "after commit of fail")
_BEAT = ("before commit of beat",)
_DEPLOY = ("entering deploy", "leaving deploy", "before commit of deploy", "after commit of deploy")
_AFTER_250 = {"leaving data", "before commit of mark"}
"""Points at which the mail has left and nobody has noted it: it is sent again, with the same id."""


@dataclass
class Point:
    """One place, the part that dies there, and the action that leads to it."""

    role: str
    place: str
    action: str

    @property
    def name(self) -> str:
        """Return it as the trap knows it."""
        return f"{self.role}|{self.place}"


def all_points() -> list[Point]:
    """Return every point, in the order they are run: timers last, for they move the clock."""
    groups: tuple[tuple[str, str, Sequence[str]], ...] = (
        ("web", "ask", (*_ASK, "leaving answer")),
        ("web", "classify", _COMPLETE),
        ("web", "reply", _REPLY),
        ("worker", "mail", _MAIL),
        ("worker", "note", _SERVICE),
        ("worker", "shaky", _FAIL),
        ("worker", "idle", _BEAT),
        ("deploy", "deploy", _DEPLOY),
        ("worker", "timer", _TIMER),
    )
    return [Point(role, place, action) for role, action, places in groups for place in places]


SHORT = {
    *("web|before commit of start", "web|after commit of complete"),
    *("worker|before commit of fire", "worker|after commit of claim of timer"),
    *("worker|leaving data", "worker|after commit of service"),
}
"""The points that `make test` runs."""


@dataclass
class Crashes:
    """Runs points on one site, one after the other."""

    cast: Cast
    points: list[Point]
    missed: list[str] = field(default_factory=list)
    happened: int = 0

    def __post_init__(self) -> None:
        self.site: Site = self.cast.site
        self.asked: list[Customer] = []
        self.answered: list[Customer] = []
        self.replied: list[Customer] = []
        self.closed: list[Customer] = []
        self.started: list[tuple[str, str]] = []
        self.forms: dict[str, Page] = {}
        self.mark = ""

    def prepare(self) -> None:
        """Bring as many cases as needed to where the actions begin."""
        actions = [point.action for point in self.points]
        askers = [self.cast.customer() for _ in range(actions.count("ask"))]
        self.forms = {one.email: one.browser.get("/portal/request") for one in askers}
        self.asked = [
            self.cast.customer()
            for action in actions
            if action in {"classify", "reply", "mail", "timer"}
        ]
        threads = [threading.Thread(target=one.ask) for one in self.asked]
        for thread in threads:
            thread.start()
        self.askers = askers
        self.agent = self.cast.agent()
        for thread in threads:
            thread.join()
        self.waiting = list(self.asked)
        self.replying = [self._answered() for _ in range(actions.count("reply"))]
        for customer in self.replying:
            customer.sign_in()

    def _answered(self) -> Customer:
        """Take a case to the week of waiting."""
        customer = self.waiting.pop()
        self.agent.classify(customer.number, self.cast.handler)
        self.agent.answer_finally(customer.number)
        self.answered.append(customer)
        return customer

    def run(self) -> None:
        """Let each point happen once; every other time the parent dies too."""
        for number, point in enumerate(self.points):
            does = DIES_WITH_PARENT if number % 2 and point.role != "deploy" else DIES
            prepared = self._answered() if point.action == "timer" else None
            if prepared:
                self.closed.append(prepared)
            self.site.trap.arm(point.name, does)
            getattr(self, f"_{point.action}")()
            self._wait(point)

    def _wait(self, point: Point) -> None:
        with suppress(AssertionError):
            until(lambda: self.site.trap.sprung, _REACHED)
        if self.site.trap.sprung:
            self.happened += 1
        else:
            self.site.trap.disarm()
            self.missed.append(f"{point.name} was never reached")

    def _ask(self) -> None:
        customer = self.askers.pop()
        customer.ask(form=self.forms[customer.email])
        self.asked.append(customer)

    def _classify(self) -> None:
        self.agent.classify(self.waiting.pop().number, self.cast.handler)

    def _reply(self) -> None:
        customer = self.replying.pop()
        customer.write("It still leaks.")
        self.replied.append(customer)

    def _mail(self) -> None:
        self._classify()

    def _timer(self) -> None:
        self.site.later(days=8, seconds=1)

    def _note(self) -> None:
        self._start("round")

    def _shaky(self) -> None:
        self._start("shaky")

    def _idle(self) -> None:
        pass

    def _deploy(self) -> None:
        mark = f"mark {len(self.points)} {time.monotonic()}"
        for _ in range(2):  # whoever deploys tries again
            subprocess.run(
                [sys.executable, "-m", "tests.faults.part", "deploy", mark],
                env={**self.site.webs[0].environment},
                check=False,
                capture_output=True,
            )
        self.mark = mark

    def _start(self, process: str) -> None:
        key = f"{process}{len(self.started)}"
        engine: Engine = self.site.app.engine
        self.site.write(
            lambda session: engine.start(session, process, key=key, data={}, actor="system")
        )
        self.started.append((process, key))
        self.site.later(seconds=3)

    def finish(self) -> None:
        """Let rounds come to their end and everything be done."""
        self.site.drain()
        self.site.later(seconds=3)
        until(lambda: len(open_confirmations(self.site)) == self._rounds(), _PATIENCE)
        with suppress(AssertionError):  # what a dead worker held comes back with its lease
            until(self._are_closed, _PATIENCE)
        self.site.drain()  # the last closing has mails too

    def _are_closed(self) -> bool:
        rows = self.site.read(select(Case.number).where(Case.status == CaseStatus.CLOSED))
        return {customer.number for customer in self.closed} <= {row.number for row in rows}

    def _rounds(self) -> int:
        return sum(process == "round" for process, _ in self.started)

    def findings(self) -> Findings:
        """Check everything."""
        found = invariants.check(self.site)
        found.wrong += self.missed
        left = sum(point.place in _AFTER_250 for point in self.points)
        if found.figures["mails again"] < left:
            found.wrong.append(f"{found.figures['mails again']} mails came twice, not {left}")
        self._check_cases(found)
        self._check_rest(found)
        invariants.check_answers(self.cast.statuses(), found)
        found.figures |= {"points": len(self.points), "crashes": self.happened}
        return found

    def _check_cases(self, found: Findings) -> None:
        cases = dict(map(tuple, self.site.read(select(Case.number, Case.status))))
        numbers = [customer.number for customer in self.asked]
        found.lost += [f"case {number}" for number in numbers if number not in cases]
        if len(cases) > len(set(numbers)):
            found.double.append(f"{len(cases)} cases of {len(set(numbers))} requests")
        for customer in self.closed:
            if cases[customer.number] is not CaseStatus.CLOSED:
                found.lost.append(f"closing of {customer.number}")
        texts = self.site.read(
            select(Case.number, func.count())
            .join(Activity, Activity.case_id == Case.id)
            .where(Activity.text == "It still leaks.")
            .group_by(Case.number)
        )
        said = dict(map(tuple, texts))
        for customer in self.replied:
            invariants.compare(
                found, f"reply to {customer.number}", 1, said.get(customer.number, 0)
            )

    def _check_rest(self, found: Findings) -> None:
        rows = self.site.read(select(ProcessInstance.key, ProcessInstance.status))
        status = dict(map(tuple, rows))
        found.lost += [key for _, key in self.started if key not in status]
        for process, key in self.started:
            if process == "shaky" and status.get(key) != "completed":
                found.lost.append(f"{key} is {status.get(key)}")
        if any(point.action == "deploy" for point in self.points):
            names = [row.name for row in self.site.read(select(ProcessDefinition.name))]
            if self.mark not in names:
                found.lost.append(f"deployment {self.mark}, active are {names}")


def run(ground: Ground, dialect: str, points: list[Point]) -> Findings:
    """Run points on a site of their own."""
    site = ground.site(dialect)
    with opened(site):
        found = run_on(site, points)
    invariants.check_orphans(site, found)
    return found


def run_on(site: Site, points: list[Point]) -> Findings:
    """Run points on a site that is up."""
    crashes = Crashes(Cast(site), points)
    crashes.prepare()
    crashes.run()
    crashes.finish()
    return crashes.findings()
