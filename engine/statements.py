"""The statements of the hot path, built once: a command executes them with values only.

Building a statement costs more than executing it (measured: 60 % of a command's time on SQLite
went into construction and cache keys). They are written against tables, not mapped classes, so
that a session runs them without the mapper.
"""

from typing import Final, cast

from sqlalchemy import Table, bindparam, delete, insert, or_, select, update

from engine.models import (
    HistoryEntry,
    Job,
    ProcessDefinition,
    ProcessInstance,
    Subscription,
    UserTask,
)

_instance = cast("Table", ProcessInstance.__table__)
_task = cast("Table", UserTask.__table__)
_job = cast("Table", Job.__table__)
_subscription = cast("Table", Subscription.__table__)
_history = cast("Table", HistoryEntry.__table__)
_definition = cast("Table", ProcessDefinition.__table__)

_UPDATED = ("status", "state", "codec", "revision", "waiting_at", "updated_at", "ended_at")

ACTIVE_VERSION: Final = select(_definition.c.active_version_id).where(
    _definition.c.key == bindparam("process")
)

LOCK_INSTANCE: Final = (
    select(
        _instance.c.id,
        _instance.c.version_id,
        _instance.c.key,
        _instance.c.state,
        _instance.c.status,
        _instance.c.revision,
        _instance.c.started_at,
    )
    .where(_instance.c.id == bindparam("instance"))
    .with_for_update()
)

INSERT_INSTANCE: Final = insert(_instance)

UPDATE_INSTANCE: Final = (
    update(_instance)
    .where(_instance.c.id == bindparam("instance"))
    .values({name: bindparam(name) for name in _UPDATED})
)

INSERT_HISTORY: Final = insert(_history)

TICK_OFF: Final = (
    update(_task)
    .where(_task.c.id == bindparam("task"), _task.c.status == "ready")
    .where(or_(_task.c.claimed_by.is_(None), _task.c.claimed_by == bindparam("actor")))
    .values(status="completed", completed_by=bindparam("actor"), completed_at=bindparam("now"))
    .returning(_task.c.instance_id)
)

INSERT_TASKS: Final = insert(_task)

CANCEL_TASKS: Final = (
    update(_task)
    .where(_task.c.id.in_(bindparam("tasks", expanding=True)), _task.c.status == "ready")
    .values(status="cancelled", completed_at=bindparam("now"))
)

INSERT_JOBS: Final = insert(_job)

DROP_JOBS: Final = delete(_job).where(
    _job.c.dedupe_key.in_(bindparam("keys", expanding=True)), _job.c.state != "done"
)

INSERT_SUBSCRIPTIONS: Final = insert(_subscription)

DROP_SUBSCRIPTIONS: Final = (
    delete(_subscription)
    .where(_subscription.c.instance_id == bindparam("instance"))
    .where(_subscription.c.task_id.in_(bindparam("tasks", expanding=True)))
)

SUBSCRIBED: Final = (
    select(_subscription.c.instance_id)
    .where(_subscription.c.message == bindparam("message"))
    .where(_subscription.c.key == bindparam("key"))
    .distinct()
    .order_by(_subscription.c.instance_id)
)
