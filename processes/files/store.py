"""The store of bytes: a folder of ours, or a bucket of an S3-compatible service.

Keys are made by `key_of` and `preview_key` from a file's SHA-256, never from what anybody sent.
Every failure is one of `processes.files.errors`; none of them names a path or an address.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import BinaryIO, Protocol

from processes.config import Settings

FILES, PREVIEWS, ASIDE = "files", "previews", "aside"
"""What lies where: contents, small pictures of them, and what the cleaning is about to remove."""


@dataclass(frozen=True)
class Item:
    """An object of the store."""

    key: str
    modified: datetime


class Reading(Protocol):
    """Bytes on their way out; whoever does not read to the end closes it."""

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in pieces."""

    def close(self) -> None:
        """Let go of what is held open."""


class Store(Protocol):
    """Somewhere that keeps bytes under keys."""

    def put(self, key: str, file: BinaryIO) -> None:
        """Keep what `file` holds from here on; safe on disk when this returns.

        An object of that key is kept as it is and counts as new again.
        Raises NoRoomError, StoreAwayError.
        """

    def open(self, key: str, start: int, end: int) -> Reading:
        """Return the bytes from `start` up to before `end`.

        Raises FileMissingError, StoreAwayError.
        """

    def size(self, key: str) -> int | None:
        """Return how many bytes an object has; None when there is none."""

    def items(self, part: str) -> Iterator[Item]:
        """Give every object whose key begins with `part/`."""

    def move(self, source: str, target: str) -> None:
        """Give an object another key, in place of what is there; no error when it is gone."""

    def remove(self, key: str) -> None:
        """Forget an object; no error when it is gone."""

    def tidy(self, before: datetime) -> None:
        """Remove what crashes left half written before that moment."""


def key_of(sha256: str) -> str:
    """Return where the contents with this hash lie."""
    return f"{FILES}/{sha256[:2]}/{sha256}"


def preview_key(sha256: str, size: str) -> str:
    """Return where a picture of that file lies; `size` is small or large."""
    return f"{PREVIEWS}/{sha256[:2]}/{sha256}-{size}.webp"


@cache
def store_of(settings: Settings) -> Store:
    """Return the store these settings name; opens nothing yet."""
    if settings.files_url:
        from processes.files.bucket import Bucket  # noqa: PLC0415 - only those who have one load it

        return Bucket(settings)
    from processes.files.folder import Folder  # noqa: PLC0415

    return Folder(settings.data_dir / "files")
