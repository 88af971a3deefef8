"""Mailboxes, incoming mail, stored files, canned texts; threads and copies of outgoing mail."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_STATES = "'ready', 'sending', 'sent', 'failed', 'not_sent', 'cancelled', 'uncertain'"
_LOOSE = sa.text("activity_id IS NULL AND incoming_mail_id IS NULL")


def upgrade() -> None:
    _create_files()
    _create_mailboxes()
    _create_incoming_mail()
    _create_attachments()
    _create_links()
    for table, column, target in (
        ("activity", "incoming_mail_id", "incoming_mail"),
        ("cases", "mailbox_id", "mailbox"),
    ):
        # in place: the table with all its rows is not copied
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER"
            f" CONSTRAINT fk_{table}_{column}_{target} REFERENCES {target} (id)"
        )
    op.create_index("ix_activity_incoming_mail_id", "activity", ["incoming_mail_id"])
    op.add_column("cases", sa.Column("mail_key", sa.String(26), nullable=True))
    op.create_index("ix_cases_mail_key", "cases", ["mail_key"], unique=True)
    op.add_column("contact", sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("contact", sa.Column("bounce", sa.String(500), nullable=True))
    _widen_outgoing_mail()


def _words(name: str, length: int, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=length)


def _create_files() -> None:
    op.create_table(
        "stored_file",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("preview", _words("previewstate", 8, "none", "wanted", "ready"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_stored_file"),
    )
    op.create_index("ix_stored_file_created_at", "stored_file", ["created_at"])


def _create_mailboxes() -> None:
    security = ("tls", "starttls", "none")
    op.create_table(
        "mailbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("sender_name", sa.String(120), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("queue_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("intake", _words("intake", 8, "case", "inbox"), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("plus_addresses", sa.Boolean(), nullable=False),
        sa.Column("trusted_host", sa.String(254), nullable=False),
        sa.Column("imap_host", sa.String(254), nullable=False),
        sa.Column("imap_port", sa.Integer(), nullable=False),
        sa.Column("imap_security", _words("imap_security", 8, *security), nullable=False),
        sa.Column("imap_user", sa.String(254), nullable=False),
        sa.Column("imap_password", sa.LargeBinary(), nullable=False),
        sa.Column("folder", sa.String(200), nullable=False),
        sa.Column("done_folder", sa.String(200), nullable=False),
        sa.Column("smtp_host", sa.String(254), nullable=False),
        sa.Column("smtp_port", sa.Integer(), nullable=False),
        sa.Column("smtp_security", _words("smtp_security", 8, *security), nullable=False),
        sa.Column("smtp_user", sa.String(254), nullable=False),
        sa.Column("smtp_password", sa.LargeBinary(), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=True),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetch_error", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name="fk_mailbox_owner_id_staff"),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name="fk_mailbox_queue_id_queue"),
        sa.PrimaryKeyConstraint("id", name="pk_mailbox"),
        sa.UniqueConstraint("address", name="uq_mailbox_address"),
    )
    op.create_table(
        "mailbox_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("folder", sa.String(80), nullable=False),
        sa.Column("queue_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name="fk_mailbox_alias_mailbox_id_mailbox"
        ),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name="fk_mailbox_alias_queue_id_queue"),
        sa.PrimaryKeyConstraint("id", name="pk_mailbox_alias"),
        sa.UniqueConstraint("address", name="uq_mailbox_alias_address"),
    )
    op.create_index("ix_mailbox_alias_mailbox_id", "mailbox_alias", ["mailbox_id"])
    op.create_table(
        "canned_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("texts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("updated_by", sa.String(60), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name="fk_canned_text_mailbox_id_mailbox"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_canned_text"),
    )
    op.create_index("ix_canned_text_mailbox_id", "canned_text", ["mailbox_id"])


def _create_incoming_mail() -> None:
    kinds = ("person", "auto_reply", "bounce", "list", "own")
    states = ("stored", "new_case", "reply", "filed", "waiting", "quarantined")
    op.create_table(
        "incoming_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Integer(), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=True),
        sa.Column("alias_id", sa.Integer(), nullable=True),
        sa.Column("uid_validity", sa.BigInteger(), nullable=True),
        sa.Column("uid", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("message_id", sa.String(500), nullable=False),
        sa.Column("references", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("from_address", sa.String(254), nullable=False),
        sa.Column("from_name", sa.String(120), nullable=False),
        sa.Column("recipients", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("quoted", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("kind", _words("mailkind", 12, *kinds), nullable=False),
        sa.Column("state", _words("incomingstate", 12, *states), nullable=False),
        sa.Column("why", sa.String(60), nullable=False),
        sa.Column("folder", sa.String(80), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("maybe_case_id", sa.Integer(), nullable=True),
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.Column("handled_by_id", sa.Integer(), nullable=True),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{target}.{key}"], name=f"fk_incoming_mail_{column}_{target}"
            )
            for column, target, key in (
                ("alias_id", "mailbox_alias", "id"),
                ("case_id", "cases", "id"),
                ("handled_by_id", "staff", "id"),
                ("mailbox_id", "mailbox", "id"),
                ("maybe_case_id", "cases", "id"),
                ("sha256", "stored_file", "sha256"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name="pk_incoming_mail"),
        sa.UniqueConstraint("origin", "sha256", name="uq_incoming_mail_contents"),
        sa.UniqueConstraint("origin", "uid_validity", "uid", name="uq_incoming_mail_number"),
    )
    for column in ("case_id", "digest", "from_address", "message_id"):
        op.create_index(f"ix_incoming_mail_{column}", "incoming_mail", [column])
    op.create_index("ix_incoming_mail_state", "incoming_mail", ["state", "id"])
    op.create_index("ix_incoming_mail_folder", "incoming_mail", ["folder", "id"])
    op.create_index(
        "ix_incoming_mail_unread",
        "incoming_mail",
        ["state"],
        postgresql_where=sa.text("unread"),
        sqlite_where=sa.text("unread = 1"),
    )


def _create_attachments() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("content_id", sa.String(250), nullable=False),
        sa.Column("inline", sa.Boolean(), nullable=False),
        sa.Column("incoming_mail_id", sa.Integer(), nullable=True),
        sa.Column("outgoing_mail_id", sa.Integer(), nullable=True),
        sa.Column("activity_id", sa.Integer(), nullable=True),
        sa.Column("uploaded_by", sa.String(60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{target}.{key}"], name=f"fk_attachment_{column}_{target}"
            )
            for column, target, key in (
                ("activity_id", "activity", "id"),
                ("incoming_mail_id", "incoming_mail", "id"),
                ("outgoing_mail_id", "outgoing_mail", "id"),
                ("sha256", "stored_file", "sha256"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
        sa.UniqueConstraint("key", name="uq_attachment_key"),
    )
    for column in ("activity_id", "incoming_mail_id", "outgoing_mail_id", "sha256"):
        op.create_index(f"ix_attachment_{column}", "attachment", [column])
    op.create_index(
        "ix_attachment_loose",
        "attachment",
        ["created_at"],
        postgresql_where=_LOOSE,
        sqlite_where=_LOOSE,
    )


def _create_links() -> None:
    op.create_table(
        "participant",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_participant_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", "address", name="pk_participant"),
    )
    op.create_table(
        "case_link",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("kind", _words("linkkind", 24, "maybe", "related"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_link_case_id_cases"),
        sa.ForeignKeyConstraint(["other_id"], ["cases.id"], name="fk_case_link_other_id_cases"),
        sa.PrimaryKeyConstraint("case_id", "other_id", name="pk_case_link"),
    )
    op.create_index("ix_case_link_other_id", "case_link", ["other_id"])


def _widen_outgoing_mail() -> None:
    """Add threads, copies and two states; existing mails have none of the former."""
    required = (
        sa.Column("reply_to", sa.String(254), nullable=False, server_default=""),
        sa.Column("cc", sa.JSON(none_as_null=True), nullable=False, server_default="[]"),
        sa.Column("bcc", sa.JSON(none_as_null=True), nullable=False, server_default="[]"),
        sa.Column("in_reply_to", sa.String(500), nullable=False, server_default=""),
        sa.Column("references", sa.JSON(none_as_null=True), nullable=False, server_default="[]"),
        sa.Column("bounce", sa.Text(), nullable=False, server_default=""),
    )
    check = op.f("ck_outgoing_mail_mailstate")
    with op.batch_alter_table("outgoing_mail") as table:
        table.drop_constraint(check, type_="check")
        table.create_check_constraint(check, f"state IN ({_STATES})")
        table.add_column(sa.Column("mailbox_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True))
        table.create_foreign_key(
            "fk_outgoing_mail_mailbox_id_mailbox", "mailbox", ["mailbox_id"], ["id"]
        )
        for column in required:
            table.add_column(column)
    op.execute(
        "UPDATE outgoing_mail SET message_id = replace(replace(message_id, '<', ''), '>', '')"
    )
    with op.batch_alter_table("outgoing_mail") as table:
        for column in required:  # the default was for rows that existed
            table.alter_column(column.name, server_default=None)


def downgrade() -> None:
    message = "mails and files that came in would be lost; restore a backup"
    raise RuntimeError(message)
