"""The end of a batch as the terminal holds it, from before its totals leave until its slip is out.

The journal has it from the first step on, so a power cut at any of them goes on where it was:

    asked ─▶ uploading ─▶ ending ─▶ settled ─▶ (nothing)
       └──────────────────▲
"""

from typing import Literal

import msgspec

from ....basics.numbers import BatchNo, OperatorNo, TraceNo
from ....cup.messages.settlement import NO_SUMS, Sums

SettlementStep = Literal["asked", "uploading", "ending", "settled"]


class KindSums(msgspec.Struct, frozen=True):
    """One kind of payment in a batch."""

    kind: str
    count: int
    fen: int


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """One settlement under way. While it stands in the state no payment begins."""

    batch_no: BatchNo
    operator_no: OperatorNo | None
    """Who settles; None where the host asked for it and nobody is signed in."""
    step: SettlementStep
    sums: Sums
    """The terminal's own totals, which were sent."""
    host: Sums = NO_SUMS
    """The host's, once it answered."""
    agreed: bool = False
    told: int = 0
    """Payments that were told one by one."""
    cursor: int = 0
    """The row of the journal up to which they were."""

    @property
    def count(self) -> int:
        """How many payments count in the batch."""
        return self.sums.debit_count + self.sums.credit_count


class ToldPayment(msgspec.Struct, frozen=True, kw_only=True):
    """A payment of a batch as a batch upload tells it."""

    kind: str
    trace_no: TraceNo
    masked_pan: str
    amount_fen: int
    response_code: str
    is_chip: bool


class BatchPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some payments of a batch, in the order in which they were made."""

    told: tuple[ToldPayment, ...] = ()
    cursor: int = 0
    """The row up to which the page goes."""
    is_last: bool = True
