"""Version 0018: batches that are still told payment by payment are found without looking through all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    uploading = sa.text("state = 'uploading'")
    op.create_index(
        "ix_batches_uploading",
        "batches",
        ["merchant_no", "terminal_no", "batch_no"],
        sqlite_where=uploading,
        postgresql_where=uploading,
    )
