"""Version 0004: when each terminal was last heard of, for hosts that share a database; wrong tries for numbers of nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "terminals_heard",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("heard_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "terminal_no", name=op.f("pk_terminals_heard")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "strangers",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("operator_no", sa.Text(), nullable=False),
        sa.Column("failed_count", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("locked_until_ms", WHOLE_NUMBER, nullable=True),
        sa.Column("next_try_ms", WHOLE_NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("merchant_no", "operator_no", name=op.f("pk_strangers")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
