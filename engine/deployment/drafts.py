"""Files that somebody had checked and has not deployed yet: kept here, not in the browser."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import LargeBinary, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock
from engine.conversion import Note
from engine.db import Base, UtcDateTime
from engine.definitions import pack, unpack
from engine.errors import NotFoundError

KEPT = timedelta(hours=24)
_NOTES = "notes.json"
"""Where notes lie in the archive; no deployed file has a name without a folder."""
MOST = 10
"""Drafts kept for one person; a further one pushes the oldest out."""


class DeploymentDraft(Base):
    """Files between their check and their deployment."""

    __tablename__ = "deployment_draft"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(60), index=True)
    """Actor who alone may see, deploy or drop it."""
    process: Mapped[str] = mapped_column(String(100))
    """The process on whose page it was uploaded; may be empty."""
    comment: Mapped[str] = mapped_column(String(500))
    """What the deployment would say, as a proposal."""
    files: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """Real time."""


@dataclass(frozen=True)
class Draft:
    """A draft as its owner sees it."""

    id: UUID
    process: str
    comment: str
    files: dict[str, bytes]
    created_at: datetime
    notes: tuple[Note, ...] = ()
    """What was converted when the files came from another tool."""


def keep(
    session: Session,
    files: Mapping[str, bytes],
    *,
    owner: str,
    process: str = "",
    comment: str = "",
    notes: Sequence[Note] = (),
) -> Draft:
    """Keep files for their owner and return the draft; what is too old or too much goes."""
    now = clock.utc_now()
    draft = Draft(uuid4(), process, comment, dict(files), now, tuple(notes))
    stored = json.dumps([note.as_json() for note in notes]).encode()
    session.add(
        DeploymentDraft(
            id=draft.id,
            owner=owner,
            process=process,
            comment=comment,
            files=pack({**draft.files, _NOTES: stored} if notes else draft.files),
            created_at=now,
        )
    )
    session.flush()
    newest = (
        select(DeploymentDraft.id)
        .where(DeploymentDraft.owner == owner)
        .order_by(DeploymentDraft.created_at.desc())
    )
    surplus = session.scalars(newest.offset(MOST)).all()
    session.execute(
        delete(DeploymentDraft).where(
            DeploymentDraft.id.in_(surplus) | (DeploymentDraft.created_at < now - KEPT)
        )
    )
    return draft


def load(session: Session, draft_id: UUID, *, owner: str) -> Draft:
    """Return a draft. Raises NotFoundError: gone, too old, or somebody else's."""
    row = session.scalar(
        select(DeploymentDraft).where(
            DeploymentDraft.id == draft_id,
            DeploymentDraft.owner == owner,
            DeploymentDraft.created_at >= clock.utc_now() - KEPT,
        )
    )
    if row is None:
        raise NotFoundError
    files = unpack(row.files)
    notes = tuple(Note.of_json(each) for each in json.loads(files.pop(_NOTES, b"[]")))
    return Draft(row.id, row.process, row.comment, files, row.created_at, notes)


def drop(session: Session, draft_id: UUID, *, owner: str) -> bool:
    """Forget a draft; False when there is none, as for the second of two who deploy it."""
    gone = session.execute(
        delete(DeploymentDraft)
        .where(DeploymentDraft.id == draft_id, DeploymentDraft.owner == owner)
        .returning(DeploymentDraft.id)
    )
    return gone.one_or_none() is not None
