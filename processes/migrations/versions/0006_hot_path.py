"""Lean engine tables: narrower keys and indexes; buffered messages and message starts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_READY = sa.text("status = 'ready'")
_CLAIMED = sa.text("status = 'ready' AND claimed_by IS NOT NULL")
_DEDUPED = sa.text("dedupe_key IS NOT NULL")
_OPEN = sa.text("delivered_at IS NULL")


def upgrade() -> None:
    op.drop_index("ix_user_task_instance", "user_task")
    op.create_index(
        "ix_user_task_instance",
        "user_task",
        ["instance_id"],
        postgresql_where=_READY,
        sqlite_where=_READY,
    )
    op.drop_index("ix_user_task_claimed", "user_task")
    op.create_index(
        "ix_user_task_claimed",
        "user_task",
        ["claimed_by"],
        postgresql_where=_CLAIMED,
        sqlite_where=_CLAIMED,
    )
    with op.batch_alter_table("job") as table:
        table.alter_column("dedupe_key", existing_type=sa.String(150), nullable=True)
        table.drop_constraint("uq_job_dedupe_key", type_="unique")
    op.execute("UPDATE job SET dedupe_key = NULL WHERE kind IN ('timer', 'service')")
    op.create_index(
        "uq_job_dedupe_key",
        "job",
        ["dedupe_key"],
        unique=True,
        postgresql_where=_DEDUPED,
        sqlite_where=_DEDUPED,
    )
    _key_history_by_revision()
    _key_subscriptions_by_task()
    op.create_table(
        "start_subscription",
        sa.Column("definition_id", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["process_definition.id"],
            name="fk_start_subscription_definition_id_process_definition",
        ),
        sa.PrimaryKeyConstraint("definition_id", "message", name="pk_start_subscription"),
    )
    op.create_index("ix_start_subscription_message", "start_subscription", ["message"])
    _create_message_buffer()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE process_instance ALTER COLUMN state SET STORAGE EXTERNAL")


def _key_history_by_revision() -> None:
    _set_aside("history", "pk_history", "fk_history_instance_id_process_instance")
    op.create_table(
        "history",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("element_id", sa.String(100), nullable=True),
        sa.Column("steps", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name="fk_history_instance_id_process_instance",
        ),
        sa.PrimaryKeyConstraint("instance_id", "revision", name="pk_history"),
    )
    op.execute(
        "INSERT INTO history (instance_id, revision, at, actor, cause, element_id, steps)"
        " SELECT instance_id, revision, at, actor, cause, element_id, steps FROM history_before"
    )
    op.drop_table("history_before")


def _key_subscriptions_by_task() -> None:
    op.drop_index("ix_subscription_message", "subscription")
    op.drop_index("ix_subscription_instance", "subscription")
    _set_aside("subscription", "pk_subscription", "fk_subscription_instance_id_process_instance")
    op.create_table(
        "subscription",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("element_id", sa.String(100), nullable=False),
        sa.Column("message", sa.String(100), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("signal", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["process_instance.id"],
            name="fk_subscription_instance_id_process_instance",
        ),
        sa.PrimaryKeyConstraint(
            "instance_id", "task_id", "element_id", "message", name="pk_subscription"
        ),
    )
    op.execute(
        "INSERT INTO subscription (instance_id, task_id, element_id, message, key, signal)"
        " SELECT DISTINCT instance_id, task_id, element_id, message, key, false"
        " FROM subscription_before"
    )
    op.drop_table("subscription_before")
    op.create_index("ix_subscription_message", "subscription", ["message", "key"])


def _set_aside(table: str, *constraints: str) -> None:
    """Rename a table and its constraints, whose names PostgreSQL wants only once."""
    op.rename_table(table, f"{table}_before")
    if op.get_bind().dialect.name == "postgresql":
        for name in constraints:
            op.execute(f"ALTER TABLE {table}_before RENAME CONSTRAINT {name} TO {name}_before")


def _create_message_buffer() -> None:
    op.create_table(
        "message_buffer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(200), nullable=False),
        sa.Column("message", sa.String(100), nullable=False),
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_to", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_message_buffer"),
        sa.UniqueConstraint("uid", name="uq_message_buffer_uid"),
    )
    op.create_index(
        "ix_message_buffer_open",
        "message_buffer",
        ["message", "key"],
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    )
    op.create_index("ix_message_buffer_expires_at", "message_buffer", ["expires_at"])


def downgrade() -> None:
    message = "what was narrowed cannot be widened again; restore a backup"
    raise RuntimeError(message)
