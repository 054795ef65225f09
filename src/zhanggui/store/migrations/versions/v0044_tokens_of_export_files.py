"""Version 0044: by which token a file of a list was asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    op.add_column("export_files", sa.Column("token_id", sa.Text(), nullable=True))
