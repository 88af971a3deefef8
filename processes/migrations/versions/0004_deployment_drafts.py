"""Files between their check and their deployment."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deployment_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("process", sa.String(length=100), nullable=False),
        sa.Column("comment", sa.String(length=500), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment_draft")),
    )
    op.create_index(op.f("ix_deployment_draft_owner"), "deployment_draft", ["owner"], unique=False)
    op.create_index(
        op.f("ix_deployment_draft_created_at"), "deployment_draft", ["created_at"], unique=False
    )


def downgrade() -> None:
    op.drop_table("deployment_draft")
