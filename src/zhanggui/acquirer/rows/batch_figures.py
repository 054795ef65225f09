"""What was counted of a batch when a turn of the engine began, moved on with each row that the turn changes.

A batch is counted by the database, once, before anything of the turn is decided. A terminal that waits for no answer has details,
their end and its totals in one turn: whoever decides the later message must find what the earlier one changed (`State.apply`).
"""

from typing import NamedTuple

import msgspec

from ...basics.numbers import TraceNo, UnixMs
from ...cup.messages.settlement import Detail, Sums
from .records import BatchDetail, Payment


class BatchSums(msgspec.Struct, frozen=True):
    """What the payments of a batch come to."""

    sums: Sums
    pending_count: int
    """Payments whose outcome the bank has not told yet."""
    first_ms: UnixMs | None
    """When the first one was made; None where there is none."""


class HostEntry(NamedTuple):
    """A payment of a batch, as far as it is compared with what terminal and bank tell."""

    trace_no: TraceNo
    kind: str
    state: str
    amount_fen: int
    masked_pan: str
    rrn: str
    bank_state: str


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
    return HostEntry(row.trace_no, row.kind, row.state, row.amount_fen, row.masked_pan, row.rrn, row.bank_state)


def told_detail(row: BatchDetail) -> Detail:
    """What the terminal told of one payment."""
    return Detail(trace_no=row.trace_no, masked_pan=row.masked_pan, amount_fen=row.amount_fen)
