"""Version 0031: a payment says at which wallet it is, where it is at one."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.add_column("payments", sa.Column("wallet", sa.Text(), nullable=True))
