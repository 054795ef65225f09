"""Version 0022: merchant copies that were ticked off."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    whole_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "slip_ticks",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("trace_no", sa.Text(), nullable=False),
        sa.Column("ticked_by", sa.Text(), nullable=False),
        sa.Column("ticked_ms", whole_number, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "terminal_no", "batch_no", "trace_no", name=op.f("pk_slip_ticks")),
        sqlite_strict=True,
    )
