"""Version 0025: orders to terminals, each answered once."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "terminal_orders",
        *map(_text, ("merchant_no", "terminal_no")),
        _number("order_no"),
        *map(_text, ("kind", "contents", "state")),
        *map(_number, ("from_ms", "until_ms")),
        _text("given_by"),
        _number("given_ms"),
        *(sa.Column(name, WHOLE_NUMBER, autoincrement=False, nullable=True) for name in ("told_ms", "answered_ms")),
        _text("answer"),
        _number("changed_ms"),
        sa.PrimaryKeyConstraint("merchant_no", "terminal_no", "order_no", name=op.f("pk_terminal_orders")),
        sqlite_strict=True,
    )
    is_open = sa.text("state IN ('queued', 'told')")
    op.create_index(
        "ix_terminal_orders_open", "terminal_orders", ["changed_ms"], sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index("ix_terminal_orders_given", "terminal_orders", ["merchant_no", "given_ms"])


def _text(name: str) -> "sa.Column[object]":
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> "sa.Column[object]":
    return sa.Column(name, WHOLE_NUMBER, autoincrement=False, nullable=False)
