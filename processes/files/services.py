"""Keeping files: bytes to the store first, then the row, so that no row lacks its contents.

A crash between the two leaves an object nobody names, which the nightly cleaning removes.
"""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, joinedload

from engine import clock, jobs
from processes.config import Settings
from processes.database import house
from processes.files import kinds
from processes.files.errors import (
    FileMissingError,
    FileTooLargeError,
    TooManyFilesError,
    UploadGoneError,
)
from processes.files.models import Attachment, PreviewState, StoredFile
from processes.files.names import safe_name
from processes.files.store import ASIDE, Reading, key_of, store_of

PREVIEW = "preview"
"""Kind of the job that makes pictures of a file; its payload is `{"sha256": …}`."""
_PIECE = 256 * 1024
_IN_MEMORY = 1024 * 1024


@dataclass(frozen=True)
class Prepared:
    """Bytes that lie in the store and have no row yet."""

    sha256: str
    size: int
    """Bytes."""
    media_type: str


def keep(session: Session, content: bytes | BinaryIO) -> StoredFile:
    """Keep a file, once whatever how often, and return its row.

    With a store on another machine call `prepare` before the transaction and `record` in it: the
    bytes are written while this waits. Raises NoRoomError, StoreAwayError.
    """
    return record(session, prepare(house(session), content))


def prepare(settings: Settings, content: bytes | BinaryIO, *, most: int | None = None) -> Prepared:
    """Bring the bytes of a file to the store; needs no transaction and is best called outside.

    `most` is the largest size in bytes: FileTooLargeError is raised as soon as it is passed.
    """
    source = BytesIO(content) if isinstance(content, bytes) else content
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        prepared = _read(source, spool, most)
        spool.seek(0)
        store_of(settings).put(key_of(prepared.sha256), cast("BinaryIO", spool))
    return prepared


def record(session: Session, prepared: Prepared) -> StoredFile:
    """Write the row of a prepared file, or renew the one that is there."""
    wanted = kinds.has_preview(prepared.media_type)
    now = clock.utc_now()
    values = {
        "sha256": prepared.sha256,
        "size": prepared.size,
        "media_type": prepared.media_type,
        "preview": PreviewState.WANTED if wanted else PreviewState.NONE,
        "created_at": now,
    }
    upsert: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = upsert.insert(StoredFile).values(values)
    session.execute(  # renewing the time keeps a cleaning at the same moment from its row
        statement.on_conflict_do_update(index_elements=["sha256"], set_={"created_at": now})
    )
    return session.get_one(StoredFile, prepared.sha256, populate_existing=True)


def attach(  # noqa: PLR0913 - an attachment has that many places
    session: Session,
    stored: StoredFile,
    name: str,
    *,
    incoming_mail_id: int | None = None,
    outgoing_mail_id: int | None = None,
    activity_id: int | None = None,
    content_id: str = "",
    inline: bool = False,
    uploaded_by: str = "",
) -> Attachment:
    """Put a stored file at a place and return it; without a place it is a loose upload.

    The name is made safe here; `content_id` may come with its angle brackets. A worker makes small
    pictures of what is listed (`inline` is not).
    """
    attachment = Attachment(
        key=secrets.token_hex(16),
        sha256=stored.sha256,
        name=safe_name(name),
        content_id=content_id.strip().strip("<>")[:250],
        inline=inline,
        incoming_mail_id=incoming_mail_id,
        outgoing_mail_id=outgoing_mail_id,
        activity_id=activity_id,
        uploaded_by=uploaded_by,
        created_at=clock.utc_now(),
    )
    attachment.file = stored
    session.add(attachment)
    session.flush()
    if stored.preview is PreviewState.WANTED and not inline:
        _want_preview(session, stored)
    return attachment


def claim(session: Session, keys: Sequence[str], actor: str) -> list[Attachment]:
    """Return one's own loose uploads by their keys, in that order, locked until the commit.

    The caller gives each its place (`activity_id`, `outgoing_mail_id`). Raises UploadGoneError when
    one is not there, not theirs or already sent, and TooManyFilesError.
    """
    wanted = list(dict.fromkeys(keys))
    most = house(session).most_files
    if len(wanted) > most:
        raise TooManyFilesError(most=most)
    if not wanted:
        return []
    query = (
        select(Attachment)
        .where(Attachment.key.in_(wanted), Attachment.uploaded_by == actor, *loose())
        .options(joinedload(Attachment.file))
        .with_for_update(of=Attachment)
    )
    found = {each.key: each for each in session.scalars(query)}
    if len(found) < len(wanted):
        raise UploadGoneError
    return [found[key] for key in wanted]


def loose() -> tuple[Any, ...]:
    """Return the conditions of an upload that has no place yet."""
    return (
        Attachment.activity_id.is_(None),
        Attachment.incoming_mail_id.is_(None),
        Attachment.outgoing_mail_id.is_(None),
    )


def read(session: Session, sha256: str) -> bytes:
    """Return the whole contents. Raises FileMissingError, StoreAwayError."""
    return b"".join(chunks(session, sha256))


def chunks(
    session: Session, sha256: str, start: int = 0, end: int | None = None
) -> Iterator[bytes]:
    """Give the bytes from `start` up to before `end`, by default all.

    The file is opened at once, so what is missing is said before anything has been given.
    """
    return iter(reading(house(session), sha256, start, end))


def reading(settings: Settings, sha256: str, start: int = 0, end: int | None = None) -> Reading:
    """Return the bytes of a file on their way out, to be closed when not read to the end.

    Raises FileMissingError, StoreAwayError.
    """
    key = key_of(sha256)
    try:
        return _open(settings, key, start, end)
    except FileMissingError:  # the cleaning had laid it aside when it was wanted again
        return _open(settings, f"{ASIDE}/{key}", start, end)


def _open(settings: Settings, key: str, start: int, end: int | None) -> Reading:
    store = store_of(settings)
    if end is None:
        end = store.size(key)
        if end is None:
            raise FileMissingError
    return store.open(key, start, end)


def _read(source: BinaryIO, spool: "SpooledTemporaryFile[bytes]", most: int | None) -> Prepared:
    """Copy a file to a temporary one, and find out on the way what there is to know of it."""
    digest, size = hashlib.sha256(), 0
    head, tail = b"", b""
    while piece := source.read(_PIECE):
        size += len(piece)
        if most is not None and size > most:
            raise FileTooLargeError(most=most)
        digest.update(piece)
        spool.write(piece)
        head = head if len(head) >= kinds.HEAD else (head + piece)[: kinds.HEAD]
        tail = (tail + piece)[-kinds.TAIL :]
    return Prepared(digest.hexdigest(), size, kinds.media_type(head, tail))


def _want_preview(session: Session, stored: StoredFile) -> None:
    jobs.enqueue(
        session,
        PREVIEW,
        due_at=clock.real_now(session),
        dedupe_key=f"{PREVIEW}:{stored.sha256}:{stored.created_at:%Y-%m-%d}",
        payload={"sha256": stored.sha256},
    )
