"""Keeping bytes, in a folder and in a bucket of a real S3 service."""

import os
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest

from processes.files import folder as folders
from processes.files.errors import FileMissingError, NoRoomError, StoreAwayError
from processes.files.folder import Folder
from processes.files.store import key_of, store_of
from tests.processes.world import settings_for

KEY = key_of("ab" * 32)
FULL = Path("/dev/full")


def whole(store, key, start=0, end=None) -> bytes:
    return b"".join(store.open(key, start, store.size(key) if end is None else end))


def keys(store, part="files") -> list[str]:
    return sorted(item.key for item in store.items(part))


@pytest.mark.parametrize("size", [0, 1, 70_000, 12_000_000])
def test_what_is_put_comes_back_whole(store, size):
    content = os.urandom(size)
    store.put(KEY, BytesIO(content))
    assert store.size(KEY) == size
    assert whole(store, KEY) == content


def test_a_part_comes_back_by_itself(store):
    store.put(KEY, BytesIO(bytes(range(100))))
    assert whole(store, KEY, 10, 13) == bytes([10, 11, 12])
    assert whole(store, KEY, 99, 100) == bytes([99])
    assert whole(store, KEY, 5, 5) == b""


def test_what_is_not_there_is_said_before_anything_is_given(store):
    assert store.size(KEY) is None
    with pytest.raises(FileMissingError):
        store.open(KEY, 0, 10)


def test_what_is_there_is_kept_as_it_is(store):
    store.put(KEY, BytesIO(b"first"))
    store.put(KEY, BytesIO(b"other"))
    assert whole(store, KEY) == b"first"


def test_objects_are_listed_moved_and_removed(store):
    store.put(KEY, BytesIO(b"a"))
    assert keys(store) == [KEY]
    assert abs(next(iter(store.items("files"))).modified - datetime.now(UTC)) < timedelta(minutes=1)
    store.move(KEY, f"aside/{KEY}")
    assert (keys(store), keys(store, "aside")) == ([], [f"aside/{KEY}"])
    store.remove(f"aside/{KEY}")
    assert keys(store, "aside") == []


def test_moving_and_removing_what_is_gone_is_no_error(store):
    store.move(KEY, f"aside/{KEY}")
    store.remove(KEY)
    assert keys(store, "aside") == []


def test_only_the_owner_may_enter_the_folder_and_read_its_files(tmp_path):
    store = Folder(tmp_path / "files")
    store.put(KEY, BytesIO(b"a"))
    modes = {path: path.stat().st_mode & 0o777 for path in (tmp_path / "files").rglob("*")}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700


def test_a_full_disk_is_said_and_leaves_nothing_half(tmp_path):
    def fail_late(*_):
        raise OSError(28, "No space left on device")

    store = Folder(tmp_path)
    full = BytesIO(b"a" * 100_000)
    full.read = fail_late
    with pytest.raises(NoRoomError):
        store.put(KEY, full)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert store.size(KEY) is None


# Only Linux has this device; the test above proves the same on every system, by a file that fails.
@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_disk_that_is_really_full_is_told_from_one_that_is_away():
    with pytest.raises(NoRoomError), folders.told(), FULL.open("wb", buffering=0) as full:
        full.write(b"a")


def test_a_folder_that_cannot_be_used_is_said(tmp_path):
    (tmp_path / "files").write_text("a file where the folder should be")
    store = Folder(tmp_path / "files")
    with pytest.raises(StoreAwayError):
        store.put(KEY, BytesIO(b"a"))
    with pytest.raises((StoreAwayError, FileMissingError)):
        store.open(KEY, 0, 1)


def test_a_service_that_does_not_answer_is_said_without_its_secret(s3_server, tmp_path):
    gone = s3_server.settings | {"files_endpoint": "http://127.0.0.1:9"}
    store = store_of(settings_for("sqlite://", data_dir=tmp_path, **gone))
    with pytest.raises(StoreAwayError) as caught:
        store.put(KEY, BytesIO(b"a"))
    told = f"{caught.value!r} {caught.value.__cause__!r}"
    assert s3_server.settings["files_secret"] not in told
    with pytest.raises(StoreAwayError):
        store.size(KEY)


def test_a_bucket_that_is_not_there_is_said(s3_server, tmp_path):
    other = s3_server.settings | {"files_url": "s3://nobodys"}
    store = store_of(settings_for("sqlite://", data_dir=tmp_path, **other))
    with pytest.raises((StoreAwayError, FileMissingError)):
        store.put(KEY, BytesIO(b"a"))


def test_half_written_files_of_a_crash_are_tidied_away_after_a_day(tmp_path):
    store = Folder(tmp_path)
    store.put(KEY, BytesIO(b"a"))
    draft = tmp_path / "drafts" / "left"
    draft.write_bytes(b"half")
    store.tidy(datetime.now(UTC) - timedelta(days=1))
    assert draft.exists()
    os.utime(draft, (0, 0))
    store.tidy(datetime.now(UTC) - timedelta(days=1))
    assert not draft.exists()


@pytest.mark.parametrize("url", ["http://bucket", "s3://", "s3:///", "/srv/files"])
def test_an_address_that_is_no_bucket_is_refused_at_the_start(url):
    with pytest.raises(ValueError, match="FILES_URL"):
        settings_for("sqlite://", files_url=url)


def test_the_secret_of_the_bucket_is_not_shown():
    settings = settings_for("sqlite://", files_secret="hush hush hush")
    assert "hush" not in f"{settings!r} {settings}"
