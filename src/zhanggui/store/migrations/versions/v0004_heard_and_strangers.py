"""Version 0004: when each terminal was last heard of, for hosts that share a database."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "terminals_heard",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column(
            "heard_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("merchant_no", "terminal_no", name=op.f("pk_terminals_heard")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
