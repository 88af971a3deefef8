"""The verbs on messages and signals: correlate, broadcast, deliver what was kept."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine import incidents, jobs, message_buffer
from engine.command import Command, Deferred
from engine.errors import AppError, StepFailedError
from engine.message_buffer import Kept
from engine.spiff.events import MAX_KEY, Thrown
from engine.spiff.workflow import LimitError
from engine.store import Changes, Store

MAX_NESTED = 25
"""Messages that may follow from one another in one command, each from the one before."""
MAX_DELIVERIES = 1_000
"""Commands that may follow from one, and kept messages one instance may get, in a transaction."""
_MOST_AT_ONCE = 20
"""Instances that get a signal within the transaction that throws it."""
_ACTIVE = "engine_active"
"""Key in `session.info`: commands being carried out in this transaction, by instance."""
_FOLLOWING = "engine_following"
"""Key in `session.info`: [how deep messages follow from one another, how many in all]."""
_RECEIVING = "engine_receiving"
"""Key in `session.info`: what instances wait for that are being given kept messages."""


def active_commands(session: Session) -> dict[UUID, Command]:
    """Return the commands being carried out in this transaction, by instance."""
    active: dict[UUID, Command] = session.info.setdefault(_ACTIVE, {})
    return active


class Correlation(ABC):
    """The part of an engine that knows messages; the rest knows how to start and to deliver."""

    @abstractmethod
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
        """Start an instance, with `message` at the start event for it."""

    @abstractmethod
    def _deliver(self, session: Session, instance_id: UUID, item: Thrown, actor: str) -> int:
        """Give a message or signal to one instance; 0 when it does not wait for it."""

    def correlate(  # noqa: PLR0913 - a message has that many facts
        self,
        session: Session,
        message: str,
        *,
        key: str,
        payload: Mapping[str, Any],
        actor: str,
        uid: str = "",
        keep_for: timedelta = timedelta(0),
    ) -> int:
        """Deliver a message to every instance that waits for it with this key.

        That is the business key of the instance, or the correlation key of the waiting element.
        When nobody waits it starts an instance of every process that begins with this message.
        With `keep_for` (real time) a message that reached nobody is kept until somebody waits
        for it. The same `uid` twice is one message.

        Returns how many moved on or were started; 0 when nobody waits, or it came before. An
        instance whose own operation sends the message gets it after the command that sends it,
        if it then waits for it.
        """
        item, number = Thrown("message", message, dict(payload), key[:MAX_KEY]), None
        if uid or keep_for:
            number = message_buffer.register(
                session,
                uid or uuid4().hex,
                message,
                key=item.key,
                payload=payload,
                actor=actor,
                keep_for=keep_for,
            )
            if number is None:
                return 0
            # at once: what follows from it must not find it kept
            message_buffer.take(session, number, None)
        reached = self._reach(session, item, actor, number)
        if number is not None and not reached:
            message_buffer.give_back(session, number)
        return reached

    def broadcast(
        self, session: Session, signal: Thrown, actor: str, *, without: UUID | None = None
    ) -> int:
        """Give a signal to every instance that waits for it; return how many get it.

        A few get it in this transaction; where many wait, each gets it in a job of its own.
        """
        active = active_commands(session)
        listening = [
            instance_id
            for instance_id in Store(session).listening(signal.name)
            if instance_id != without and instance_id not in active
        ]
        if len(listening) > _MOST_AT_ONCE:
            jobs.enqueue_signals(session, listening, asdict(signal) | {"actor": actor})
            return len(listening)
        return sum(self._deliver(session, each, signal, actor) for each in listening)

    def deliver_signal(self, session: Session, job: jobs.Claimed) -> bool:
        """Give a signal to the instance of a claimed job; False when the claim is outdated."""
        payload = dict(job.payload)
        actor = payload.pop("actor")
        if job.instance_id is None or not jobs.finish(session, job):
            return False
        self._deliver(session, job.instance_id, Thrown(**payload), actor)
        return True

    def deliver_kept(self, session: Session) -> int:
        """Deliver kept messages for which somebody waits by now; return how many.

        Messages are delivered as soon as a process waits for them. This finds those whose wait
        began in the same moment they came in; the watch calls it. One that a process cannot take
        changes nothing, becomes an incident and stays kept.
        """
        delivered = 0
        for kept, instance_id in message_buffer.matched(session):
            with _on_trial(session):  # the others shall not wait for one that fails
                delivered += self._deliver_one_kept(session, kept, instance_id)
        return delivered

    def _deliver_one_kept(self, session: Session, kept: Kept, instance_id: UUID | None) -> int:
        if not message_buffer.take(session, kept.id, instance_id):
            return 0  # it came along with one before
        item = Thrown("message", kept.message, dict(kept.payload), kept.key)
        if instance_id is None:
            reached = self._reach(session, item, kept.actor)
        else:
            reached = self._deliver(session, instance_id, item, kept.actor)
        if not reached:
            message_buffer.give_back(session, kept.id)
        return reached

    def _hand_over_kept(self, command: Command, changes: Changes) -> None:
        """Deliver messages that came before this instance began to wait for them.

        One after the other, the oldest first, also those it waits for only after the last one;
        where there are very many the watch brings the rest. One that the process cannot take
        undoes nothing of what made it wait, becomes an incident and stays kept.
        """
        session, instance_id = command.session, command.instance_id
        waits = {(row[3], row[4]) for row in changes.waits if not row[5]}
        receiving: dict[UUID, set[tuple[str, str]]] = session.info.setdefault(_RECEIVING, {})
        if instance_id in receiving:  # this is what came of the last one
            receiving[instance_id] |= waits
            return
        receiving[instance_id], refused = waits, set[int]()
        try:
            for _ in range(MAX_DELIVERIES if waits else 0):
                kept = message_buffer.kept_for(session, receiving[instance_id], without=refused)
                if kept is None:
                    break
                reached = 0
                with _on_trial(session):
                    reached = self._deliver_one_kept(session, kept, instance_id)
                if not reached:
                    refused.add(kept.id)
        finally:
            del receiving[instance_id]

    def _reach(self, session: Session, item: Thrown, actor: str, number: int | None = None) -> int:
        """Give a message to all who wait for it, else to the processes it starts.

        `number` is its own when it is written down: a command in progress that gets it later
        takes it by that number, unless others have it by then.
        """
        active = active_commands(session)
        waiting = Store(session).waiting(item.name, item.key)
        later = Deferred(item, number)
        for command in active.values():
            if command.key == item.key or command.instance_id in waiting:
                command.deferred.append(later)
        if not waiting:
            reached = self._start_by(session, item, actor)
        else:
            others = [instance_id for instance_id in waiting if instance_id not in active]
            reached = sum(self._deliver(session, each, item, actor) for each in others)
        if reached:
            later.number = None  # it counts as delivered; who is still busy gets it as well
        return reached

    def _deliver_later(self, command: Command, later: Deferred) -> None:
        """Give a command's own instance what was sent to it meanwhile, a kept message once."""
        session, number = command.session, later.number
        if number is not None and not message_buffer.take(session, number, command.instance_id):
            return
        reached = self._deliver(session, command.instance_id, later.item, command.actor)
        if number is not None and not reached:
            message_buffer.give_back(session, number)

    def _start_by(self, session: Session, item: Thrown, actor: str) -> int:
        processes = message_buffer.started_by(session, item.name)
        for process in processes:
            self.start(
                session, process, key=item.key, data=item.payload, actor=actor, message=item.name
            )
        return len(processes)

    def _pass_on(self, command: Command) -> None:
        """Give what a command threw to whom it may concern: by key, or a signal to all others."""
        session, actor = command.session, command.actor
        with _following(command):
            for thrown in command.thrown:
                if thrown.kind == "signal":
                    self.broadcast(session, thrown, actor, without=command.instance_id)
                else:
                    key, payload = thrown.key or command.key, thrown.payload
                    self.correlate(session, thrown.name, key=key, payload=payload, actor=actor)
            for later in command.deferred:
                self._deliver_later(command, later)


@contextmanager
def _on_trial(session: Session) -> Iterator[None]:
    """Do something that may fail: it is undone alone then, and becomes an incident.

    Undone are its rows and what it left with the commands around it, which go on.
    """
    active, receiving = active_commands(session), session.info.setdefault(_RECEIVING, {})
    around = [(command, len(command.deferred)) for command in active.values()]
    waits = {instance_id: set(each) for instance_id, each in receiving.items()}
    try:
        with session.begin_nested():
            yield
    except AppError as error:
        active.clear()
        active.update((command.instance_id, command) for command, _ in around)
        for command, count in around:
            del command.deferred[count:]
        receiving.update(waits)
        incidents.record_once(session, error)


@contextmanager
def _following(command: Command) -> Iterator[None]:
    """Count what follows from a command. Raises StepFailedError when that never ends."""
    counts: list[int] = command.session.info.setdefault(_FOLLOWING, [0, 0])
    depth = counts[0]
    counts[0], counts[1] = depth + 1, counts[1] + 1 if depth else 0
    try:
        if depth > MAX_NESTED or counts[1] > MAX_DELIVERIES:
            message = "messages follow from one another without end: a process answers itself"
            raise StepFailedError(command.instance_id) from LimitError(message)
        yield
    finally:
        counts[0] = depth
