"""Random processes and commands through the real engine: rows and state never part."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from uuid import uuid4

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from engine.errors import (
    AlreadyDoneError,
    ClaimedByOtherError,
    NotFoundError,
    NotWaitingError,
    StepFailedError,
)
from engine.spiff.events import Thrown
from engine.spiff.workflow import LimitError
from tests.engine.properties.blocks import Again, First, Plan, Row, User
from tests.engine.properties.events import After, Catch
from tests.engine.properties.ledger import check_rows
from tests.engine.properties.profile import examples
from tests.engine.properties.strategies import COMMANDS, START, plans
from tests.engine.properties.words import Anything

EXPECTED = (NotFoundError, AlreadyDoneError, ClaimedByOtherError, NotWaitingError)


class KilledError(Exception):
    """The process died before it committed."""


@pytest.fixture
def house(world):
    """The engine's small world, with the one operation generated diagrams call."""

    @world.operations.operation("test.work")
    def work(call, parameters: Anything):
        return {"worked": 1}

    return world


class Case:
    """One instance of a generated process."""

    def __init__(self, house, plan, data):
        self.house, self.files, self.key = house, plan.files(), uuid4().hex
        names = {name.split("/")[0] for name in self.files}
        house.deploy(**{name: self.files[f"{name}/{name}.bpmn"] for name in names})
        self.seen = []
        self.instance = self._begin(data)
        self.check()

    def _begin(self, data):
        try:
            return self.house.start("main", self.key, **data)
        except StepFailedError:
            return reject()

    def check(self):
        self.head = check_rows(self.house, self.files, self.instance)

    def do(self, command, *, dies=False):
        """Carry out a command; die before the commit when asked to."""
        verb, *details = command
        if verb == "later":
            self.house.later(hours=details[0])
        elif verb in {"fire", "job"}:
            self._jobs(dies)
        else:
            with suppress(KilledError, *EXPECTED), self._command() as session:
                self._ask(session, verb, *details)
                if dies:
                    raise KilledError

    @contextmanager
    def _command(self):
        """Carry out one command; one that answers itself for ever is stopped, nothing changes."""
        try:
            with self.house.db.write() as session:
                yield session
        except StepFailedError as failed:
            assert isinstance(failed.__cause__, LimitError), failed.__cause__  # noqa: PT017

    def _ask(self, session, verb, wanted, value, key=""):
        engine = self.house.engine
        if verb == "send":
            engine.correlate(
                session, wanted, key=key or self.key, payload={"x": value}, actor="contact:1"
            )
        elif verb == "signal":
            engine.broadcast(session, Thrown("signal", wanted, {"x": value}), "contact:1")
        elif self.seen:
            task = self.seen[wanted % len(self.seen)]
            engine.complete_user_task(session, task.id, value, "staff:1")

    def _jobs(self, dies):
        for job in self.house.claim_jobs(lease_seconds=-1.0 if dies else 30.0):
            with suppress(KilledError), self._command() as session:
                work = self.house.engine
                if job.kind == "timer":
                    work.fire_due(session, [job])
                else:
                    work.run_service(session, job)
                if dies:
                    raise KilledError

    def leave(self):
        """End what is still running: examples share a database, and signals reach all."""
        with suppress(*EXPECTED), self.house.db.write() as session:
            self.house.engine.cancel(session, self.instance, "enough seen", "staff:1")

    def look(self):
        """Remember which tasks are open now: later commands may come too late for them."""
        self.seen = self.house.tasks(self.key)


@examples(24)
@given(plans(), START, COMMANDS, st.lists(st.sampled_from("....ld"), min_size=16, max_size=16))
def test_rows_say_what_the_state_says_after_every_command(house, plan, data, commands, fates):
    case = Case(house, plan, data)
    try:
        go_on(case, commands, fates)
    finally:
        case.leave()


def go_on(case, commands, fates):
    for command, fate in zip(commands, fates, strict=False):
        if fate != "l":  # else it acts on what it saw before the last command
            case.look()
        if fate == "d":
            before = case.head
            case.do(command, dies=True)
            case.check()
            assert case.head.state == before.state
        case.do(command)
        case.check()


@examples(4)
@given(st.lists(st.integers(0, 3), min_size=10, max_size=20))
def test_two_people_who_do_anything_at_once_break_nothing(house, picks):
    body = Row((User(), First(((Catch("red"), None), (After(1), User())))))
    case = Case(house, Plan(Again(body)), {"x": 1, "items": []})
    commands = [
        *([("complete", 0, {"x": 1}), ("complete", 0, {"x": 1})] * 2),
        *(("send", "red", 1), ("later", 1), ("fire",)),
    ]

    def person(own):
        for pick in own:
            case.seen = house.tasks(case.key)
            case.do(commands[pick % len(commands)])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(person, (picks, [pick * 3 + 1 for pick in picks])))
    case.check()
