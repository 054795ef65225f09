"""Version 0005: when a terminal was last given the keys that wait for their first good MAC."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # Terminals that wait since before know no instant: their next 0800 brings new keys.
    column = sa.Column("next_keys_ms", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
    op.add_column("terminals", column)
