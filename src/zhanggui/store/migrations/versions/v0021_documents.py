"""Version 0021: sealed documents, and which of them a payment was signed by."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    whole_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "documents",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", whole_number, autoincrement=False, nullable=False),
        sa.Column("kept_ms", whole_number, autoincrement=False, nullable=False),
        sa.Column("until_ms", whole_number, autoincrement=False, nullable=False),
        sa.Column("erased_ms", whole_number, autoincrement=False, nullable=True),
        sa.Column("erased_why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_no", "document_id", name=op.f("pk_documents")),
        sqlite_strict=True,
    )
    kept = sa.text("erased_ms IS NULL")
    op.create_index("ix_documents_until", "documents", ["until_ms"], sqlite_where=kept, postgresql_where=kept)
    op.create_table(
        "payment_signatures",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("trace_no", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("feature_code", sa.Text(), nullable=False),
        sa.Column("taken_ms", whole_number, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint(
            "merchant_no", "terminal_no", "batch_no", "trace_no", name=op.f("pk_payment_signatures")
        ),
        sqlite_strict=True,
    )
