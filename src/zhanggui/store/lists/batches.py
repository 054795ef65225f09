"""Batches, open and settled, and what differs in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select, tuple_

from ...acquirer.rows.records import Batch, BatchDifference, BatchKey, Payment, Terminal, TerminalKey
from ...basics.numbers import BatchNo, MerchantNo, TerminalNo, UnixMs
from ..batch_sums import sum_columns
from ..tables import TABLE_OF
from .filters import ANYWHERE, PlaceFilter
from .reader import ROWS_MAX, Reader, bounded, chosen_where, equal

batches = TABLE_OF[Batch]
differences = TABLE_OF[BatchDifference]
payments = TABLE_OF[Payment]
terminals = TABLE_OF[Terminal]


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """The batch that a terminal fills now, as far as it holds payments, and what these come to."""

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    debit_count: int
    debit_fen: int
    credit_count: int
    credit_fen: int
    pending_count: int
    """Payments whose outcome the bank has not told yet."""
    first_ms: UnixMs


class BatchQueries(Reader):
    """Batches, open and settled, and what differs in them."""

    def list_batches(self, wanted: PlaceFilter = ANYWHERE) -> list[Batch]:
        """Settled batches, newest first."""
        chosen = chosen_where(
            select(batches),
            equal(batches.c.merchant_no, wanted.merchant_no),
            equal(batches.c.terminal_no, wanted.terminal_no),
        )
        newest = chosen.order_by(batches.c.settled_ms.desc(), batches.c.terminal_no, batches.c.batch_no.desc())
        return self.records(Batch, newest, wanted.limit)

    def open_batches(
        self, wanted: PlaceFilter = ANYWHERE, only: Sequence[TerminalKey] | None = None
    ) -> list[OpenBatch]:
        """The batches that terminals (or `only` these) fill now and that hold payments, the oldest first."""
        key = (terminals.c.merchant_no, terminals.c.terminal_no, terminals.c.batch_no)
        *sums, first_ms = sum_columns()
        in_it = [one == payments.c[one.name] for one in key]
        chosen = chosen_where(
            select(*key, *sums, first_ms.label("first_ms")).select_from(terminals.join(payments, and_(*in_it))),
            equal(terminals.c.merchant_no, wanted.merchant_no),
            equal(terminals.c.terminal_no, wanted.terminal_no),
            tuple_(terminals.c.merchant_no, terminals.c.terminal_no).in_(only) if only is not None else None,
        )
        oldest = chosen.group_by(*key).order_by(first_ms, *key).limit(bounded(wanted.limit))
        return [OpenBatch(*row) for row in self.rows(oldest)]

    def list_differences(self, batch: BatchKey) -> list[BatchDifference]:
        """What differs in one batch, by trace number."""
        columns = (differences.c.merchant_no, differences.c.terminal_no, differences.c.batch_no)
        chosen = chosen_where(
            select(differences), *(equal(column, value) for column, value in zip(columns, batch, strict=True))
        )
        return self.records(BatchDifference, chosen.order_by(*differences.primary_key), ROWS_MAX)
