"""Version 0039: codes that stand on counters."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    whole_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "counter_codes",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_ms", whole_number, autoincrement=False, nullable=False),
        sa.Column("billed_ms", whole_number, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "terminal_no", name=op.f("pk_counter_codes")),
        sqlite_strict=True,
    )
