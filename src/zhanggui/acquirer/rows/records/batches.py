"""Settled batches (批次): what terminal and host said of one, and how it ended. An open batch has no row: its payments are it."""

from typing import Literal

from ....basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo, UnixMs
from .record import Record

__all__ = ["Batch", "BatchDetail", "BatchDifference", "BatchKey", "BatchOutcome", "BatchState", "DifferenceWord"]

BatchKey = tuple[MerchantNo, TerminalNo, BatchNo]
BatchState = Literal["uploading", "closed"]
"""uploading: the totals differ, and the terminal tells each of its payments; closed: nothing of it changes any more."""
BatchOutcome = Literal["agreed", "differs", "unconfirmed", "unfinished"]
"""The ends of a batch: both say the same; they differ, and each difference is named; the terminal never said anything; it began to
tell its payments and never came to the end."""

DifferenceWord = Literal[
    "only_at_terminal", "only_at_host", "stands_not_at_host", "amount_differs", "card_differs", "only_at_bank"
]
"""What two books say differently of a payment. stands_not_at_host: the host knows it, declined or undone."""


class Batch(Record, frozen=True, kw_only=True):
    """One batch from its settlement on. From the moment its row is there it takes no payment and no reversal any more.

    `debit_…` and `credit_…` are the host's own totals, counted from its payments at that moment; `told_…` are the terminal's,
    None in a batch that the terminal never settled.
    """

    KEY = ("merchant_no", "terminal_no", "batch_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    state: BatchState
    outcome: BatchOutcome
    operator_no: str = ""
    """Who settled it; empty when the host did."""
    shop_day: str
    """The shop day in which it was settled, `2026-11-29` of China's time."""
    debit_count: int
    debit_fen: int
    credit_count: int
    credit_fen: int
    told_debit_count: int | None = None
    told_debit_fen: int | None = None
    told_credit_count: int | None = None
    told_credit_fen: int | None = None
    first_ms: UnixMs | None = None
    """When its first payment was made; None when it has none."""
    settled_ms: UnixMs
    closed_ms: UnixMs | None = None
    details_count: int = 0
    """Payments that the terminal told one by one, so far."""
    case_no: int | None = None
    """The support case about its differences; None while there are none."""
    rrn: str = ""


class BatchDetail(Record, frozen=True, kw_only=True):
    """One payment of a batch as the terminal told it once more, because the totals differed. Told again, it stays one."""

    KEY = ("merchant_no", "terminal_no", "batch_no", "trace_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    amount_fen: int
    masked_pan: str


class BatchDifference(Record, frozen=True, kw_only=True):
    """One payment of a settled batch about which two books say different things; its batch names the case."""

    KEY = ("merchant_no", "terminal_no", "batch_no", "against", "trace_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    against: Literal["terminal", "bank"]
    """Whose book differs from the host's."""
    trace_no: TraceNo
    what: DifferenceWord
    kind: str
    """The kind of payment, as the host knows it; empty where it knows none."""
    host_amount_fen: int | None = None
    """What the host has; None where no such payment counts there."""
    told_amount_fen: int | None = None
    """What the other one has; None where it has none."""
    host_state: str = ""
    """What became of it at the host, where it knows of it."""


RECORDS: tuple[type[Record], ...] = (
    Batch,
    BatchDetail,
    BatchDifference,
)
"""In the order of writing."""
