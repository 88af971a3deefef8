"""What a look does with due work; no Celery here, its pool only calls `look`."""

import re
import subprocess
import sys
from dataclasses import replace

import pytest
from pydantic import BaseModel, SecretStr
from sqlalchemy import text

from engine import deployment, jobs
from engine.linter import Vocabulary
from engine.registry import Call, Operations
from engine.runtime import Engine, silent
from processes.bootstrap import App
from processes.config import Settings
from processes.mail.models import MailState
from tests.engine import diagrams as d
from tests.servers.smtp import MailServer, Mode
from tests.workers.conftest import Work
from workers import look, maintenance
from workers.config import WorkerSettings


@pytest.fixture
def settings(settings: Settings, mail_server: MailServer) -> Settings:
    return settings.model_copy(update={"smtp_url": SecretStr(mail_server.url)})


def _look(product: App) -> look.Tally:
    return look.work(product, WorkerSettings())


def test_a_due_mail_is_sent_and_its_job_done(work: Work, mail_server: MailServer) -> None:
    number = work.mail()
    assert _look(work.product) == look.Tally(done=1)
    assert [message["Subject"] for message in mail_server.messages] == ["Hello"]
    assert work.over(number)
    assert work.mails()[0].state == MailState.SENT


def test_a_timer_fires_when_business_time_has_come(work: Work) -> None:
    timers = work.timers(12)
    assert _look(work.product) == look.Tally()
    work.later(minutes=5, seconds=1)
    assert _look(work.product).failed == 0
    assert work.over(*timers)


def test_a_busy_mail_server_is_tried_again_later(work: Work, mail_server: MailServer) -> None:
    number = work.mail()
    mail_server.mode = Mode.BUSY
    assert _look(work.product) == look.Tally(failed=1)
    job = work.job(number)
    assert (job.state, job.attempts, job.lease_until) == ("ready", 1, None)
    mail_server.mode = Mode.ACCEPT
    work.due_again(number)
    assert _look(work.product) == look.Tally(done=1)
    assert len(mail_server.messages) == 1


def test_a_refused_mail_becomes_an_incident_at_once(work: Work, mail_server: MailServer) -> None:
    number = work.mail()
    mail_server.mode = Mode.REFUSE
    assert _look(work.product) == look.Tally(failed=1)
    assert work.job(number).state == "incident"
    assert "550" in work.incidents()[0].message


def test_a_job_that_killed_its_worker_each_time_becomes_an_incident(work: Work) -> None:
    number = work.mail()
    for attempt in range(jobs.MAX_ATTEMPTS):
        claimed = look.claim(work.product, WorkerSettings(), jobs.MAIL, tried=attempt > 0)
        assert [job.id for job in claimed] == [number]
        work.due_again(number)
    assert _look(work.product) == look.Tally(failed=1)
    assert work.job(number).state == "incident"


def test_a_job_tried_before_is_claimed_alone(work: Work) -> None:
    timers = work.timers(3)
    work.later(minutes=6)
    assert len(look.claim(work.product, WorkerSettings(), jobs.TIMER, tried=False)) == 3
    for number in timers:  # their worker died
        work.due_again(number)
    assert look.claim(work.product, WorkerSettings(), jobs.TIMER, tried=False) == []
    alone = look.claim(work.product, WorkerSettings(), jobs.TIMER, tried=True)
    assert [job.attempts for job in alone] == [2]
    others = [work.job(number).attempts for number in timers if number != alone[0].id]
    assert others == [1, 1]


def test_a_worker_that_lost_its_claim_changes_nothing(work: Work) -> None:
    (timer,) = work.timers()
    work.later(minutes=6)
    (frozen,) = look.claim(work.product, WorkerSettings(), jobs.TIMER, tried=False)
    work.due_again(timer)
    (current,) = look.claim(work.product, WorkerSettings(), jobs.TIMER, tried=True)
    tally = look.Tally()
    look.run(work.product, frozen, tally, WorkerSettings())
    assert tally == look.Tally()
    assert work.job(timer).token == current.token
    look.run(work.product, current, tally, WorkerSettings())
    assert tally == look.Tally(done=1)


class Nothing(BaseModel):
    """An operation without parameters."""


_CANCELLED = {
    "postgresql": "SELECT pg_cancel_backend(pg_backend_pid())",
    "sqlite": "SELECT 1 FROM nowhere",
}
"""Statements that the database ends with an operational error; the connection lives on."""


def test_a_job_whose_statement_the_database_ends_comes_back_without_waiting_for_its_lease(
    work: Work,
) -> None:
    operations = Operations()

    @operations.operation("test.stopped")
    def stopped(call: Call, parameters: Nothing) -> None:
        call.session.execute(text(_CANCELLED[call.session.get_bind().dialect.name]))

    product = replace(work.product, engine=Engine(operations, silent))
    steps = (d.start(), d.service("do", "test.stopped", **{"async": "true"}), d.end())
    diagram = d.diagram("main", *steps, d.chain("start", "do", "end"))
    with product.db.write() as session:
        words = Vocabulary(operations)
        deployment.deploy(session, {"main/main.bpmn": diagram}, words, actor="x", trial=False)
        product.engine.start(session, "main", key="1", data={}, actor="system")
    (number,) = work.jobs(jobs.SERVICE)

    assert _look(product) == look.Tally(failed=1)

    job = work.job(number)
    assert (job.state, job.attempts, job.lease_until) == ("ready", 1, None)
    assert re.search("canceling statement|no such table", job.last_error)


def test_the_nightly_cleaning_is_one_job_a_night(work: Work) -> None:
    for _ in range(2):
        with work.product.db.write() as session:
            maintenance.plan(session)
    assert _look(work.product) == look.Tally()
    (night,) = work.jobs(maintenance.NIGHTLY)
    work.due_again(night)
    assert _look(work.product) == look.Tally(done=1)


_POOL_OF_THREE = """
import os, signal
from workers import slots

def child():
    ours, theirs = os.pipe()
    number = os.fork()
    if number == 0:
        with slots.slow_slot() as free:
            os.write(theirs, str(free).encode())
            signal.pause()
    print(os.read(ours, 10).decode())
    return number

slots.open_slots(3)
children = [child(), child(), child()]
os.kill(children[0], signal.SIGKILL)
os.waitpid(children[0], 0)
children.append(child())
for number in children[1:]:
    os.kill(number, signal.SIGKILL)
"""


def test_slow_work_leaves_a_child_for_timers_and_a_killed_one_holds_no_slot() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _POOL_OF_THREE], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["True", "True", "False", "True"]
