"""Real Celery workers, as production starts them, on both databases and both brokers."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from engine.models import WorkerBeat
from processes.config import Settings
from processes.mail.models import MailState
from tests.servers.redis import RedisServer
from tests.servers.smtp import MailServer, Mode
from tests.workers.conftest import Work
from workers.app import create_celery
from workers.bell import Bell

Start = Callable[..., "Worker"]


class Worker:
    """A worker process with its pool."""

    def __init__(self, settings: Settings, work: Work, **more: str) -> None:
        self.log = settings.data_dir / "worker.log"
        given = {
            "DATA_DIR": str(settings.data_dir),
            "DATABASE_URL": settings.database_url,
            "BROKER_URL": settings.broker_url,
            "SECRET_KEY": settings.secret_key.get_secret_value(),
            "SMTP_URL": settings.smtp_url.get_secret_value() if settings.smtp_url else "",
            **more,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "casewright", "worker"],
                env={**os.environ, **given},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._work = work

    def ready(self) -> None:
        """Wait for the first sign of life."""
        until(lambda: self.beats() > 0, 20)

    def beats(self) -> int:
        with self._work.product.db.read() as session:
            return len(session.scalars(select(WorkerBeat)).all())

    def children(self) -> list[int]:
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(word) for word in listed.split()]

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture(params=["files", "redis"])
def broker(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def settings(
    settings: Settings, broker: str, request: pytest.FixtureRequest, worker_id: str
) -> Settings:
    if broker == "files":
        return settings
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    url = request.getfixturevalue("redis_url")
    return settings.model_copy(update={"broker_url": f"{url}?virtual_host={number}"})


@pytest.fixture
def celery_worker(settings: Settings, work: Work) -> Iterator[Start]:
    """Starts workers on the test's own database and broker; ends them afterwards."""
    started: list[Worker] = []

    def start(**more: str) -> Worker:
        worker = Worker(settings, work, **more)
        started.append(worker)
        worker.ready()
        return worker

    yield start
    for worker in started:
        worker.end()


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for a condition, with patience for a busy machine: it is asked until it is true."""
    last = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < last, "waited in vain"
        time.sleep(0.02)


files_only = pytest.mark.parametrize("broker", ["files"], indirect=True)
sqlite_only = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def test_a_bell_makes_a_worker_look_at_once(celery_worker: Start, work: Work) -> None:
    celery_worker(WORKER_LOOK_SECONDS="1000")  # it would not look by itself for a while
    work.product.db.ring = Bell(create_celery(work.product.settings)).ring
    for _ in range(3):
        number = work.mail()
        until(lambda number=number: work.over(number))


def test_a_worker_looks_by_itself(celery_worker: Start, work: Work) -> None:
    celery_worker()
    timers = work.timers(30)
    number = work.mail()
    until(lambda: work.over(number))
    assert not work.over(*timers)
    work.later(minutes=6)
    until(lambda: work.over(*timers))


@files_only
def test_a_killed_child_is_replaced_and_its_mail_sent_by_another(
    celery_worker: Start, work: Work, mail_server: MailServer, settings: Settings
) -> None:
    mail_server.mode = Mode.HANG
    worker = celery_worker(SMTP_URL=mail_server.url)
    number = work.mail()
    until(lambda: mail_server.held == 1)
    for child in worker.children():
        os.kill(child, signal.SIGKILL)
    mail_server.mode = Mode.ACCEPT
    work.due_again(number)
    until(lambda: work.over(number))
    assert len(mail_server.messages) == 1
    assert work.mails()[0].state == MailState.SENT


@files_only
@sqlite_only
def test_hanging_mails_leave_timers_alone(
    celery_worker: Start, work: Work, mail_server: MailServer
) -> None:
    mail_server.mode = Mode.HANG
    celery_worker(SMTP_URL=mail_server.url)
    mails = [work.mail() for _ in range(6)]
    until(lambda: mail_server.held == 2)
    timers = work.timers(3)
    work.later(minutes=6)
    until(lambda: work.over(*timers))
    assert not work.over(*mails)


@files_only
@sqlite_only
def test_a_stopped_worker_is_gone_within_five_seconds(celery_worker: Start) -> None:
    worker = celery_worker()
    children = worker.children()
    started = time.monotonic()
    worker.process.terminate()
    assert worker.process.wait(10) == 0
    assert time.monotonic() - started < 5
    assert not any(Path(f"/proc/{child}").exists() for child in children)


@files_only
@sqlite_only
def test_a_killed_worker_takes_its_children_along(celery_worker: Start) -> None:
    worker = celery_worker()
    until(lambda: len(worker.children()) == 4)  # three of the pool, and one that listens for mail
    children = worker.children()
    worker.process.kill()
    worker.process.wait()
    until(lambda: not any(Path(f"/proc/{child}").exists() for child in children))


@pytest.fixture
def own_redis(redis_url: str, run_folder: Path) -> Iterator[RedisServer]:
    """A Redis of this test alone, to be stopped and frozen."""
    del redis_url  # skipped where there is none
    server = RedisServer(Path(tempfile.mkdtemp(dir=run_folder)))
    server.start()
    yield server
    server.resume()
    server.stop()


@files_only
@sqlite_only
def test_work_goes_on_while_the_broker_is_away(
    celery_worker: Start, work: Work, own_redis: RedisServer
) -> None:
    celery_worker(BROKER_URL=own_redis.url)
    own_redis.kill()
    number = work.mail()
    until(lambda: work.over(number))
    own_redis.start()
    bell = Bell(
        create_celery(work.product.settings.model_copy(update={"broker_url": own_redis.url}))
    )
    work.product.db.ring = bell.ring
    number = work.mail()
    until(lambda: work.over(number))


@files_only
@sqlite_only
@pytest.mark.parametrize("fault", ["kill", "freeze"])
def test_ringing_never_waits_for_the_broker(
    settings: Settings, own_redis: RedisServer, fault: str
) -> None:
    bell = Bell(create_celery(settings.model_copy(update={"broker_url": own_redis.url})))
    bell.ring()
    getattr(own_redis, fault)()
    slowest = 0.0
    for _ in range(50):
        started = time.perf_counter()
        bell.ring()
        slowest = max(slowest, time.perf_counter() - started)
        time.sleep(0.01)
    assert slowest < 0.5  # the broker itself is waited for a second and longer
