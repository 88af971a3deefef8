"""Small pictures of files, made by a child process that can harm nothing."""

import logging
import struct
import subprocess
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from engine import child
from processes.config import Settings
from processes.files.models import PreviewState, StoredFile
from processes.files.services import reading
from processes.files.store import preview_key, store_of

SIZES: Final = ("small", "large")
"""The pictures of a file: 320 and 1600 pixels at their longest side at most."""
_PATIENCE: Final = 30.0
"""Seconds of real time for a child, which has ten of processor time."""
_LENGTHS: Final = struct.Struct("!II")

_log = logging.getLogger("workers.previews")


@dataclass(frozen=True)
class Pictures:
    """A file drawn in both sizes, as WebP."""

    small: bytes
    large: bytes


def draw(content: bytes) -> Pictures | None:
    """Return pictures of a raster picture or of the first page of a PDF; None if it has none.

    Takes about 0.3 s of processor time, at worst ten seconds and 512 MB, in a process of its own.
    """
    try:
        ended = child.answer("processes.files.drawing", content, _PATIENCE)
    except (subprocess.TimeoutExpired, OSError) as error:
        _log.info("preview_given_up error=%r", error)
        return None
    return _read(ended.stdout) if ended.returncode == 0 else None


def make(settings: Settings, sha256: str) -> bool:
    """Make the pictures of a stored file and keep them; False when there can be none.

    Works outside any transaction. Raises FileMissingError, StoreAwayError, NoRoomError.
    """
    drawn = draw(b"".join(reading(settings, sha256)))
    if drawn is None:
        return False
    for size in SIZES:
        picture = BytesIO(getattr(drawn, size))
        store_of(settings).put(preview_key(sha256, size), picture)
    return True


def note(session: Session, sha256: str, *, made: bool) -> None:
    """Write down whether a file has pictures."""
    state = PreviewState.READY if made else PreviewState.NONE
    session.execute(update(StoredFile).where(StoredFile.sha256 == sha256).values(preview=state))


def _read(said: bytes) -> Pictures | None:
    if len(said) < _LENGTHS.size:
        return None
    small, large = _LENGTHS.unpack_from(said)
    rest = said[_LENGTHS.size :]
    if not small or len(rest) != small + large:
        return None
    return Pictures(rest[:small], rest[small:])
