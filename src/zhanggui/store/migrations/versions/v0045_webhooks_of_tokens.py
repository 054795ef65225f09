"""Version 0045: by which token a webhook is as it is."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.add_column("webhooks", sa.Column("token_id", sa.Text(), nullable=True))
    op.add_column("people", sa.Column("webhooks", sa.Text(), nullable=True))
