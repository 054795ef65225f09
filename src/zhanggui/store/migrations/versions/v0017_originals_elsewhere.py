"""Version 0017: a payment may be about one of another terminal of the shop, and may add to its amount or take a part of it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    # Payments from before were about whole payments of their own terminal.
    op.add_column("payments", sa.Column("original_terminal_no", sa.Text(), nullable=True))
    op.add_column("payments", sa.Column("undone_by_terminal_no", sa.Text(), nullable=True))
    whole_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("payments", sa.Column("adjusted_fen", whole_number, autoincrement=False, nullable=True))
