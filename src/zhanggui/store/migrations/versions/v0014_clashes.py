"""Version 0014: what two terminals under one number claim is a record; a payment knows the sign-on under which it left."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    # What came before knows of no sign-on: a reversal of it may name none either.
    op.add_column("payments", sa.Column("epoch", sa.Text(), nullable=True))
    op.add_column("approvals", sa.Column("original", sa.Text(), nullable=True))
    whole_number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "clashes",
        sa.Column("merchant_no", sa.Text(), nullable=False),
        sa.Column("terminal_no", sa.Text(), nullable=False),
        sa.Column("batch_no", sa.Text(), nullable=False),
        sa.Column("trace_no", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("times", whole_number, nullable=False),
        sa.Column("amount_fen", whole_number, nullable=False),
        sa.Column("operator_no", sa.Text(), nullable=False),
        sa.Column("first_ms", whole_number, nullable=False),
        sa.Column("last_ms", whole_number, nullable=False),
        sa.Column("case_no", whole_number, nullable=True),
        sa.PrimaryKeyConstraint("merchant_no", "terminal_no", "batch_no", "trace_no", "what", name=op.f("pk_clashes")),
        sqlite_strict=True,
    )
