"""The end of a batch."""

from typing import ClassVar

from .....basics.numbers import BatchNo, TraceNo
from ..noted.memory import Record
from ..settlement import Settlement
from .base import Effect, Exchange, Remember


class CountBatch(Effect, frozen=True, tag=True, kw_only=True):
    """What the journal holds of a batch. → BatchCounted, JournalFailed("settlement")."""

    batch_no: BatchNo


class RememberSettlement(Remember, frozen=True, tag=True, kw_only=True):
    """How far the end of a batch is, before the message of this step leaves. → Journalled("settlement")."""

    record: ClassVar[Record] = "settlement"
    settlement: Settlement | None
    """None: it is over, or the host would not have it."""


class RememberSettled(Remember, frozen=True, tag=True, kw_only=True):
    """The batch is settled and the next one begins, in one step. → Journalled("settled")."""

    record: ClassVar[Record] = "settled"
    settlement: Settlement
    trace_no: TraceNo
    batch_no: BatchNo
    """The next batch."""


class SendSettlement(Exchange, frozen=True, tag=True, kw_only=True):
    """0500 with our totals. → SettlementAnswered, Refused, HostFailed. Always after RememberSettlement."""

    trace_no: TraceNo
    settlement: Settlement


class SendDetails(Exchange, frozen=True, tag=True, kw_only=True):
    """0320 for each payment of the next page. → DetailsTold, Refused, HostFailed.

    `trace_no` is the first of DETAIL_TRACES numbers that its blocks may use.
    """

    trace_no: TraceNo
    settlement: Settlement
    in_turn: bool = False
    """Each waits for the answer of the one before: for a host that does not take several at once."""


class SendUploadEnd(Exchange, frozen=True, tag=True, kw_only=True):
    """0320 with 207 or 202. → UploadEnded, Refused, HostFailed."""

    trace_no: TraceNo
    settlement: Settlement


class SendSignOff(Exchange, frozen=True, tag=True, kw_only=True):
    """0820 with 002. → SignedOff, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
