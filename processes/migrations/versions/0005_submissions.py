"""Forms that were accepted, so that a second press does nothing twice."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "submission",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_submission")),
    )
    op.create_index(op.f("ix_submission_at"), "submission", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("submission")
