"""Version 0013: a sign-in record keeps how long each of its steps took."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("sign_ins", sa.Column("step_times", sa.Text(), nullable=True))
