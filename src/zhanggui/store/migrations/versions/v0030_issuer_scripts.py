"""Version 0030: what became of the scripts that issuers sent with the answers to payments."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    whole_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "payment_scripts",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("trace_no", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("rrn", sa.Text(), nullable=False),
        sa.Column("notice_batch_no", sa.Text(), nullable=False),
        sa.Column("notice_trace_no", sa.Text(), nullable=False),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("chip_data", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("taken_ms", whole_number, autoincrement=False, nullable=False),
        sa.Column("told_ms", whole_number, autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("merchant_no", "terminal_no", "batch_no", "trace_no", name=op.f("pk_payment_scripts")),
        sqlite_strict=True,
    )
    due = sa.text("state = 'due'")
    op.create_index("ix_payment_scripts_due", "payment_scripts", ["taken_ms"], sqlite_where=due, postgresql_where=due)
