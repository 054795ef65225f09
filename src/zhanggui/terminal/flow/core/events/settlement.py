"""The end of a batch."""

from .....basics.numbers import BatchNo
from .....cup.messages.settlement import Sums
from ..kept import DayLine
from ..settlement import KindSums
from .base import Event


class BatchCounted(Event, frozen=True, tag=True, kw_only=True):
    """What the journal holds of a batch."""

    batch_no: BatchNo
    sums: Sums
    kinds: tuple[KindSums, ...] = ()
    """By kind of payment, in the order of the catalogue."""
    lines: tuple[DayLine, ...] = ()
    """Its payments, oldest first, for the list on the slip; as many as a slip has room for."""

    @property
    def count(self) -> int:
        """How many payments count in it."""
        return self.sums.debit_count + self.sums.credit_count


class SettlementAnswered(Event, frozen=True, tag=True, kw_only=True):
    """0510 with 39 = 00: the host's own totals, and whether they are ours."""

    sums: Sums
    agreed: bool


class DetailsTold(Event, frozen=True, tag=True, kw_only=True):
    """A page of details is at the host: up to which row of the journal, and whether there is more."""

    count: int
    cursor: int
    is_last: bool


class UploadEnded(Event, frozen=True, tag=True, kw_only=True):
    """The host closed the batch."""


class SignedOff(Event, frozen=True, tag=True, kw_only=True):
    """The host heard that this terminal signs off."""
