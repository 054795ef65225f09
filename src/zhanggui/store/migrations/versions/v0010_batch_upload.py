"""Version 0010: what a terminal tells of a batch payment by payment, and what of it differs."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BATCH = ("merchant_no", "terminal_no", "batch_no")


def upgrade() -> None:
    op.create_table(
        "batch_details",
        *map(_text, (*BATCH, "trace_no")),
        _number("amount_fen"),
        _text("masked_pan"),
        sa.PrimaryKeyConstraint(*BATCH, "trace_no", name=op.f("pk_batch_details")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "batch_differences",
        *map(_text, (*BATCH, "against", "trace_no", "what", "kind")),
        _number("host_amount_fen", nullable=True),
        _number("told_amount_fen", nullable=True),
        _text("host_state"),
        sa.PrimaryKeyConstraint(*BATCH, "against", "trace_no", name=op.f("pk_batch_differences")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _text(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, WHOLE_NUMBER, autoincrement=False, nullable=nullable)
