from datetime import timedelta

import pytest

from engine import clock, jobs
from engine.models import WorkerBeat
from tests.webapp.admin.tables import rows
from tests.webapp.conftest import page


@pytest.fixture
def admin(client, signed_in):
    signed_in(client, "adminUser")
    return client


def beat(product, name="celery@one", **ago):
    """Write a sign of life that was given some time ago."""
    with product.db.write() as session:
        now = clock.utc_now()
        jobs.beat(
            session,
            name,
            started_at=now - timedelta(hours=5),
            detail={"done": 41, "failed": 2, "concurrency": 4},
        )
        session.flush()
        session.get(WorkerBeat, name).seen_at = now - timedelta(**ago)


def test_without_any_worker_the_page_says_what_that_means(admin):
    assert "No worker has ever been seen" in page(admin.get("/admin/workers"))


def test_a_worker_shows_its_signs_of_life_and_its_work(admin, product):
    beat(product, seconds=2)

    text = page(response := admin.get("/admin/workers"))

    assert "No worker" not in text
    assert rows(response) == ["celery@one Working 2 s ago 4 h 59 m 41 2 4"]


def test_when_all_are_silent_the_page_warns_and_says_for_how_long(admin, product):
    beat(product, "celery@one", minutes=7)
    beat(product, "celery@two", minutes=3)

    text = page(response := admin.get("/admin/workers"))

    assert "No worker has been seen for 3 m" in text
    assert "Silent" in rows(response)[0]


def test_jobs_are_counted_by_kind_and_lateness(admin, practice):
    beat(practice.product, seconds=1)
    case = practice.ask()
    practice.answer(case)

    def timers():
        return rows(admin.get("/admin/workers"), "//section[2]")[0]

    assert timers() == "Timers 1 0 0 0"
    practice.pass_time(days=8, seconds=5)
    assert timers() == "Timers 0 1 0 0"
    practice.pass_time(minutes=5)
    assert timers() == "Timers 0 0 1 0"
    assert "more than a minute late" in page(admin.get("/admin/workers"))
    practice.break_timer(case)
    assert timers() == "Timers 0 0 0 1"
