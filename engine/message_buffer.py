"""Messages that come before anybody waits for them, and messages that start a process.

A message with an id of its own (`uid`) is delivered once, however often it is sent. With a time
to live it is kept until a process waits for it with its key; then it is delivered in the same
transaction that begins to wait. A message and a wait that begin at the same moment in two
transactions do not see each other; the watch brings those together (`matched`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine import clock
from engine.models import BufferedMessage, ProcessDefinition, StartSubscription, Subscription

_REMEMBERED = timedelta(days=7)
"""How long the id of a message is known after it was delivered or has expired."""


@dataclass(frozen=True)
class Kept:
    """A message that was not delivered yet."""

    id: int
    message: str
    key: str
    payload: Mapping[str, Any]
    actor: str


def register(  # noqa: PLR0913 - a row with named columns
    session: Session,
    uid: str,
    message: str,
    *,
    key: str,
    payload: Mapping[str, Any],
    actor: str,
    keep_for: timedelta,
) -> int | None:
    """Write a message down; return its number, None when its `uid` came before.

    `keep_for` is counted in real time from now; nothing means that it waits for nobody.
    """
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    now = clock.real_now(session)
    statement = (
        insert(BufferedMessage)
        .values(
            uid=uid,
            message=message,
            key=key,
            payload=dict(payload),
            actor=actor,
            received_at=now,
            expires_at=now + keep_for,
        )
        .on_conflict_do_nothing(index_elements=["uid"])
        .returning(BufferedMessage.id)
    )
    return session.execute(statement).scalar_one_or_none()


def kept_for(
    session: Session, waits: Iterable[tuple[str, str]], *, without: Iterable[int] = ()
) -> Kept | None:
    """Return the oldest message kept for these (message, key), locked; None when there is none.

    Those that somebody else is delivering right now, and the numbers `without`, are left out.
    """
    columns = tuple_(BufferedMessage.message, BufferedMessage.key)
    query = _open(session).where(columns.in_(list(waits))).limit(1)
    row = session.execute(query.where(BufferedMessage.id.not_in(list(without)))).one_or_none()
    return None if row is None else Kept(*row)


def matched(session: Session, *, limit: int = 100) -> list[tuple[Kept, UUID | None]]:
    """Return kept messages that somebody waits for, with the instance; oldest first.

    The instance is None when it is a process that the message starts.
    """
    waiting = (
        select(Subscription.instance_id)
        .where(
            Subscription.message == BufferedMessage.message,
            Subscription.key == BufferedMessage.key,
            Subscription.signal.is_(False),
        )
        .order_by(Subscription.instance_id)
        .limit(1)
        .scalar_subquery()
    )
    starts = select(StartSubscription.message)
    query = (
        _open(session)
        .add_columns(waiting)
        .where(waiting.is_not(None) | BufferedMessage.message.in_(starts))
        .limit(limit)
    )
    return [(Kept(*row[:-1]), row[-1]) for row in session.execute(query)]


def take(session: Session, number: int, instance_id: UUID | None) -> bool:
    """Note that a message goes to an instance; False when it was delivered already.

    Done before delivering, so that what follows from it does not find the message again.
    """
    query = (
        update(BufferedMessage)
        .where(BufferedMessage.id == number, BufferedMessage.delivered_at.is_(None))
        .values(delivered_at=clock.real_now(session), delivered_to=instance_id)
        .returning(BufferedMessage.id)
    )
    return session.execute(query).one_or_none() is not None


def give_back(session: Session, number: int) -> None:
    """Keep a message on that was taken and reached nobody."""
    query = update(BufferedMessage).where(BufferedMessage.id == number)
    session.execute(query.values(delivered_at=None, delivered_to=None))


def started_by(session: Session, message: str) -> list[str]:
    """Return the processes that a message starts, by name."""
    query = (
        select(ProcessDefinition.key)
        .join(StartSubscription, StartSubscription.definition_id == ProcessDefinition.id)
        .where(StartSubscription.message == message)
        .order_by(ProcessDefinition.key)
    )
    return list(session.scalars(query))


def subscribe_starts(session: Session, definition_id: int, wanted: Sequence[str]) -> None:
    """Make these, and no others, the messages that start a process."""
    of_it = StartSubscription.definition_id == definition_id
    session.execute(delete(StartSubscription).where(of_it))
    session.add_all(
        StartSubscription(definition_id=definition_id, message=message) for message in wanted
    )
    session.flush()


def forget_old(session: Session) -> None:
    """Remove messages that expired a week ago, delivered or not."""
    before = clock.real_now(session) - _REMEMBERED
    session.execute(delete(BufferedMessage).where(BufferedMessage.expires_at < before))


def _open(session: Session) -> Any:
    return (
        select(
            BufferedMessage.id,
            BufferedMessage.message,
            BufferedMessage.key,
            BufferedMessage.payload,
            BufferedMessage.actor,
        )
        .where(
            BufferedMessage.delivered_at.is_(None),
            BufferedMessage.expires_at > clock.real_now(session),
        )
        .order_by(BufferedMessage.id)
        .with_for_update(skip_locked=True, of=BufferedMessage)
    )
