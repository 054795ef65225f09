"""All that survives a power-off, as the journal hands it to the flow; and what a journal's records are called."""

from typing import Literal

import msgspec

from .....basics.numbers import BatchNo, OperatorNo, TraceNo
from ..kept import ApprovedPayment, DayLine, PendingReversal, ScriptNotice
from ..settlement import Settlement

Record = Literal[
    "trace",
    "note",
    "payment",
    "approval",
    "decline",
    "doubt",
    "late",
    "asked_after",
    "reversed",
    "line",
    "printed",
    "settlement",
    "settled",
    "setting",
    "signature",
    "script",
]
"""Names of what the journal keeps: `Remember…` effects say which one they are."""


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """What survived the last power-off, read from the journal by the shell."""

    trace_no: TraceNo
    batch_no: BatchNo
    today: tuple[DayLine, ...] = ()
    """All lines of today, newest first; the totals are counted from them."""
    earlier: tuple[DayLine, ...] = ()
    """Lines of the same batch of the days before, newest first."""
    reversal: PendingReversal | None = None
    print_pending: ApprovedPayment | None = None
    last_sale: ApprovedPayment | None = None
    """The newest approved sale, for a reprint; the same as `print_pending` when that is kept."""
    rules: str = ""
    """Tag RULES of the last good sign-in."""
    software: str = ""
    """Name and version of the program that ran last."""
    batch_since: str = ""
    """The shop day of the first payment of this batch; empty while there is none."""
    settlement: Settlement | None = None
    """A settlement that a power cut interrupted."""
    counter: str = ""
    """What the last good sign-in told of shop and batch (`core/noted/counter.py`)."""
    unsent: tuple[tuple[BatchNo, TraceNo], ...] = ()
    """Payments whose signature the host does not have yet, the oldest first."""
    scripts: tuple[ScriptNotice, ...] = ()
    """What became of issuers' scripts and the host does not know yet, the oldest first."""
    late: tuple[PendingReversal, ...] = ()
    """What goes back at a wallet that has not decided it yet, the oldest first."""
    orders: str = ""
    """What is kept of the host's orders (`orders.py`)."""
    offline_owed: tuple[OperatorNo, ...] = ()
    """Operators whose sign-ins without network the host was not told of."""
