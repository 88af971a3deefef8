"""What a look has found, and the incidents that come and go with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock
from engine.models import Incident

STUCK: Final = "stuck"
"""An instance that waits for nothing, or whose rows do not say what its state says."""
OVERDUE: Final = "overdue"
"""Work that is minutes late although workers look."""
HALF_SENT: Final = "half_sent"
"""A mail that was begun and never ended."""
MOST_OPEN: Final = 100
"""Open incidents of one kind; what is found beyond them is opened when some are settled."""
_BY_ITSELF = "system"


@dataclass(frozen=True)
class Finding:
    """Something that waits for a person, as an incident tells it."""

    kind: str
    message: str
    """One exact line for admins."""
    instance_id: UUID | None = None
    job_id: int | None = None
    element_id: str | None = None

    @property
    def key(self) -> tuple[str, UUID | int | None]:
        """Return what makes it the same finding at the next look."""
        return self.kind, self.instance_id if self.kind == STUCK else self.job_id


def settle(session: Session, kind: str, found: Iterable[Finding]) -> int:
    """Open an incident for each new finding of a kind, settle those that are gone.

    `found` must be all there is of that kind now. Returns how many incidents were opened.
    """
    wanted = {finding.key: finding for finding in found}
    known = set()
    for incident in open_of(session, kind):
        key = kind, incident.instance_id if kind == STUCK else incident.job_id
        if key in wanted and key not in known:
            known.add(key)
            incident.message = wanted[key].message
        else:
            incident.resolved_at, incident.resolved_by = clock.utc_now(), _BY_ITSELF
    new = [finding for key, finding in wanted.items() if key not in known]
    for finding in new[: max(0, MOST_OPEN - len(known))]:
        session.add(_incident(finding))
    return len(new)


def open_of(session: Session, kind: str) -> list[Incident]:
    """Return the open incidents of a kind, the oldest first."""
    query = select(Incident).where(Incident.resolved_at.is_(None), Incident.kind == kind)
    return list(session.scalars(query.order_by(Incident.id)))


def _incident(finding: Finding) -> Incident:
    return Incident(
        instance_id=finding.instance_id,
        job_id=finding.job_id,
        element_id=finding.element_id,
        kind=finding.kind,
        message=finding.message,
        detail="",
        created_at=clock.utc_now(),
    )
