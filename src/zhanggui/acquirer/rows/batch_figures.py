"""What was counted of a batch when a turn of the engine began, moved on with each row that the turn changes.

A batch is counted by the database, once, before anything of the turn is decided. A terminal that waits for no answer has details,
their end and its totals in one turn: whoever decides the later message must find what the earlier one changed (`State.apply`).
"""

from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from ...basics.numbers import TraceNo, UnixMs
from ...cup.messages.settlement import Detail, Sums
from ...cup.transactions import PAYMENTS
from .records import BatchDetail, Payment


class BatchSums(msgspec.Struct, frozen=True):
    """What the payments of a batch come to."""

    sums: Sums
    pending_count: int
    """Payments whose outcome the bank has not told yet."""
    first_ms: UnixMs | None
    """When the first one was made; None where there is none."""

    def moved(self, before: Payment | None, after: Payment) -> "BatchSums":
        """The same with one payment of this batch changed, or added. Which side a payment is on follows from its kind's row."""
        is_pending, was_pending = after.state == "pending", before is not None and before.state == "pending"
        created = (after.created_ms,) if self.first_ms is None else (after.created_ms, self.first_ms)
        sums = _counted(self.sums, after, 1)
        return BatchSums(
            sums=sums if before is None else _counted(sums, before, -1),
            pending_count=self.pending_count + is_pending - was_pending,
            first_ms=min(created),
        )


def _counted(sums: Sums, payment: Payment, sign: int) -> Sums:
    side = PAYMENTS[payment.kind].total
    if payment.state != "approved" or not side:
        return sums
    count, fen = sign, sign * payment.amount_fen
    if side == "debit":
        return replace(sums, debit_count=sums.debit_count + count, debit_fen=sums.debit_fen + fen)
    return replace(sums, credit_count=sums.credit_count + count, credit_fen=sums.credit_fen + fen)


class HostEntry(NamedTuple):
    """A payment of a batch, as far as it is compared with what terminal and bank tell."""

    trace_no: TraceNo
    kind: str
    state: str
    amount_fen: int
    masked_pan: str
    rrn: str
    bank_state: str
    wallet: str | None


class BatchEntries(msgspec.Struct, frozen=True):
    """All payments of a batch at the host, and all that the terminal told of it, by trace number."""

    host: dict[TraceNo, HostEntry] = msgspec.field(default_factory=dict)
    told: dict[TraceNo, Detail] = msgspec.field(default_factory=dict)

    def move(self, row: Payment | BatchDetail, *, is_gone: bool) -> None:
        """Take in a row of this batch that was changed, or that goes."""
        of_side: dict[TraceNo, HostEntry] | dict[TraceNo, Detail]
        of_side = self.host if isinstance(row, Payment) else self.told
        if is_gone:
            of_side.pop(row.trace_no, None)
        elif isinstance(row, Payment):
            self.host[row.trace_no] = host_entry(row)
        else:
            self.told[row.trace_no] = told_detail(row)


def host_entry(row: Payment) -> HostEntry:
    """A payment as it is compared."""
    return HostEntry(
        row.trace_no, row.kind, row.state, row.amount_fen, row.masked_pan, row.rrn, row.bank_state, row.wallet
    )


def told_detail(row: BatchDetail) -> Detail:
    """What the terminal told of one payment."""
    return Detail(trace_no=row.trace_no, masked_pan=row.masked_pan, amount_fen=row.amount_fen)
