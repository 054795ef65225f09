"""Version 0003: notes of what was managed: who changed which operator, terminal or policy rule."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit_notes",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("note_no", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("made_ms", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "note_no", name=op.f("pk_audit_notes")),
        sqlite_strict=True,
    )
