"""Version 0027: a payment by code is known to the customer's bank by a voucher, by which it is voided and refunded."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("payments", sa.Column("pay_voucher", sa.Text(), nullable=True))
    op.create_index(
        "ix_payments_voucher",
        "payments",
        ["merchant_no", "pay_voucher"],
        sqlite_where=sa.text("pay_voucher IS NOT NULL"),
        postgresql_where=sa.text("pay_voucher IS NOT NULL"),
    )
