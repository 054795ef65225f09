"""Version 0026: orders at QR wallets."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    whole_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "wallet_orders",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("order_no", sa.Text(), nullable=False),
        sa.Column("brand", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("next_ms", whole_number, autoincrement=False, nullable=True),
        sa.Column("amount_fen", whole_number, autoincrement=False, nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("trace_no", sa.Text(), nullable=False),
        sa.Column("original_order_no", sa.Text(), nullable=False),
        sa.Column("masked_code", sa.Text(), nullable=False),
        sa.Column("queries", whole_number, autoincrement=False, nullable=False),
        sa.Column("attempts", whole_number, autoincrement=False, nullable=False),
        sa.Column("wallet_code", sa.Text(), nullable=False),
        sa.Column("wallet_no", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("created_ms", whole_number, autoincrement=False, nullable=False),
        sa.Column("paid_ms", whole_number, autoincrement=False, nullable=True),
        sa.Column("decided_ms", whole_number, autoincrement=False, nullable=True),
        sa.Column("host_id", sa.Text(), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_wallet_orders_amount_above_zero")),
        sa.CheckConstraint(
            "next_ms IS NOT NULL OR state IN ('paid', 'refused', 'cancelled')",
            name=op.f("ck_wallet_orders_unknown_is_asked"),
        ),
        sa.PrimaryKeyConstraint("merchant_no", "order_no", name=op.f("pk_wallet_orders")),
        sqlite_strict=True,
    )
    to_ask = sa.text("next_ms IS NOT NULL")
    op.create_index(
        "ix_wallet_orders_due",
        "wallet_orders",
        ["next_ms", "merchant_no", "order_no"],
        sqlite_where=to_ask,
        postgresql_where=to_ask,
    )
