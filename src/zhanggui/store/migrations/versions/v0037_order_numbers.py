"""Version 0037: a payment at a wallet says the number of its order there, which followed from its instant before."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0034"


def upgrade() -> None:
    op.add_column("payments", sa.Column("order_no", sa.Text(), nullable=True))
    # An order and its payment were begun in one commit, at one instant.
    op.execute(
        "UPDATE payments SET order_no = (SELECT max(o.order_no) FROM wallet_orders o WHERE o.merchant_no = payments.merchant_no"
        " AND o.terminal_no = payments.terminal_no AND o.batch_no = payments.batch_no AND o.trace_no = payments.trace_no"
        " AND o.created_ms = payments.created_ms) WHERE wallet IS NOT NULL"
    )
