"""Version 0028: slips that customers find by a link."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    whole_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "slip_links",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("trace_no", sa.Text(), nullable=False),
        sa.Column("opened", whole_number, autoincrement=False, nullable=False),
        sa.Column("opened_ms", whole_number, autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("merchant_no", "document_id", name=op.f("pk_slip_links")),
        sqlite_strict=True,
    )
