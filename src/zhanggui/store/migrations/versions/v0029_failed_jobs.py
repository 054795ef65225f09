"""Version 0029: a job knows how often it failed, one time after the other; its wait grows with it."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    whole_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("jobs", sa.Column("failed_count", whole_number, autoincrement=False, nullable=True))
