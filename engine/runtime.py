"""The verbs: start, complete a user task, claim, release, correlate, fire due, cancel, retry.

Each works inside the caller's writing transaction, under the instance's row lock: thaw, do one
thing, freeze, write the differences. Whatever raises leaves nothing behind once the caller
rolls back.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, update
from sqlalchemy.orm import Session

from engine import clock, incidents, jobs
from engine.command import Command, Listener
from engine.definitions import Definitions
from engine.errors import (
    AlreadyDoneError,
    ClaimedByOtherError,
    NotFoundError,
    NotWaitingError,
    StepFailedError,
)
from engine.models import UserTask
from engine.registry import Operations
from engine.spiff.workflow import LimitError
from engine.statements import LOCK_INSTANCE, SUBSCRIBED, TICK_OFF
from engine.steps import StepResult

MAX_NESTED = 25
"""Messages that may follow from one another in one command, each from the one before."""
MAX_DELIVERIES = 1_000
"""Messages one command may deliver in all."""
_MAX_KEY = 100
_ACTIVE = "engine_active"
"""Key in `session.info`: commands being carried out in this transaction, by instance."""
_DELIVERIES = "engine_deliveries"
"""Key in `session.info`: [how deep messages follow from one another, how many in all]."""


class Engine:
    """Runs processes on one set of operations; holds no state of any instance."""

    def __init__(self, operations: Operations, listener: Listener) -> None:
        self.operations = operations
        self.definitions = Definitions()
        self._listener = listener

    def start(
        self, session: Session, process: str, *, key: str, data: Mapping[str, Any], actor: str
    ) -> UUID:
        """Start an instance on the active version, run it to its first wait, return its id.

        Raises NotFoundError when no such process is deployed, StepFailedError when a step fails.
        """
        definition = self.definitions.active(session, process)
        command = self._command(session, definition.version_id, uuid4(), key, actor)
        command.begin(data)
        self._settle(command)
        return command.instance_id

    def complete_user_task(
        self, session: Session, task_id: UUID, form: Mapping[str, Any], actor: str
    ) -> StepResult:
        """Complete a user task with the values of its form, which the named operation receives.

        Exactly one of any number of competitors wins. Raises NotFoundError, AlreadyDoneError
        (who and when), ClaimedByOtherError, and whatever the operation raises.
        """
        instance_id = self._tick_off(session, task_id, actor)
        command = self._thawed(session, instance_id, actor)
        command.complete(task_id, form)
        return self._settle(command)

    def claim(self, session: Session, task_id: UUID, actor: str) -> None:
        """Reserve a user task for `actor`. Raises ClaimedByOtherError or AlreadyDoneError."""
        statement = (
            update(UserTask)
            .where(UserTask.id == task_id, UserTask.status == "ready")
            .where(UserTask.claimed_by.is_(None) | (UserTask.claimed_by == actor))
            .values(claimed_by=actor, claimed_at=clock.business_now(session))
            .returning(UserTask.id)
        )
        if session.execute(statement).one_or_none() is None:
            self._refuse(session, task_id)

    def release(self, session: Session, task_id: UUID, actor: str) -> None:
        """Give a reserved user task back. Raises ClaimedByOtherError when it is another's."""
        statement = (
            update(UserTask)
            .where(UserTask.id == task_id, UserTask.status == "ready")
            .where(UserTask.claimed_by == actor)
            .values(claimed_by=None, claimed_at=None)
            .returning(UserTask.id)
        )
        if session.execute(statement).one_or_none() is None:
            self._refuse(session, task_id)

    def correlate(
        self, session: Session, message: str, *, key: str, payload: Mapping[str, Any], actor: str
    ) -> int:
        """Deliver a message to every instance with this business key that waits for it.

        Returns how many moved on; 0 when nobody waits. An instance whose own operation sends
        the message gets it after the command that sends it, if it then waits for it.
        """
        active = _active(session)
        for command in active.values():
            if command.key == key:
                command.deferred.append((message, dict(payload)))
        wanted = {"message": message, "key": key[:_MAX_KEY]}
        return sum(
            self._deliver(session, instance_id, message, payload, actor)
            for instance_id in session.scalars(SUBSCRIBED, wanted).all()
            if instance_id not in active
        )

    def fire_due(self, session: Session, job: jobs.Claimed) -> bool:
        """Fire the timers of a claimed timer job's instance that are due.

        False when the claim is outdated: somebody else fires or fired it; nothing is written.
        """
        command = self._for_job(session, job)
        if command is None:
            return False
        command.fire_due()
        self._settle(command)
        jobs.release(session, job)
        return True

    def run_service(self, session: Session, job: jobs.Claimed) -> bool:
        """Run the operation of an asynchronous service task and move its instance on.

        False when the claim is outdated or the task is gone. Raises what the operation raises.
        """
        command = self._for_job(session, job)
        if command is None or job.task_id is None:
            return False
        command.run_service(job.task_id)
        self._settle(command, finished=job)
        return True

    def cancel(self, session: Session, instance_id: UUID, reason: str, actor: str) -> StepResult:
        """End a running instance; its tasks, timers and subscriptions go. Keeps the reason."""
        command = self._thawed(session, instance_id, actor)
        command.cancel(reason)
        return self._settle(command)

    def retry(self, session: Session, incident_id: int, actor: str) -> None:
        """Resolve an incident and, if it is a job's, make the job ready again."""
        incident = incidents.resolve(session, incident_id, actor)
        if incident is None:
            raise NotFoundError
        if incident.job_id is not None:
            jobs.reopen(session, incident.job_id)

    def _settle(self, command: Command, finished: jobs.Claimed | None = None) -> StepResult:
        """Write what the command did, tell the domain, then deliver what the process threw."""
        if finished is not None and not jobs.finish(command.session, finished):
            raise NotWaitingError
        result = command.write()
        session = command.session
        _active(session).pop(command.instance_id, None)
        self._listener(session, result)
        for callback in command.afterwards:
            callback(result)
        with _follow_ups(session, command):
            for message, payload in command.thrown:
                self.correlate(
                    session, message, key=command.key, payload=payload, actor=command.actor
                )
            for message, payload in command.deferred:
                self._deliver(session, command.instance_id, message, payload, command.actor)
        return result

    def _deliver(
        self,
        session: Session,
        instance_id: UUID,
        message: str,
        payload: Mapping[str, Any],
        actor: str,
    ) -> int:
        try:
            command = self._thawed(session, instance_id, actor)
            command.send(message, payload)
        except NotWaitingError:  # it moved on between our look and our lock
            _active(session).pop(instance_id, None)
            return 0
        self._settle(command)
        return 1

    def _thawed(self, session: Session, instance_id: UUID, actor: str) -> Command:
        """Lock the instance and thaw it. Raises NotFoundError; NotWaitingError when it ended."""
        row = self._lock(session, instance_id)
        if row is None:
            raise NotFoundError
        if row.status != "running":
            raise NotWaitingError
        command = self._command(session, row.version_id, instance_id, row.key, actor)
        command.thaw(row.state, row.revision, row.started_at)
        return command

    def _for_job(self, session: Session, job: jobs.Claimed) -> Command | None:
        """Lock first the instance, then the job: the same order as everybody else."""
        row = self._lock(session, job.instance_id) if job.instance_id else None
        if row is None or row.status != "running" or not jobs.holds(session, job):
            return None
        command = self._command(session, row.version_id, row.id, row.key, "system")
        command.thaw(row.state, row.revision, row.started_at)
        return command

    def _command(
        self, session: Session, version_id: int, instance_id: UUID, key: str, actor: str
    ) -> Command:
        definition = self.definitions.get(session, version_id)
        command = Command(
            session, definition, self.operations, instance_id=instance_id, key=key, actor=actor
        )
        _active(session)[instance_id] = command
        return command

    def _tick_off(self, session: Session, task_id: UUID, actor: str) -> UUID:
        """Mark the task completed if it is still open to `actor`; return its instance."""
        values = {"task": task_id, "actor": actor, "now": clock.business_now(session)}
        instance_id: UUID | None = session.execute(TICK_OFF, values).scalar_one_or_none()
        return instance_id if instance_id is not None else self._refuse(session, task_id)

    def _refuse(self, session: Session, task_id: UUID) -> Any:
        """Say why a task is not to be had: gone, done by whom and when, or claimed by whom."""
        task = session.get(UserTask, task_id, populate_existing=True)
        if task is None:
            raise NotFoundError
        if task.status == "ready":
            raise ClaimedByOtherError(by=task.claimed_by, at=task.claimed_at)
        raise AlreadyDoneError(by=task.completed_by, at=task.completed_at, status=task.status)

    @staticmethod
    def _lock(session: Session, instance_id: UUID) -> Row[*tuple[Any, ...]] | None:
        """Take the instance's row lock, the one mutex of an instance."""
        return session.execute(LOCK_INSTANCE, {"instance": instance_id}).one_or_none()


def _active(session: Session) -> dict[UUID, Command]:
    active: dict[UUID, Command] = session.info.setdefault(_ACTIVE, {})
    return active


@contextmanager
def _follow_ups(session: Session, command: Command) -> Iterator[None]:
    """Count messages that follow from a command; raise StepFailedError when they never end."""
    counts: list[int] = session.info.setdefault(_DELIVERIES, [0, 0])
    depth = counts[0]
    counts[0], counts[1] = depth + 1, counts[1] + 1 if depth else 0
    try:
        if depth > MAX_NESTED or counts[1] > MAX_DELIVERIES:
            message = "messages follow from one another without end: a process answers itself"
            raise StepFailedError(command.instance_id) from LimitError(message)
        yield
    finally:
        counts[0] = depth


def silent(_session: Session, _result: StepResult) -> None:
    """Listen to nothing: for engines without a domain."""
