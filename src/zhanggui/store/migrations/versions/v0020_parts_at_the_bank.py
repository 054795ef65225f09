"""Version 0020: a payment knows how many others that add to it, or take a part of it, are at the bank."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    # None are counted from before: a host that starts closes whatever was at the bank, and that brings it to none in any case.
    whole_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("payments", sa.Column("pending_parts", whole_number, autoincrement=False, nullable=True))
