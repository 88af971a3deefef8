"""The watch as a job of the workers: every few seconds, one at a time."""

from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import delete, update

from engine import clock, jobs, watch
from engine.models import Incident, Job
from engine.watch import Progress
from engine.watch.jobs import WATCH
from engine.watch.progress import EVERY
from processes.bootstrap import App
from processes.config import Settings
from processes.mail import watch as mail_watch
from processes.mail.models import MailState, OutgoingMail
from tests.servers.smtp import MailServer
from tests.workers.conftest import Work
from workers import look, maintenance
from workers.config import WorkerSettings


@pytest.fixture
def settings(settings: Settings, mail_server: MailServer) -> Settings:
    return settings.model_copy(update={"smtp_url": SecretStr(mail_server.url)})


@pytest.fixture(autouse=True)
def planned(product: App) -> None:
    with product.db.write() as session:
        maintenance.plan(session)


def _look(work: Work) -> None:
    """Let the watch be due and look; nothing else is done."""
    (number,) = work.jobs(WATCH)
    work.due_again(number)
    (job,) = look.claim(work.product, WorkerSettings(), WATCH, tried=False)
    tally = look.Tally()
    look.run(work.product, job, tally, WorkerSettings())
    assert tally == look.Tally(done=1)


def _progress(work: Work) -> Progress:
    (number,) = work.jobs(WATCH)
    job = work.job(number)
    assert job is not None
    return Progress.read(job.payload)


def _has_looked_for_long(work: Work) -> None:
    (number,) = work.jobs(WATCH)
    _look(work)
    with work.product.db.write() as session:
        job = session.get_one(Job, number)
        since = datetime.fromisoformat(job.payload["since"]) - timedelta(minutes=6)
        job.payload = {**job.payload, "since": since.isoformat()}


def _open(work: Work) -> list[Incident]:
    return [item for item in work.incidents() if item.resolved_at is None]


def test_whoever_plans_there_is_one_watch_and_it_is_ahead(work: Work) -> None:
    with work.product.db.write() as session:
        maintenance.plan(session)
    (number,) = work.jobs(WATCH)
    job = work.job(number)
    assert job is not None
    assert timedelta(0) < job.due_at - clock.utc_now() <= EVERY
    assert look.work(work.product, WorkerSettings()) == look.Tally()


def test_a_due_watch_looks_and_is_put_back_for_later(work: Work) -> None:
    work.timers(3)
    (number,) = work.jobs(WATCH)
    for _ in range(2):
        work.due_again(number)
        assert look.work(work.product, WorkerSettings()) == look.Tally(done=1)
    job = work.job(number)
    assert job is not None
    assert (job.state, job.attempts, job.lease_until) == ("ready", 0, None)
    assert job.due_at > clock.utc_now() + EVERY / 2
    assert Progress.read(job.payload).last_round == 3
    assert work.incidents() == []


def test_a_lost_timer_is_an_incident_after_one_look_and_its_retry_makes_it_fire(work: Work) -> None:
    timers = work.timers(2)
    with work.product.db.write() as session:
        session.execute(delete(Job).where(Job.id == timers[0]))

    _look(work)
    _look(work)

    (incident,) = _open(work)
    assert (incident.kind, incident.message) == ("stuck", "rows are missing: timer boil")
    with work.product.db.write() as session:
        assert work.product.engine.retry(session, incident.id, "staff:1")
    _look(work)
    assert _open(work) == []
    work.later(minutes=6)
    assert look.work(work.product, WorkerSettings()).done == 2


def test_work_is_late_only_when_somebody_has_looked_for_five_minutes(work: Work) -> None:
    work.timers(1)
    work.later(minutes=11)
    _look(work)
    _look(work)
    assert _open(work) == []  # the worker has just come; it will be done in a second

    _has_looked_for_long(work)
    _look(work)

    (incident,) = _open(work)
    assert incident.kind == "overdue"
    assert look.work(work.product, WorkerSettings()).done == 1
    _look(work)
    assert _open(work) == []


def test_a_frozen_watch_writes_nothing(work: Work) -> None:
    (number,) = work.jobs(WATCH)
    work.due_again(number)
    (frozen,) = look.claim(work.product, WorkerSettings(), WATCH, tried=False)
    work.timers(1)
    with work.product.db.write() as session:
        session.execute(delete(Job).where(Job.kind == jobs.TIMER))
    work.due_again(number)
    look.claim(work.product, WorkerSettings(), WATCH, tried=True)

    tally = look.Tally()
    look.run(work.product, frozen, tally, WorkerSettings())

    assert tally == look.Tally()
    assert work.incidents() == []


def _begun(work: Work, **job: object) -> int:
    """Queue a mail that is marked as being sent, with a job as given."""
    number = work.mail()
    with work.product.db.write() as session:
        session.execute(update(OutgoingMail).values(state=MailState.SENDING))
        if job:
            session.execute(update(Job).where(Job.id == number).values(**job))
    return number


def _long_ago() -> datetime:
    return clock.utc_now() - timedelta(minutes=11)


def test_a_mail_begun_and_left_is_an_incident_and_sent_again_under_the_same_id(
    work: Work, mail_server: MailServer
) -> None:
    number = _begun(work, due_at=_long_ago(), lease_until=_long_ago())
    _has_looked_for_long(work)
    _look(work)
    (incident,) = _open(work)  # one, although its job is late as well
    assert (incident.kind, incident.job_id) == ("half_sent", number)

    with work.product.db.write() as session:
        assert work.product.engine.retry(session, incident.id, "staff:1")
    assert look.work(work.product, WorkerSettings()).done == 1

    (mail,) = work.mails()
    assert [message["Message-ID"] for message in mail_server.messages] == [f"<{mail.message_id}>"]
    assert mail.state is MailState.SENT
    _look(work)
    assert _open(work) == []


@pytest.mark.parametrize("lost", [True, False])
def test_a_half_sent_mail_whose_job_is_gone_gets_one_that_waits_for_a_person(
    work: Work, mail_server: MailServer, *, lost: bool
) -> None:
    number = _begun(work, state="done")
    if lost:
        with work.product.db.write() as session:
            session.execute(delete(Job).where(Job.id == number))
    for _ in range(2):
        _look(work)
    (incident,) = _open(work)
    assert incident.kind == "half_sent"
    assert look.work(work.product, WorkerSettings()) == look.Tally()
    assert mail_server.messages == []

    with work.product.db.write() as session:
        work.product.engine.retry(session, incident.id, "staff:1")

    assert look.work(work.product, WorkerSettings()).done == 1
    assert len(mail_server.messages) == 1


def test_a_half_sent_mail_may_be_left_as_it_is(work: Work, mail_server: MailServer) -> None:
    number = _begun(work, due_at=_long_ago(), lease_until=_long_ago())
    _look(work)
    with work.product.db.write() as session:
        mail_watch.leave(session, number)

    _look(work)

    assert _open(work) == []
    (mail,) = work.mails()
    assert mail.state is MailState.FAILED
    assert "not known" in (mail.error or "")
    assert look.work(work.product, WorkerSettings()) == look.Tally()
    assert mail_server.messages == []


@pytest.mark.parametrize(
    ("column", "distance"),
    [("lease_until", timedelta(minutes=1)), ("due_at", -timedelta(minutes=2))],
)
def test_a_mail_on_its_way_or_soon_to_be_sent_again_is_no_finding(
    work: Work, column: str, distance: timedelta
) -> None:
    _begun(work, **{column: clock.utc_now() + distance})
    _look(work)
    assert work.incidents() == []


def test_a_mail_whose_job_gave_up_is_one_incident_not_two(work: Work) -> None:
    number = _begun(work)
    with work.product.db.write() as session:
        (job,) = jobs.claim(session, kinds=(jobs.MAIL,), owner="test")
        jobs.fail(session, job, look.CrashedError("the worker died"))
    _look(work)
    (incident,) = _open(work)
    assert (incident.kind, incident.job_id) == ("job", number)
    assert incident.kind != watch.HALF_SENT
