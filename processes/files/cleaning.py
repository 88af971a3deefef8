"""What the night removes: uploads nobody sent, and bytes nobody names.

Bytes are never removed at once. A night lays an object that no row names aside, the next night
removes it; whoever names it in between finds it there (`services.reading`), and the next night puts
it back. So a file that is kept again at the very moment of a cleaning is never lost.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Column, delete, exists, select
from sqlalchemy.orm import Session

from engine import clock
from engine.db import Base
from processes.config import Settings
from processes.database import HouseDatabase
from processes.files.models import Attachment, StoredFile
from processes.files.services import loose
from processes.files.store import ASIDE, FILES, PREVIEWS, Store, store_of

KEPT = timedelta(days=1)
"""How long what nobody sent or names stays."""
_AT_ONCE = 500


def forget_old(session: Session) -> None:
    """Delete loose uploads of yesterday, then the rows of files that nothing refers to."""
    before = clock.utc_now() - KEPT
    session.execute(delete(Attachment).where(Attachment.created_at < before, *loose()))
    unused = [~exists().where(column == StoredFile.sha256) for column in references()]
    session.execute(delete(StoredFile).where(StoredFile.created_at < before, *unused))


def sweep(db: HouseDatabase, settings: Settings) -> None:
    """Remove from the store what no row has named for two nights; holds no transaction meanwhile.

    Raises StoreAwayError.
    """
    store, before = store_of(settings), clock.utc_now() - KEPT
    for key, is_named in _old(db, store, ASIDE, before):
        own = key.removeprefix(f"{ASIDE}/")
        if is_named and store.size(own) is None:
            store.move(key, own)
        else:
            store.remove(key)
    for key, is_named in _old(db, store, FILES, before):
        if not is_named:
            store.move(key, f"{ASIDE}/{key}")
    for key, is_named in _old(db, store, PREVIEWS, before):
        if not is_named:
            store.remove(key)
    store.tidy(before)


def _old(
    db: HouseDatabase, store: Store, part: str, before: datetime
) -> Iterator[tuple[str, bool]]:
    """Give the keys of old objects, each with whether a row names it."""
    old = (item.key for item in store.items(part) if item.modified < before)
    while batch := list(islice(old, _AT_ONCE)):
        named = _named(db, batch)
        yield from ((key, _hash(key) in named) for key in batch)


def _named(db: HouseDatabase, keys: Iterable[str]) -> set[str]:
    """Return which of these hashes have a row; asked after the listing, so a new one counts."""
    hashes = {_hash(key) for key in keys}
    with db.read() as session:
        return set(session.scalars(select(StoredFile.sha256).where(StoredFile.sha256.in_(hashes))))


def _hash(key: str) -> str:
    """Return the hash in a key, which is 64 characters with perhaps a size behind."""
    return key.rsplit("/", 1)[-1][:64]


def references() -> Iterator[Column[str]]:
    """Give every column that refers to a stored file, whatever package it belongs to."""
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if any(key.target_fullname == "stored_file.sha256" for key in column.foreign_keys):
                yield column
