"""Which versions of other processes carry a called process, and in which of its versions."""

from functools import lru_cache

from sqlalchemy.orm import Session

from engine.definitions import Definition, Definitions
from engine.deployment.bundles import bundle_hash, bundle_of
from engine.queries import VersionRow, versions


def carriers(
    session: Session, definitions: Definitions, process: str
) -> dict[int, list[VersionRow]]:
    """Return, by version of `process`, the versions of other processes that call it as it is there.

    Only versions with running instances are told.
    """
    found: dict[int, list[VersionRow]] = {}
    rows = versions(session)
    own = {
        _digest(definitions.get(session, row.id), process): row.id
        for row in rows
        if row.process == process
    }
    for row in rows:
        if row.process == process or not row.running:
            continue
        digest = _digest(definitions.get(session, row.id), process)
        if digest in own:
            found.setdefault(own[digest], []).append(row)
    return found


def _digest(definition: Definition, process: str) -> str:
    """Return the hash of a process within a bundle; empty when the bundle does not hold it."""
    return _digests(tuple(definition.files.items()), process)


@lru_cache(maxsize=512)
def _digests(files: tuple[tuple[str, bytes], ...], process: str) -> str:
    part = bundle_of(dict(files), process)
    return bundle_hash(part) if part else ""
