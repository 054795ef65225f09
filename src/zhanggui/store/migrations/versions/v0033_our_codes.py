"""Version 0033: what a shop's own code of an order at a wallet says."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0031"


def upgrade() -> None:
    op.add_column("wallet_orders", sa.Column("shown", sa.Text(), nullable=True))
