"""kill -9 of everything, in the middle of everything: nothing lost, nothing twice."""

import random
import threading
from collections import Counter
from typing import Self

import pytest
from sqlalchemy import select

from engine.models import HistoryEntry, Incident, Job
from processes.cases.models import Activity, Case, CaseStatus
from processes.mail.models import MailState, OutgoingMail
from processes.people.models import Staff
from tests.journeys.installation import Installation, until
from tests.journeys.people import Agent, Customer
from tests.journeys.visitor import Visitor

CUSTOMERS = 8
SEED = 20261122


class Monkey:
    """Kills a part every now and then until told to stop; the same seed kills alike."""

    def __init__(self, installation: Installation, seed: int) -> None:
        self.installation = installation
        self.random = random.Random(seed)  # noqa: S311 - it must be repeatable
        self.kills: list[str] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self.random.uniform(0.4, 1.4)):
            part = self.random.choice([*self.installation.webs, *self.installation.workers])
            kill = self.random.choice([part.kill, part.kill_child])
            self.kills.append(f"{part.name} {kill.__name__}")
            kill()


def all_of(installation, *columns):
    with installation.app.db.read() as session:
        return session.execute(select(*columns)).all()


def settled(installation):
    """Tell whether no mail and no due timer is left."""
    with installation.app.db.read() as session:
        busy = session.scalars(select(Job).where(Job.kind == "mail", Job.state == "ready")).all()
        unsent = select(OutgoingMail).where(OutgoingMail.state != MailState.SENT)
        return not busy and not session.scalars(unsent).all()


def calm(installation):
    """Let the living finish, and leases of the dead end."""
    until(lambda: settled(installation), 60)


def check(installation, mail_server, kills):
    revisions = all_of(installation, HistoryEntry.instance_id, HistoryEntry.revision)
    by_instance: dict[object, list[int]] = {}
    for instance, revision in revisions:
        by_instance.setdefault(instance, []).append(revision)
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in by_instance.values())
    assert all_of(installation, Incident.message) == []
    rows = all_of(
        installation, OutgoingMail.message_id, OutgoingMail.template, OutgoingMail.case_id
    )
    arrived = Counter(str(message["Message-ID"]).strip("<>") for message in mail_server.messages)
    assert set(arrived) == {row.message_id for row in rows}
    assert sum(arrived.values()) - len(arrived) <= len(kills)
    each = Counter((row.template, row.case_id) for row in rows)
    assert set(each.values()) == {1}


def check_answers(browsers):
    seen = {status for browser in browsers for status in browser.seen}
    assert seen <= {200, 303, 400, 409, 422, 429, 503}
    # A sign-in whose answer was lost comes again with the session it had before: it is refused.
    refused = {path for browser in browsers for path in browser.refused}
    assert refused <= {"/sign-in", "/portal/sign-in"}


@pytest.mark.timeout(300)
def test_parts_die_all_the_time_and_nothing_is_lost_or_done_twice(installation, mail_server):
    customers = [
        Customer(Visitor(installation.addresses), f"c{n}@customer.example", mail_server)
        for n in range(CUSTOMERS)
    ]
    agent = Agent(Visitor(installation.addresses))
    people = {row.username: row.id for row in all_of(installation, Staff.id, Staff.username)}
    with Monkey(installation, SEED) as first:
        threads = [threading.Thread(target=customer.ask) for customer in customers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        agent.sign_in()
        for customer in customers:
            agent.classify(customer.number, people["serviceUser"])
            agent.answer_finally(customer.number)
    calm(installation)
    silent, loud = customers[::2], customers[1::2]
    with Monkey(installation, SEED + 1) as second:
        for customer in loud:
            customer.sign_in()
            customer.write("It still leaks.")
        installation.later(days=8)
        until(lambda: closed(installation) == len(silent), 90)
        for customer in silent:
            customer.sign_in()
            customer.write("Thank you, but it leaks again.")
    calm(installation)
    kills = first.kills + second.kills
    cases = all_of(installation, Case.number, Case.status)
    assert sorted(row.number for row in cases) == sorted(c.number for c in customers)
    assert {row.status for row in cases} == {CaseStatus.IN_PROGRESS}
    words = Counter(row.text for row in all_of(installation, Activity.text, Activity.case_id))
    assert words["It still leaks."] == len(loud)
    check(installation, mail_server, kills)
    check_answers([visitor.browser for visitor in (agent, *customers)])
    assert len(kills) >= 5


def closed(installation):
    return sum(row.status is CaseStatus.CLOSED for row in all_of(installation, Case.status))
