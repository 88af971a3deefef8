"""Files in a bucket of an S3-compatible service, spoken to through obstore."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, BinaryIO

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store

from engine.clock import utc_now
from processes.config import Settings
from processes.files.errors import FileMissingError, StoreAwayError
from processes.files.store import Item

_PIECE = 64 * 1024
_GONE = (FileNotFoundError, NotFoundError)
_YOUNG = timedelta(hours=6)
"""An older object is written anew: the cleaning goes by its age."""


class Bucket:
    """A store in one bucket, below one prefix."""

    def __init__(self, settings: Settings) -> None:
        bucket, _, prefix = settings.files_url.removeprefix("s3://").partition("/")
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            client_options={
                "allow_http": settings.files_endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=3),
                "timeout": timedelta(seconds=30),
            },
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=10)},
            **_access(settings),
        )

    def put(self, key: str, file: BinaryIO) -> None:
        """Keep what `file` holds from here on; whole or not at all."""
        with _told():
            if not self._is_young(key):
                obstore.put(self._store, key, file)

    def open(self, key: str, start: int, end: int) -> "Part":
        """Return the bytes from `start` up to before `end`."""
        if start >= end:  # S3 knows no empty range
            return Part(iter(()))
        with _told():
            found = obstore.get(self._store, key, options={"range": (start, end)})
            return Part(iter(found.stream(min_chunk_size=_PIECE)))

    def size(self, key: str) -> int | None:
        """Return how many bytes an object has; None when there is none."""
        try:
            with _told():
                return int(obstore.head(self._store, key)["size"])
        except FileMissingError:
            return None

    def items(self, part: str) -> Iterator[Item]:
        """Give every object whose key begins with `part/`."""
        with _told():
            for batch in obstore.list(self._store, f"{part}/"):
                for found in batch:
                    yield Item(found["path"], found["last_modified"])

    def move(self, source: str, target: str) -> None:
        """Give an object another key."""
        with suppress(FileMissingError), _told():
            obstore.rename(self._store, source, target)

    def remove(self, key: str) -> None:
        """Forget an object."""
        with suppress(FileMissingError), _told():
            obstore.delete(self._store, key)

    def tidy(self, before: datetime) -> None:
        """Do nothing: a bucket shows no half-written object."""

    def _is_young(self, key: str) -> bool:
        try:
            changed: datetime = obstore.head(self._store, key)["last_modified"]
        except _GONE:
            return False
        return utc_now() - changed < _YOUNG


class Part:
    """Bytes that arrive from the service."""

    def __init__(self, pieces: Iterator[object]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        """Give the bytes in pieces."""
        with _told():
            for piece in self._pieces:
                yield bytes(piece)  # type: ignore[call-overload]  # a buffer of the library's own

    def close(self) -> None:
        """Ask for no more."""
        self._pieces = iter(())


def _access(settings: Settings) -> dict[str, Any]:
    """Return who we are and where the service is, as far as it was set."""
    secret = settings.files_secret
    told: dict[str, Any] = {
        "region": settings.files_region,
        "endpoint": settings.files_endpoint,
        "access_key_id": settings.files_key_id,
        "secret_access_key": secret.get_secret_value() if secret else "",
        "virtual_hosted_style_request": not settings.files_endpoint,
    }
    return {name: value for name, value in told.items() if value != ""}


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the service says into what a person can read."""
    try:
        yield
    except _GONE as error:
        raise FileMissingError from error
    except (BaseError, OSError) as error:
        raise StoreAwayError from error
