"""Files with their rows: kept once, never a row without bytes, given to their owner only."""

import os
from hashlib import sha256
from io import BytesIO

import pytest
from sqlalchemy import func, select

from engine.models import Job
from processes.files import queries, services
from processes.files.errors import (
    FileMissingError,
    FileTooLargeError,
    TooManyFilesError,
    UploadGoneError,
)
from processes.files.models import Attachment, PreviewState, StoredFile
from processes.files.store import key_of, store_of
from tests.processes.files import samples
from tests.processes.files.conftest import settings_of

ME, OTHER = "contact:1", "contact:2"


def rows(house, model=StoredFile) -> int:
    with house.db.read() as session:
        return session.scalar(select(func.count()).select_from(model))


def uploaded(house, *contents: bytes, actor=ME) -> list[str]:
    with house.db.write() as session:
        return [
            services.attach(session, services.keep(session, each), "a.txt", uploaded_by=actor).key
            for each in contents
        ]


def test_a_kept_file_is_read_whole_and_in_parts(stored_house):
    content = os.urandom(300_000)
    with stored_house.db.write() as session:
        stored = services.keep(session, content)
    assert stored.sha256 == sha256(content).hexdigest()
    assert stored.size == len(content)
    with stored_house.db.read() as session:
        assert services.read(session, stored.sha256) == content
        part = b"".join(services.chunks(session, stored.sha256, 100_000, 200_001))
    assert part == content[100_000:200_001]


def test_a_stream_that_cannot_be_rewound_is_kept(stored_house):
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as out:
        out.write(b"from a pipe")
    with os.fdopen(reader, "rb") as source, stored_house.db.write() as session:
        stored = services.keep(session, source)
    with stored_house.db.read() as session:
        assert services.read(session, stored.sha256) == b"from a pipe"


def test_the_same_bytes_are_kept_once_however_often_they_come(stored_house):
    for _ in range(3):
        uploaded(stored_house, b"again and again", b"again and again")
    store = store_of(settings_of(stored_house))
    assert rows(stored_house) == 1
    assert rows(stored_house, Attachment) == 6
    assert len(list(store.items("files"))) == 1


def test_a_crash_between_bytes_and_row_leaves_no_row(stored_house):
    session = stored_house.db.session(write=True)
    services.keep(session, b"then the power went")
    session.close()  # never committed
    assert rows(stored_house) == 0
    store = store_of(settings_of(stored_house))
    assert [item.key for item in store.items("files")] == [
        key_of(sha256(b"then the power went").hexdigest())
    ]


def test_bytes_are_in_the_store_before_any_row_is_written(stored_house):
    prepared = services.prepare(settings_of(stored_house), b"bytes first")
    assert rows(stored_house) == 0
    assert store_of(settings_of(stored_house)).size(key_of(prepared.sha256)) == 11
    with stored_house.db.write() as session:
        services.record(session, prepared)
    assert rows(stored_house) == 1


def test_a_file_that_is_too_large_is_refused_before_it_is_kept(stored_house):
    with pytest.raises(FileTooLargeError):
        services.prepare(settings_of(stored_house), BytesIO(b"a" * 1001), most=1000)
    assert list(store_of(settings_of(stored_house)).items("files")) == []


def test_a_file_larger_than_memory_is_streamed(make_house, tmp_path):
    class Endless:
        """Gives 200 MB without ever holding them."""

        left = 800

        def read(self, size):
            self.left -= 1
            return b"\x01" * size if self.left >= 0 else b""

    import resource  # noqa: PLC0415 - measures this process

    house = make_house(data_dir=tmp_path)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    prepared = services.prepare(settings_of(house), Endless())
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert prepared.size == 800 * 256 * 1024
    assert grown < 50_000  # kilobytes


def test_lost_contents_are_said_as_such(stored_house):
    with stored_house.db.write() as session:
        stored = services.keep(session, b"soon gone")
    store_of(settings_of(stored_house)).remove(key_of(stored.sha256))
    with stored_house.db.read() as session, pytest.raises(FileMissingError):
        services.chunks(session, stored.sha256)


def test_only_what_can_be_drawn_and_is_listed_asks_for_a_picture(stored_house):
    kept = {"a.png": samples.picture(), "a.pdf": samples.pdf(), "a.svg": samples.SVG, "a.txt": b"a"}
    with stored_house.db.write() as session:
        files = {name: services.keep(session, each) for name, each in kept.items()}
        for name, stored in files.items():
            services.attach(session, stored, name, uploaded_by=ME)
        logo = services.keep(session, samples.picture("GIF"))
        services.attach(session, logo, "logo.gif", inline=True, content_id="<logo@mail>")
        wanted = session.scalar(select(func.count()).where(Job.kind == services.PREVIEW))
    assert {name: stored.preview for name, stored in files.items()} == {
        "a.png": PreviewState.WANTED,
        "a.pdf": PreviewState.WANTED,
        "a.svg": PreviewState.NONE,
        "a.txt": PreviewState.NONE,
    }
    assert wanted == 2


def test_an_upload_is_its_owners_to_send_once(stored_house):
    mine = uploaded(stored_house, b"a", b"b")
    case = stored_house.submits()
    entry = stored_house.replies(case)
    with stored_house.db.write() as session:
        for attachment in services.claim(session, mine, ME):
            attachment.activity_id = entry.id
    with stored_house.db.write() as session, pytest.raises(UploadGoneError):
        services.claim(session, mine, ME)
    with stored_house.db.read() as session:
        found = queries.of_activities(session, [entry.id, 0])
    assert [each.key for each in found[entry.id]] == mine
    assert [each.file.size for each in found[entry.id]] == [1, 1]


@pytest.mark.parametrize("keys", [["0" * 32], [""], ["'; drop table attachment; --"]])
def test_an_upload_nobody_made_cannot_be_claimed(stored_house, keys):
    with stored_house.db.write() as session, pytest.raises(UploadGoneError):
        services.claim(session, keys, ME)


def test_somebody_elses_upload_cannot_be_claimed(stored_house):
    theirs = uploaded(stored_house, b"a", actor=OTHER)
    with stored_house.db.write() as session, pytest.raises(UploadGoneError):
        services.claim(session, theirs, ME)


def test_a_message_carries_so_many_files_and_no_more(make_house, tmp_path):
    house = make_house(data_dir=tmp_path, most_files=2)
    keys = uploaded(house, b"a", b"b", b"c")
    with house.db.write() as session:
        assert len(services.claim(session, [*keys[:2], *keys[:2]], ME)) == 2
        with pytest.raises(TooManyFilesError):
            services.claim(session, keys, ME)


def test_two_requests_at_once_do_not_both_send_an_upload(stored_house):
    keys = uploaded(stored_house, b"a")
    first, second = stored_house.submits(), stored_house.submits(email="other@example.org")
    entries = [stored_house.replies(first).id, stored_house.replies(second).id]
    taken = []

    def send(entry: int) -> None:
        try:
            with stored_house.db.write() as session:
                for attachment in services.claim(session, keys, ME):
                    attachment.activity_id = entry
        except UploadGoneError:
            return
        taken.append(entry)

    from threading import Thread  # noqa: PLC0415 - for this test only

    threads = [Thread(target=send, args=(entry,)) for entry in entries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1
