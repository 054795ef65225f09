"""Version 0024: a payment that the host refused by itself says why."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("payments", sa.Column("reason", sa.Text(), nullable=True))
