"""Files in a folder of ours that nobody else may read.

Written beside, brought to the disk, then renamed: an object is there whole or not at all, also
after a power cut. That is why this is plain `os` and not obstore's LocalStore, which promises
neither fsync nor modes.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from stat import S_ISREG
from typing import BinaryIO

from processes.files.errors import FileMissingError, NoRoomError, StoreAwayError
from processes.files.store import Item

_DRAFTS = "drafts"
_PIECE = 64 * 1024
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_MINE_ONLY, _FOLDER_MINE_ONLY = 0o600, 0o700


class Folder:
    """A store below one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, file: BinaryIO) -> None:
        """Keep what `file` holds from here on; on the disk when this returns."""
        path = self._root / key
        with told():
            if path.exists():
                os.utime(path)
                return
            _make(path.parent)
            _make(self._root / _DRAFTS)
            draft = self._root / _DRAFTS / token_hex(16)
            try:
                _write(draft, file)
                draft.rename(path)
            except OSError:
                draft.unlink(missing_ok=True)
                raise
            bring_to_disk(path.parent)

    def open(self, key: str, start: int, end: int) -> "Part":
        """Return the bytes from `start` up to before `end`."""
        with told():
            file = (self._root / key).open("rb")
            file.seek(start)
            return Part(file, end - start)

    def size(self, key: str) -> int | None:
        """Return how many bytes an object has; None when there is none."""
        try:
            with told():
                return (self._root / key).stat().st_size
        except FileMissingError:
            return None

    def items(self, part: str) -> Iterator[Item]:
        """Give every object whose key begins with `part/`."""
        for path in (self._root / part).rglob("*"):
            with suppress(FileNotFoundError):  # moved since it was listed
                found = path.stat()
                if S_ISREG(found.st_mode):
                    changed = datetime.fromtimestamp(found.st_mtime, UTC)
                    yield Item(path.relative_to(self._root).as_posix(), changed)

    def move(self, source: str, target: str) -> None:
        """Give an object another key."""
        path = self._root / target
        with suppress(FileMissingError), told():
            _make(path.parent)
            (self._root / source).rename(path)
            os.utime(path)
            bring_to_disk(path.parent)

    def remove(self, key: str) -> None:
        """Forget an object."""
        with suppress(FileMissingError), told():
            (self._root / key).unlink()

    def tidy(self, before: datetime) -> None:
        """Remove what crashes left half written before that moment."""
        for draft in (self._root / _DRAFTS).glob("*"):
            with suppress(FileNotFoundError):
                if draft.stat().st_mtime < before.timestamp():
                    draft.unlink()


class Part:
    """A part of an open file."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file, self._rest = file, length

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in pieces; closes the file at the end."""
        try:
            while self._rest > 0 and (piece := self._read()):
                self._rest -= len(piece)
                yield piece
        finally:
            self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _read(self) -> bytes:
        with told():
            return self._file.read(min(_PIECE, self._rest))


@contextmanager
def told() -> Iterator[None]:
    """Turn what the system says into what a person can read."""
    try:
        yield
    except FileNotFoundError as error:
        raise FileMissingError from error
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise NoRoomError from error
        raise StoreAwayError from error


def _write(path: Path, file: BinaryIO) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MINE_ONLY)
    with os.fdopen(handle, "wb") as target:
        shutil.copyfileobj(file, target, _PIECE)
        target.flush()
        os.fsync(target.fileno())


def _make(folder: Path) -> None:
    """Make a folder for us alone, with those above it, and bring their names to the disk."""
    if folder.is_dir():
        return
    _make(folder.parent)
    folder.mkdir(mode=_FOLDER_MINE_ONLY, exist_ok=True)
    bring_to_disk(folder.parent)


def bring_to_disk(folder: Path) -> None:
    """Have the names of a folder's own entries written to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
