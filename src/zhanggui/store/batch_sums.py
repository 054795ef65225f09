"""What the payments of a batch come to, counted by the database from the payments themselves: a sale pays nothing for it."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, literal_column

from ..acquirer.rows.records import Payment
from ..cup.transactions import PAYMENTS
from .tables import TABLE_OF

payments = TABLE_OF[Payment]


def counted(side: str) -> ColumnElement[bool]:
    """That a payment counts on this side of a settlement: it is approved, and of a kind of that side.

    One that another has undone stays on its side, and what undid it stands on the other (domain reference §4.5).
    """
    kinds = ", ".join(f"'{name}'" for name, row in PAYMENTS.items() if row.total == side)
    return and_(literal_column("payments.state = 'approved'"), literal_column(f"payments.kind IN ({kinds})"))


def _count(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.coalesce(
        func.sum(case((condition, literal_column("1")), else_=literal_column("0"))), literal_column("0")
    )


def _fen(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    total = func.sum(case((condition, payments.c.amount_fen), else_=literal_column("0")))
    return cast(func.coalesce(total, literal_column("0")), BigInteger)


def sum_columns() -> tuple[ColumnElement[Any], ...]:
    """Count and fen of the debit side, count and fen of the credit side, payments that are at the bank, when the first was made."""
    debit, credit = counted("debit"), counted("credit")
    pending: ColumnElement[bool] = literal_column("payments.state = 'pending'")
    return (
        _count(debit),
        _fen(debit),
        _count(credit),
        _fen(credit),
        _count(pending),
        func.min(payments.c.created_ms),
    )
