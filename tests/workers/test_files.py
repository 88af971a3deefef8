"""What workers do for files: pictures, and the cleaning of the store."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import clock, jobs, watch
from engine.models import Job
from processes.bootstrap import App
from processes.cases.models import Activity, ActivityKind, Case, Change, Channel
from processes.cases.services import new_case
from processes.files import services
from processes.files.models import PreviewState, StoredFile
from processes.files.store import key_of, preview_key, store_of
from tests.processes.files import samples
from tests.workers.conftest import Work
from workers import look, maintenance
from workers import watch as worker_watch
from workers.config import WorkerSettings


def _look(product: App) -> look.Tally:
    return look.work(product, WorkerSettings())


def _kept(product: App, content: bytes, *, shown: bool = False) -> str:
    with product.db.write() as session:
        stored = services.keep(session, content)
        entry = _entry(session) if shown else None
        services.attach(session, stored, "a.png", activity_id=entry and entry.id)
        return stored.sha256


def _entry(session) -> Activity:
    case = new_case(session, Channel.PHONE, language="en")
    entry = Activity(
        case_id=case.id, at=clock.utc_now(), kind=ActivityKind.NOTE, internal=True,
        author="staff:1", author_name="Mila", data={},
    )  # fmt: skip
    session.add(entry)
    session.flush()
    return entry


def _state(product: App, sha256: str) -> PreviewState:
    with product.db.read() as session:
        return session.get_one(StoredFile, sha256).preview


def test_a_picture_is_made_and_the_pages_of_its_case_are_told(work: Work) -> None:
    sha256 = _kept(work.product, samples.picture(), shown=True)
    with work.product.db.read() as session:
        before = session.scalar(select(Change.id).order_by(Change.id.desc())) or 0
    assert _look(work.product) == look.Tally(done=1)
    assert _state(work.product, sha256) is PreviewState.READY
    store = store_of(work.product.settings)
    assert all(store.size(preview_key(sha256, size)) for size in ("small", "large"))
    with work.product.db.read() as session:
        case = session.scalars(select(Case)).one()
        told = session.scalars(select(Change).where(Change.id > before)).all()
    assert ("case", str(case.id)) in {(each.topic, each.ref) for each in told}


@pytest.mark.parametrize(
    "content",
    [samples.png_claiming(60_000, 60_000), b"%PDF-1.7\nbroken", samples.picture("JPEG")[:300]],
    ids=["pixel bomb", "broken pdf", "half a photograph"],
)
def test_what_cannot_be_drawn_has_no_picture_and_is_no_incident(work: Work, content) -> None:
    sha256 = _kept(work.product, content)
    assert _state(work.product, sha256) is PreviewState.WANTED
    assert _look(work.product) == look.Tally(done=1)
    assert _state(work.product, sha256) is PreviewState.NONE
    assert work.incidents() == []


def test_a_file_whose_contents_are_gone_has_no_picture_and_is_no_incident(work: Work) -> None:
    sha256 = _kept(work.product, samples.picture())
    store_of(work.product.settings).remove(key_of(sha256))
    assert _look(work.product) == look.Tally(done=1)
    assert _state(work.product, sha256) is PreviewState.NONE
    assert work.incidents() == []


def test_a_file_that_ends_its_worker_each_time_has_no_picture_and_is_no_incident(
    work: Work,
) -> None:
    sha256 = _kept(work.product, samples.picture())
    (number,) = work.jobs(services.PREVIEW)
    for _ in range(jobs.MAX_ATTEMPTS):  # claimed, then the worker dies
        look.claim(work.product, WorkerSettings(), services.PREVIEW, tried=False)
        look.claim(work.product, WorkerSettings(), services.PREVIEW, tried=True)
        work.due_again(number)
    assert _look(work.product) == look.Tally(done=1)
    assert _state(work.product, sha256) is PreviewState.NONE
    assert work.incidents() == []


def test_the_same_file_is_drawn_once(work: Work) -> None:
    for _ in range(3):
        _kept(work.product, samples.picture())
    assert len(work.jobs(services.PREVIEW)) == 1


def test_the_store_is_swept_in_the_night(work: Work) -> None:
    settings = work.product.settings
    prepared = services.prepare(settings, b"nobody names me")
    path = settings.data_dir / "files" / key_of(prepared.sha256)
    long_ago = (clock.utc_now() - timedelta(days=2)).timestamp()
    os.utime(path, (long_ago, long_ago))
    for _ in range(2):
        with work.product.db.write() as session:
            maintenance.plan(session)
    (night,) = work.jobs(maintenance.SWEEP)
    work.due_again(night)
    assert _look(work.product) == look.Tally(done=1)
    assert not path.exists()


def test_pictures_are_made_when_nothing_else_is_to_be_done(work: Work) -> None:
    sha256 = _kept(work.product, samples.picture())
    mail = work.mail()
    assert look._round(work.product, WorkerSettings(), look.Tally())  # noqa: SLF001
    assert work.job(mail).attempts == 1
    assert _state(work.product, sha256) is PreviewState.WANTED
    assert _look(work.product).failed == 0
    assert _state(work.product, sha256) is PreviewState.READY


def test_a_picture_that_is_hours_late_is_no_incident(work: Work) -> None:
    _kept(work.product, samples.picture())
    with work.product.db.write() as session:
        job = session.scalars(select(Job).where(Job.kind == services.PREVIEW)).one()
        job.due_at -= timedelta(hours=3)
        late = watch.overdue(session, (job.id,))
        assert [finding.job_id for finding in late.findings] == [job.id]
        assert watch.overdue(session, (job.id,), worker_watch._PATIENT).findings == []  # noqa: SLF001
