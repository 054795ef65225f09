"""Version 0043: by which token something was proposed, and which proposals of a person may still be open."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    op.add_column("proposals", sa.Column("token_id", sa.Text(), nullable=True))
    op.add_column("proposals", sa.Column("ended_with", sa.Text(), nullable=True))
    op.add_column("people", sa.Column("proposals", sa.Text(), nullable=True))
