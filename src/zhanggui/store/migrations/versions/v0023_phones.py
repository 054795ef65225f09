"""Version 0023: the last code that each terminal showed for a phone."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    whole_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "phone_attempts",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_ms", whole_number, autoincrement=False, nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("answers", whole_number, autoincrement=False, nullable=False),
        sa.Column("known_ms", whole_number, autoincrement=False, nullable=True),
        sa.Column("operator_no", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("replays", whole_number, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "terminal_no", name=op.f("pk_phone_attempts")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
