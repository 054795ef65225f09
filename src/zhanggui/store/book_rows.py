"""Reads payments and postings side by side, in one view of the database that no writer disturbs, row by row."""

from collections.abc import Iterator
from types import TracebackType
from typing import TypeVar

from sqlalchemy import Connection, collate, select
from sqlalchemy.exc import DatabaseError

from ..acquirer.rows.records import Payment, Posting, Record
from .queries import Queries
from .rows import SHAPES
from .tables import TABLE_OF

R = TypeVar("R", bound=Record)

ROWS_AT_ONCE = 2_000
"""Rows fetched at a time: about 1 MB."""
_ORDER = ("merchant_no", "terminal_no", "batch_no", "trace_no")


class BookRows:
    """One snapshot of the books. Raises Fault when the database fails."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._connection: Connection = queries.snapshot()

    def __enter__(self) -> "BookRows":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._queries.close()

    def payments(self) -> Iterator[Payment]:
        """All payments, by merchant, terminal, batch and trace."""
        return self._each(Payment)

    def postings(self) -> Iterator[Posting]:
        """All postings, in the order of their payments."""
        return self._each(Posting)

    def _each(self, kind: type[R]) -> Iterator[R]:
        table = TABLE_OF[kind]
        # As Python orders text, whatever language the database sorts by.
        plain = "C" if self._connection.dialect.name == "postgresql" else "BINARY"
        chosen = select(table).order_by(*(collate(table.c[name], plain) for name in _ORDER))
        read = SHAPES[kind].read
        try:
            result = self._connection.execution_options(yield_per=ROWS_AT_ONCE).execute(chosen)
            for rows in result.partitions():
                yield from map(read, rows)
        except DatabaseError as error:
            raise self._queries.told(error) from None
