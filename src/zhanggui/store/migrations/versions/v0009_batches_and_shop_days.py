"""Version 0009: a payment knows its shop day, and a batch has a row from its settlement on."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Payments from before keep none: their day is that of their instant, and no row of the past is written anew.
    op.add_column("payments", sa.Column("shop_day", sa.Text(), nullable=True))
    op.create_table(
        "batches",
        *(
            _text(name)
            for name in ("merchant_no", "terminal_no", "batch_no", "state", "outcome", "operator_no", "shop_day")
        ),
        *(_number(name) for name in ("debit_count", "debit_fen", "credit_count", "credit_fen")),
        *(
            _number(name, nullable=True)
            for name in ("told_debit_count", "told_debit_fen", "told_credit_count", "told_credit_fen", "first_ms")
        ),
        _number("settled_ms"),
        _number("closed_ms", nullable=True),
        _number("details_count"),
        _number("case_no", nullable=True),
        _text("rrn"),
        sa.PrimaryKeyConstraint("merchant_no", "terminal_no", "batch_no", name=op.f("pk_batches")),
        sqlite_strict=True,
    )
    op.create_index("ix_batches_settled", "batches", ["merchant_no", "settled_ms"])


def _text(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, WHOLE_NUMBER, autoincrement=False, nullable=nullable)
