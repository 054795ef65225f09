"""Version 0040: when a code on a counter was withdrawn, and when a wallet told two things of what was paid by one."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    whole_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("wallet_orders", sa.Column("contradicted_ms", whole_number, nullable=True))
    op.add_column("counter_codes", sa.Column("withdrawn_ms", whole_number, nullable=True))
