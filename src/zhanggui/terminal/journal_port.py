"""What the shell needs of a journal, and which effects it makes durable. `journal.py` keeps it in a SQLite file."""

from typing import Protocol

from ..basics.numbers import BatchNo, TraceNo
from .devices.ports import Strokes
from .flow.core import effects as fx
from .flow.core.events import ApprovedPayment, BatchCounted, Memory, Record
from .flow.core.settlement import BatchPage

Remembered = (
    fx.RememberTrace
    | fx.RememberPayment
    | fx.RememberApproval
    | fx.RememberDecline
    | fx.RememberDoubt
    | fx.RememberLate
    | fx.RememberAskedAfter
    | fx.RememberReversed
    | fx.RememberLine
    | fx.RememberPrinted
    | fx.RememberNote
    | fx.RememberSettlement
    | fx.RememberSettled
    | fx.RememberSetting
    | fx.RememberSignatureTaken
    | fx.RememberScript
)
"""The effects that are durable."""


class Journal(Protocol):
    """What the shell needs of a journal. Every method raises Fault when the file can't be read or written."""

    def memory(self) -> Memory:
        """What survived: counters, today's list, the reversal and the slip that are still owed."""
        ...

    def remember(self, effect: Remembered, sealed_card: bytes = b"") -> Record:
        """Make one effect durable, whole or not at all; the answer is its name for `Journalled`."""
        ...

    def approved(self, batch_no: BatchNo, trace_no: TraceNo) -> ApprovedPayment | None:
        """An approved payment of this batch, for its slips; None when there is none, or it was undone."""
        ...

    def sealed_card(self, batch_no: BatchNo, trace_no: TraceNo) -> bytes:
        """The sealed card data of the pending reversal; Fault when none is pending for this payment."""
        ...

    def keep_signature(self, batch_no: BatchNo, trace_no: TraceNo, strokes: Strokes) -> None:
        """Keep what the cardholder signed for this payment; it is owed to the host until `RememberSignatureTaken`."""
        ...

    def signature(self, batch_no: BatchNo, trace_no: TraceNo) -> Strokes:
        """The strokes for this payment; empty when nobody signed."""
        ...

    def script_card(self, batch_no: BatchNo, trace_no: TraceNo) -> bytes:
        """The sealed card data beside the scripts of this payment; Fault when the host knows of them already."""
        ...

    def batch(self, batch_no: BatchNo) -> BatchCounted:
        """What the payments of a batch come to."""
        ...

    def batch_page(self, batch_no: BatchNo, after: int) -> BatchPage:
        """The next payments of a batch that a settlement counts, after this row."""
        ...

    def next_status_no(self) -> TraceNo:
        """A number for a status upload (362); it never comes twice before all six digits are used up."""
        ...

    def note(self, name: str, value: str) -> None:
        """Keep a small fact for slips, such as the shop's name."""
        ...

    def noted(self, name: str) -> str:
        """A kept fact; empty when it was never noted."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...
