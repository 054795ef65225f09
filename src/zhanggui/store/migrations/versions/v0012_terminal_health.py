"""Version 0012: what a terminal said last of its parts is kept, and since when a part is not ok."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "terminals_health",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("merchant_no", "terminal_no", "told")),
        sa.Column("told_ms", number, autoincrement=False, nullable=False),
        sa.Column("not_ok", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "terminal_no", name=op.f("pk_terminals_health")),
        sqlite_strict=True,
    )
