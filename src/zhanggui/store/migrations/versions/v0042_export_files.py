"""Version 0042: files of lists that somebody takes away."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    whole_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "export_files",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("export_no", whole_number, autoincrement=False, nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("list_name", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("rows", whole_number, autoincrement=False, nullable=False),
        sa.Column("size_bytes", whole_number, autoincrement=False, nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("made_ms", whole_number, autoincrement=False, nullable=False),
        sa.Column("ready_ms", whole_number, autoincrement=False, nullable=True),
        sa.Column("until_ms", whole_number, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "export_no", name=op.f("pk_export_files")),
        sqlite_strict=True,
    )
    op.create_index("ix_export_files_made", "export_files", ["merchant_no", "made_ms"])
