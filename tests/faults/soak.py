"""D2 and D3: people and rounds go on for minutes while a monkey does harm at random."""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import func, select

from engine.models import Incident, Job
from processes.cases.models import Activity, Case
from tests.faults import handing_over, invariants
from tests.faults.invariants import Findings
from tests.faults.monkey import Monkey, Pace
from tests.faults.people import Cast
from tests.faults.rounds import Rounds, firings, lateness, share, without
from tests.faults.site import LEASE, LOGS, Ground, Site, Supervised, opened
from tests.journeys.people import Agent, Customer

DRAIN = 30.0
_SLOW_RETRIES = {"WORKER_RETRY_SPEED": "0.025"}
"""So that five tries outlast an outage of the mail server."""
REPLY = "It still leaks, and I have tried what you wrote."


@dataclass(frozen=True)
class Size:
    """How long, how many, and how much harm."""

    seconds: float
    rounds: int
    per_second: float
    desks: int
    pace: Pace
    late: float
    """How late timers may be at p99, in seconds; a supervisor killed takes all parts with it."""


POSTGRESQL = Size(
    late=LEASE + 3.0,
    seconds=150,
    rounds=450,
    per_second=3.4,
    desks=4,
    pace=Pace(
        0.25,
        1.1,
        {
            "kill web": 6,
            "kill worker": 9,
            "kill web child": 18,
            "kill worker child": 30,
            "freeze": 22,
            "database": 3,
            "broker": 6,
            "smtp away": 2,
            "smtp busy": 2,
            "smtp hang": 3,
            "smtp drop": 2,
        },
    ),
)
SQLITE = Size(
    late=30.0,
    seconds=75,
    rounds=170,
    per_second=2.6,
    desks=3,
    pace=Pace(
        0.4,
        1.4,
        {
            "kill supervisor": 3,
            "kill web": 6,
            "kill worker": 14,
            "kill web child": 24,
            "kill worker child": 34,
            "freeze": 16,
        },
    ),
)
"""The supervisor waits up to five seconds for a part that keeps dying: fewer kills hit those."""


@dataclass
class Desk:
    """One agent with customers in turn: each case is asked, classified, answered, replied to."""

    cast: Cast
    agent: Agent
    over: threading.Event
    done: list[Customer] = field(default_factory=list)
    replied: list[Customer] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    shut_out: int = 0
    """Customers whose code was spent by a sign-in whose answer got lost."""

    def run(self) -> None:
        """Work until the day is over; a case begun is finished."""
        waiting: list[Customer] = []
        while not self.over.is_set():
            try:
                waiting.append(self._serve())
                if len(waiting) > 2 and waiting[0].codes():
                    self._reply(waiting.pop(0))
            except AssertionError as error:
                self.trouble.append(str(error)[:200])
                return

    def _serve(self) -> Customer:
        customer = self.cast.customer()
        customer.ask()
        self.done.append(customer)
        self.agent.classify(customer.number, self.cast.handler)
        self.agent.answer_finally(customer.number)
        return customer

    def _reply(self, customer: Customer) -> None:
        far = customer.browser
        far.twice = False  # a code is good for one sign-in
        customer.sign_in()
        page = far.get(f"/portal/cases/{customer.number}")
        far.twice = True
        if page.address.partition("?")[0].endswith("/sign-in"):
            self.shut_out += 1
            return
        far.submit(page, "/messages", text=REPLY)
        self.replied.append(customer)


class Soak:
    """One soak on one site."""

    def __init__(self, ground: Ground, site: Site, size: Size, seed: int) -> None:
        self.site, self.size, self.seed = site, size, seed
        self.cast = Cast(site, twice=True)
        self.rounds = Rounds(site, size.rounds, size.per_second)
        self.over = threading.Event()
        self.retried = 0
        self.desks = [Desk(self.cast, self.cast.agent(), self.over) for _ in range(size.desks)]
        self.monkey = Monkey(ground, site, seed, size.pace)

    def run(self) -> Findings:
        """Load and harm together, then peace, then the check."""
        threads = [threading.Thread(target=desk.run, daemon=True) for desk in self.desks]
        self.rounds.start()
        for thread in threads:
            thread.start()
        with self.monkey:
            time.sleep(self.size.seconds)
            self.over.set()
            self.rounds.enough()
        drained = self._drain(time.monotonic())
        for thread in threads:
            thread.join(60)
        self._drain(time.monotonic())  # what the last customers left
        self.rounds.stop()
        return self._findings(drained)

    def _drain(self, since: float) -> float:
        """Retry what outages made into incidents, as an admin does; wait until all is done."""
        while time.monotonic() - since < 2 * DRAIN:
            retried = self._retry_incidents()
            idle = not retried and not self.site.due_work()
            if idle and self.rounds.started() and self.rounds.finished():
                break
            time.sleep(0.2)
        return time.monotonic() - since

    def _retry_incidents(self) -> int:
        """Retry mails that were given up: an outage or five dead workers explain those."""
        given_up = self.site.read(
            select(Incident.id)
            .join(Job, Job.id == Incident.job_id)
            .where(Incident.resolved_at.is_(None), Job.kind == "mail")
        )
        engine = self.site.app.engine
        for row in given_up:
            self.site.write(lambda session, row=row: engine.retry(session, row.id, "staff:1"))
        self.retried += len(given_up)
        return len(given_up)

    def _findings(self, drained: float) -> Findings:
        found = invariants.check(self.site)
        self.rounds.check(found)
        self._check_cases(found)
        invariants.check_answers(self.cast.statuses(), found)
        self._keep_log()
        late = lateness(self.site)
        if drained > DRAIN:
            found.short.append(f"drained only after {drained:.1f} s: {self.site.due_work()[:3]}")
        fair = without(firings(self.site), self.monkey.without_database)
        if share(fair, 0.99) > self.size.late:
            found.short.append(f"timers late at p99: {share(fair, 0.99):.1f} s > {self.size.late}")
        found.figures |= {
            "seed": self.seed,
            "faults": dict(self.monkey.done),
            "kills": sum(n for kind, n in self.monkey.done.items() if kind.startswith("kill")),
            "late p50": round(share(late, 0.5), 2),
            "late p99": round(share(late, 0.99), 2),
            "late p99 while there was a database": round(share(fair, 0.99), 2),
            "late max": round(share(late, 1.0), 2),
            "drained after": round(drained, 1),
            "mails cut off": handing_over.unnoted(self.site.trap.folder).total(),
            "mails given up and retried": self.retried,
        }
        return found

    def _keep_log(self) -> None:
        """Write down what the monkey did when, and which timers were late when, in one order."""
        late = [
            f"{at:%H:%M:%S} a timer fired {seconds:.1f} s late"
            for at, seconds in firings(self.site)
            if seconds > LEASE
        ]
        LOGS.mkdir(parents=True, exist_ok=True)
        lines = "\n".join(sorted([*self.monkey.log, *late]))
        (LOGS / f"{self.site.folder.name}.soak").write_text(lines)

    def _check_cases(self, found: Findings) -> None:
        cases = Counter(row.number for row in self.site.read(select(Case.number)))
        asked = [customer.number for desk in self.desks for customer in desk.done]
        found.wrong += [trouble for desk in self.desks for trouble in desk.trouble]
        for number in asked:
            invariants.compare(found, f"case {number}", 1, cases[number])
        begun = sum(customer.number != "" for customer in self.cast.customers)
        if len(cases) > len(self.cast.customers):
            found.double.append(f"{len(cases)} cases of {len(self.cast.customers)} requests")
        said = dict(map(tuple, self.site.read(_replies())))
        for customer in (one for desk in self.desks for one in desk.replied):
            invariants.compare(
                found, f"reply to {customer.number}", 1, said.get(customer.number, 0)
            )
        found.figures |= {"cases": begun, "replies": len(said)}
        found.figures["shut out"] = sum(desk.shut_out for desk in self.desks)


def _replies() -> object:
    return (
        select(Case.number, func.count())
        .join(Activity, Activity.case_id == Case.id)
        .where(Activity.text == REPLY)
        .group_by(Case.number)
    )


def on_postgresql(ground: Ground, seed: int, size: Size = POSTGRESQL) -> Findings:
    """D2: two webs, two workers, Redis; database and broker die too."""
    return _run(
        ground, ground.site("postgresql", webs=2, workers=2, extra=_SLOW_RETRIES), size, seed
    )


def on_sqlite(ground: Ground, seed: int, size: Size = SQLITE) -> Findings:
    """D3: the one command; half of the kills hit the supervisor and the main processes."""
    return _run(ground, ground.site("sqlite", kind=Supervised, extra=_SLOW_RETRIES), size, seed)


def _run(ground: Ground, site: Site, size: Size, seed: int) -> Findings:
    with opened(site):
        found = Soak(ground, site, size, seed).run()
    invariants.check_orphans(site, found)
    return found
