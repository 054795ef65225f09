"""Reads all that an audit looks at, in one view of the database that no writer disturbs, row by row.

Synchronous, on a connection of its own, as `queries.py`. Memory does not grow with the number of rows.
"""

from collections.abc import Iterator
from types import TracebackType
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, and_, select
from sqlalchemy.exc import DatabaseError

from ..acquirer.proof.audit import ProvenRecord
from ..acquirer.proof.chain import PROVABLE, ProvableKind
from ..acquirer.rows.records import ChainHead, Checkpoint, Link, Record, Salt
from .queries import Queries
from .rows import SHAPES, Row
from .tables import TABLE_OF

chain_heads = TABLE_OF[ChainHead]
checkpoints = TABLE_OF[Checkpoint]
links = TABLE_OF[Link]
salts = TABLE_OF[Salt]

R = TypeVar("R", bound=Record)

ROWS_AT_ONCE = 2_000
"""Rows fetched at a time: about 1 MB."""


class ProofRows:
    """One snapshot of chains and provable records. Raises Fault when the database fails."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._connection: Connection = queries.snapshot()

    def __enter__(self) -> "ProofRows":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._queries.close()

    def checkpoints(self) -> Iterator[Checkpoint]:
        """All checkpoints, chain by chain."""
        return self._records(Checkpoint, select(checkpoints).order_by(*checkpoints.primary_key))

    def links(self) -> Iterator[Link]:
        """All links, chain by chain, in order."""
        return self._records(Link, select(links).order_by(*links.primary_key))

    def heads(self) -> Iterator[ChainHead]:
        """Where each chain ends."""
        return self._records(ChainHead, select(chain_heads).order_by(chain_heads.c.merchant_no))

    def records(self) -> Iterator[ProvenRecord]:
        """All provable records with their salts, kind by kind, in the order of merchant and number."""
        for kind in PROVABLE.values():
            yield from self._proven(kind)

    def _proven(self, kind: ProvableKind) -> Iterator[ProvenRecord]:
        table = TABLE_OF[kind.record]
        merchant, number = table.primary_key
        salt_of = and_(salts.c.merchant_no == merchant, salts.c.record_kind == kind.word, salts.c.record_no == number)
        chosen = select(table, salts.c.salt).select_from(table.outerjoin(salts, salt_of)).order_by(merchant, number)
        read = SHAPES[kind.record].read
        for row in self._rows(chosen):
            record = read(row)
            yield ProvenRecord(
                merchant_no=record.merchant_no,
                record_kind=kind.word,
                record_no=kind.number(record),
                contents=kind.contents(record),
                salt=row[-1] or b"",
            )

    def _records(self, kind: type[R], chosen: Select[Any]) -> Iterator[R]:
        return map(SHAPES[kind].read, self._rows(chosen))

    def _rows(self, chosen: Select[Any]) -> Iterator[Row]:
        try:
            result = self._connection.execution_options(yield_per=ROWS_AT_ONCE).execute(chosen)
            for rows in result.partitions():
                yield from rows
        except DatabaseError as error:
            raise self._queries.told(error) from None
