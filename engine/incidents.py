"""What needs a person: failed operations and jobs that gave up, with the real error."""

import traceback
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import clock
from engine.errors import StepFailedError
from engine.models import Incident, ProcessInstance

_MAX_MESSAGE, _MAX_DETAIL = 2_000, 20_000


def record(session: Session, error: BaseException) -> int:
    """Write an incident for a command that failed and was rolled back; return its number."""
    where = error if isinstance(error, StepFailedError) else StepFailedError()
    incident = Incident(
        instance_id=_known(session, where.instance_id),
        element_id=where.element_id,
        kind="operation",
        message=describe(error),
        detail=_trace(error),
        created_at=clock.utc_now(),
    )
    session.add(incident)
    session.flush()  # the person is told the number
    return incident.id


def record_once(session: Session, error: BaseException) -> None:
    """Write an incident for what is tried again and again, unless the same one is open."""
    element = error.element_id if isinstance(error, StepFailedError) else None
    query = select(Incident.id).where(
        Incident.resolved_at.is_(None),
        Incident.kind == "operation",
        Incident.element_id == element,
        Incident.message == describe(error),
    )
    if session.execute(query.limit(1)).first() is None:
        record(session, error)


def open_for_job(
    session: Session,
    job_id: int,
    instance_id: UUID | None,
    element_id: str | None,
    error: BaseException,
) -> None:
    """Open the incident of a job that gave up; one job has at most one open incident."""
    query = select(Incident.id).where(Incident.job_id == job_id, Incident.resolved_at.is_(None))
    if session.execute(query).first() is None:
        session.add(
            Incident(
                instance_id=instance_id,
                job_id=job_id,
                element_id=element_id,
                kind="job",
                message=describe(error),
                detail=_trace(error),
                created_at=clock.utc_now(),
            )
        )


def settle_for_job(session: Session, job_id: int, actor: str) -> None:
    """Mark the open incident of a job as resolved, if there is one: it is tried again."""
    session.execute(
        update(Incident)
        .where(Incident.job_id == job_id, Incident.resolved_at.is_(None))
        .values(resolved_at=clock.utc_now(), resolved_by=actor)
    )


def find_open(session: Session, incident_id: int) -> Incident | None:
    """Return an incident that waits for a person; None when it is settled or unknown."""
    incident = session.get(Incident, incident_id, populate_existing=True)
    return incident if incident is not None and incident.resolved_at is None else None


def resolve(session: Session, incident_id: int, actor: str) -> Incident | None:
    """Mark an open incident as resolved and return it; None when it is not open."""
    statement = (
        update(Incident)
        .where(Incident.id == incident_id, Incident.resolved_at.is_(None))
        .values(resolved_at=clock.utc_now(), resolved_by=actor)
        .returning(Incident)
    )
    return session.execute(statement).scalar_one_or_none()


def _known(session: Session, instance_id: UUID | None) -> UUID | None:
    """Return the id if such an instance was ever committed."""
    if instance_id is None:
        return None
    return session.scalar(select(ProcessInstance.id).where(ProcessInstance.id == instance_id))


def describe(error: BaseException) -> str:
    """Return the real error in one line: type, message, and what caused it."""
    cause = error.__cause__ or error
    return f"{type(cause).__name__}: {cause}".replace("\n", " ")[:_MAX_MESSAGE]


def _trace(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))[-_MAX_DETAIL:]
