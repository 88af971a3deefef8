"""The verbs: start, complete a user task, claim, release, correlate, fire due, cancel, retry.

Each works inside the caller's writing transaction, under the instance's row lock: thaw, do one
thing, freeze, write the differences. Whatever raises leaves nothing behind once the caller
rolls back.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.orm import Session

from engine import clock, incidents, jobs, repair
from engine.command import Command, Listener
from engine.correlation import Correlation, active_commands
from engine.definitions import Definitions
from engine.errors import (
    AlreadyDoneError,
    ClaimedByOtherError,
    NotFoundError,
    NotWaitingError,
)
from engine.models import UserTask
from engine.registry import Operations
from engine.repair import Comparison
from engine.spiff.events import Thrown
from engine.steps import StepResult
from engine.store import Found, Store
from engine.watch import OVERDUE, STUCK
from engine.watch.jobs import hurry

_ABOUT_ROWS = (STUCK, OVERDUE)


class Engine(Correlation):
    """Runs processes on one set of operations; holds no state of any instance."""

    def __init__(self, operations: Operations, listener: Listener) -> None:
        self.operations = operations
        self.definitions = Definitions()
        self._listener = listener

    def start(
        self,
        session: Session,
        process: str,
        *,
        key: str,
        data: Mapping[str, Any],
        actor: str,
        message: str | None = None,
    ) -> UUID:
        """Start an instance on the active version, run it to its first wait, return its id.

        With `message` it starts at the start event for that message, and `data` is what came
        along. Raises NotFoundError when no such process is deployed, NotWaitingError when it has
        no such start, StepFailedError when a step fails.
        """
        store = Store(session)
        version_id = store.active_version(process)
        if version_id is None:
            raise NotFoundError(process=process)
        command = self._command(store, version_id, uuid4(), key, actor)
        command.begin(data, message)
        self._settle(command)
        return command.instance_id

    def complete_user_task(
        self, session: Session, task_id: UUID, form: Mapping[str, Any], actor: str
    ) -> StepResult:
        """Complete a user task with the values of its form, which the named operation receives.

        Exactly one of any number of competitors wins. Raises NotFoundError, AlreadyDoneError
        (who and when), ClaimedByOtherError, and whatever the operation raises.
        """
        store = Store(session)
        found = store.by_task(task_id)
        if found is None or found.status != "running" or found.task_status != "ready":
            self._refuse(session, task_id)
        if found.claimed_by not in {None, actor}:
            self._refuse(session, task_id)
        command = self._thawed(store, found, actor)
        try:
            command.complete(task_id, form)
        except NotWaitingError:  # somebody completed it between our look and our lock
            self._refuse(session, task_id)
        return self._settle(command)

    def claim(self, session: Session, task_id: UUID, actor: str) -> None:
        """Reserve a user task for `actor`. Raises ClaimedByOtherError or AlreadyDoneError."""
        statement = (
            update(UserTask)
            .where(UserTask.id == task_id, jobs.ready(UserTask.status))
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
            .where(UserTask.id == task_id, jobs.ready(UserTask.status))
            .where(UserTask.claimed_by == actor)
            .values(claimed_by=None, claimed_at=None)
            .returning(UserTask.id)
        )
        if session.execute(statement).one_or_none() is None:
            self._refuse(session, task_id)

    def fire_due(self, session: Session, claimed: Sequence[jobs.Claimed]) -> set[int]:
        """Fire the due timers of the instances of claimed timer jobs, all in one transaction.

        Returns the ids of the jobs that were still ours; of the others nothing is written:
        somebody else fires or fired them. When one instance raises, the caller rolls back and
        does them one by one.
        """
        store = Store(session)
        ours, commands = self._for_jobs(store, claimed)
        for command in commands.values():
            command.fire_due()
        self._settle_all(store, list(commands.values()))
        for job in ours:
            command = commands[job.instance_id]  # type: ignore[index]  # ours have an instance
            if command.still_waits(job.task_id, job.element_id):
                jobs.release(session, job)
        return {job.id for job in ours}

    def run_service(self, session: Session, job: jobs.Claimed) -> bool:
        """Run the operation of an asynchronous service task and move its instance on.

        False when the claim is outdated or the task is gone. Raises what the operation raises.
        """
        _, commands = self._for_jobs(Store(session), [job])
        if job.task_id is None or not commands:
            return False
        (command,) = commands.values()
        command.run_service(job.task_id)
        if not jobs.finish(session, job):
            raise NotWaitingError
        self._settle(command)
        return True

    def cancel(self, session: Session, instance_id: UUID, reason: str, actor: str) -> StepResult:
        """End a running instance; its tasks, timers and subscriptions go. Keeps the reason.

        Its state is not read: one that cannot be read any more ends like any other. Raises
        NotFoundError, NotWaitingError when it has ended.
        """
        store = Store(session)
        found = self._running(store, instance_id)
        command = self._command(store, found.version_id, found.id, found.key, actor)
        command.cancel(found.revision, repair.noted(session, found.id, found.key), reason)
        return self._settle(command)

    def repair(self, session: Session, instance_id: UUID) -> Comparison:
        """Write the rows of an instance anew from its state; return what was wrong.

        Raises NotFoundError.
        """
        found = repair.repair(session, self.definitions, instance_id)
        if found is None:
            raise NotFoundError
        return found

    def retry(self, session: Session, incident_id: int, actor: str) -> bool:
        """Resolve an incident and do again what failed: its job, or the rows of its instance.

        False when nothing can be done: the instance waits for nothing, even by its state; the
        incident stays open. Raises NotFoundError when the incident is not open.
        """
        incident = incidents.find_open(session, incident_id)
        if incident is None:
            raise NotFoundError
        if incident.kind in _ABOUT_ROWS and incident.instance_id is not None:
            found = self.repair(session, incident.instance_id)
            if incident.kind == STUCK and not found.waits:
                return False
        if incidents.resolve(session, incident_id, actor) is None:
            raise NotFoundError
        if incident.job_id is not None:
            _ = jobs.reopen(session, incident.job_id) or hurry(session, incident.job_id)
        return True

    def _settle(self, command: Command) -> StepResult:
        """Write what the command did, tell the domain, then deliver what the process threw."""
        return self._settle_all(command.store, [command])[0]

    def _settle_all(self, store: Store, commands: Sequence[Command]) -> list[StepResult]:
        session = store.session
        outcomes = [command.outcome() for command in commands]
        if not outcomes:
            return []
        written = store.write([changes for _, changes in outcomes])
        if not written.ticked_off:
            self._refuse(session, outcomes[0][1].ticked_off.task_id)  # type: ignore[union-attr]  # it was this that failed
        active = active_commands(session)
        for command, (result, changes) in zip(commands, outcomes, strict=True):
            active.pop(command.instance_id, None)
            self._tell(command, result)
            if written.kept:
                self._hand_over_kept(command, changes)
        return [result for result, _ in outcomes]

    def _tell(self, command: Command, result: StepResult) -> None:
        session = command.session
        self._listener(session, result)
        for callback in command.afterwards:
            callback(result)
        self._pass_on(command)

    def _deliver(self, session: Session, instance_id: UUID, item: Thrown, actor: str) -> int:
        try:
            store = Store(session)
            command = self._thawed(store, self._running(store, instance_id), actor)
            command.send(item.name, item.payload, kind=item.kind, key=item.key)
        except NotWaitingError:  # it moved on between our look and our lock
            active_commands(session).pop(instance_id, None)
            return 0
        self._settle(command)
        return 1

    @staticmethod
    def _running(store: Store, instance_id: UUID) -> Found:
        """Lock an instance. Raises NotFoundError; NotWaitingError when it ended."""
        found = store.by_id(instance_id).get(instance_id)
        if found is None:
            raise NotFoundError
        if found.status != "running":
            raise NotWaitingError
        return found

    def _thawed(self, store: Store, found: Found, actor: str) -> Command:
        command = self._command(store, found.version_id, found.id, found.key, actor)
        command.thaw(found.state, found.revision, found.started_at)
        return command

    def _for_jobs(
        self, store: Store, claimed: Sequence[jobs.Claimed]
    ) -> tuple[list[jobs.Claimed], dict[UUID, Command]]:
        """Lock first the instances, then the jobs: the same order as everybody else.

        Returns the jobs that are still ours, and a command for each of their instances.
        """
        found = store.by_id(*{job.instance_id for job in claimed if job.instance_id})
        tokens = store.claimed([job.id for job in claimed])
        ours = [
            job
            for job in claimed
            if tokens.get(job.id) == job.token
            and job.instance_id in found
            and found[job.instance_id].status == "running"
        ]
        wanted = {job.instance_id for job in ours}
        commands = {
            key: self._thawed(store, instance, "system")
            for key, instance in found.items()
            if key in wanted
        }
        return ours, commands

    def _command(
        self, store: Store, version_id: int, instance_id: UUID, key: str, actor: str
    ) -> Command:
        definition = self.definitions.get(store.session, version_id)
        command = Command(
            store, definition, self.operations, instance_id=instance_id, key=key, actor=actor
        )
        active_commands(store.session)[instance_id] = command
        return command

    def _refuse(self, session: Session, task_id: UUID) -> NoReturn:
        """Say why a task is not to be had: gone, done by whom and when, or claimed by whom."""
        task = session.get(UserTask, task_id, populate_existing=True)
        if task is None:
            raise NotFoundError
        if task.status == "ready":
            raise ClaimedByOtherError(by=task.claimed_by, at=task.claimed_at)
        raise AlreadyDoneError(by=task.completed_by, at=task.completed_at, status=task.status)


def silent(_session: Session, _result: StepResult) -> None:
    """Listen to nothing: for engines without a domain."""
