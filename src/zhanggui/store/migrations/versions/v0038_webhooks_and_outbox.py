"""Version 0038: webhooks, and the outbox of what is to be said to programs of others."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    whole_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "webhooks",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("webhook_no", whole_number, autoincrement=False, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("old_secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_until_ms", whole_number, autoincrement=False, nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_ms", whole_number, autoincrement=False, nullable=False),
        sa.Column("since_ms", whole_number, autoincrement=False, nullable=False),
        sa.Column("failing_since_ms", whole_number, autoincrement=False, nullable=True),
        sa.Column("case_no", whole_number, autoincrement=False, nullable=True),
        sa.Column("changed_ms", whole_number, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "webhook_no", name=op.f("pk_webhooks")),
        sqlite_strict=True,
    )
    op.create_index("ix_webhooks_changed", "webhooks", ["changed_ms"])
    op.create_table(
        "outbox_messages",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("webhook_merchant_no", sa.Text(), nullable=False),
        sa.Column("webhook_no", whole_number, autoincrement=False, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", whole_number, autoincrement=False, nullable=False),
        sa.Column("next_ms", whole_number, autoincrement=False, nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("made_ms", whole_number, autoincrement=False, nullable=False),
        sa.Column("ended_ms", whole_number, autoincrement=False, nullable=True),
        sa.CheckConstraint(
            "(next_ms IS NOT NULL) = (state = 'queued')", name=op.f("ck_outbox_messages_queued_is_tried")
        ),
        sa.PrimaryKeyConstraint("merchant_no", "message_id", name=op.f("pk_outbox_messages")),
        sqlite_strict=True,
    )
    queued = sa.text("state = 'queued'")
    op.create_index(
        "ix_outbox_messages_queued",
        "outbox_messages",
        ["webhook_merchant_no", "webhook_no", "next_ms"],
        sqlite_where=queued,
        postgresql_where=queued,
    )
    op.create_index("ix_outbox_messages_made", "outbox_messages", ["webhook_merchant_no", "webhook_no", "made_ms"])
