"""Version 0008: a payment knows which of several hosts asked for it, and each host says that it lives."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    # Payments from before know no host: whoever starts next closes those that are pending, as it did.
    op.add_column("payments", sa.Column("host_id", sa.Text(), nullable=True))
    op.create_table(
        "host_leases",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("host_id", sa.Text(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "host_id", name=op.f("pk_host_leases")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
