"""What the night removes, and what it never may."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from engine import clock
from processes.files import cleaning, services
from processes.files.models import Attachment, StoredFile
from processes.files.store import key_of, store_of
from tests.processes.files.conftest import settings_of
from tests.processes.world import House

LONG_AGO = timedelta(days=3)


class Nights:
    """The product on a folder, and nights that come when told to."""

    def __init__(self, house: House) -> None:
        self.house, self.settings = house, settings_of(house)
        self.store = store_of(self.settings)

    def clean(self):
        with self.house.db.write() as session:
            cleaning.forget_old(session)
        cleaning.sweep(self.house.db, self.settings)

    def age(self):
        """Make everything three days old."""
        for path in (self.settings.data_dir / "files").rglob("*"):
            if path.is_file():
                then = path.stat().st_mtime - LONG_AGO.total_seconds()
                os.utime(path, (then, then))
        with self.house.db.write() as session:
            then = clock.utc_now() - LONG_AGO
            session.execute(update(StoredFile).values(created_at=then))
            session.execute(update(Attachment).values(created_at=then))

    def kept(self, content=b"bytes", **place) -> str:
        with self.house.db.write() as session:
            stored = services.keep(session, content)
            services.attach(session, stored, "a.txt", **place)
            return stored.sha256

    def known(self) -> set[str]:
        with self.house.db.read() as session:
            return set(session.scalars(select(StoredFile.sha256)))

    def objects(self, part="files") -> list[str]:
        return [item.key for item in self.store.items(part)]

    def reads(self, sha256) -> bytes:
        with self.house.db.read() as session:
            return services.read(session, sha256)


@pytest.fixture
def nights(make_house, tmp_path) -> Nights:
    return Nights(make_house(data_dir=tmp_path))


def test_an_upload_nobody_sent_is_gone_after_two_nights(nights):
    nights.kept(uploaded_by="contact:1")
    nights.age()
    nights.clean()
    assert nights.known() == set()
    nights.age()
    nights.clean()
    assert nights.objects() == nights.objects("aside") == []


def test_an_upload_of_today_stays(nights):
    sha256 = nights.kept(uploaded_by="contact:1")
    nights.clean()
    assert nights.known() == {sha256}
    assert nights.reads(sha256) == b"bytes"


def test_what_a_timeline_shows_stays_for_ever(nights):
    entry = nights.house.replies(nights.house.submits())
    sha256 = nights.kept(activity_id=entry.id)
    for _ in range(3):
        nights.age()
        nights.clean()
    assert nights.reads(sha256) == b"bytes"


def test_bytes_a_crash_left_without_a_row_are_removed(nights):
    prepared = services.prepare(nights.settings, b"nobody names me")
    nights.clean()
    assert nights.objects() == [key_of(prepared.sha256)]
    nights.age()
    nights.clean()
    assert nights.objects() == []
    nights.age()
    nights.clean()
    assert nights.objects("aside") == []


def test_a_file_that_is_kept_again_during_a_cleaning_is_never_lost(nights):
    prepared = services.prepare(nights.settings, b"bytes")
    nights.age()
    cleaning.sweep(nights.house.db, nights.settings)  # lays the bytes aside ...
    with nights.house.db.write() as session:  # ... while somebody is about to name them
        services.attach(session, services.record(session, prepared), "a.txt", uploaded_by="x")
    assert nights.reads(prepared.sha256) == b"bytes"
    os.utime(next(nights.settings.data_dir.glob("files/aside/files/*/*")), (0, 0))
    cleaning.sweep(nights.house.db, nights.settings)
    assert nights.objects() == [key_of(prepared.sha256)]
    assert nights.objects("aside") == []
    assert nights.reads(prepared.sha256) == b"bytes"


def test_a_row_that_is_used_again_is_not_old(nights):
    nights.kept(uploaded_by="contact:1")
    nights.age()
    with nights.house.db.write() as session:
        stored = services.keep(session, b"bytes")
    nights.clean()
    assert nights.known() == {stored.sha256}


def test_every_table_that_names_a_file_is_asked():
    names = {f"{column.table.name}.{column.name}" for column in cleaning.references()}
    assert names == {"attachment.sha256", "incoming_mail.sha256"}
