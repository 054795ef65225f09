"""Sealed documents (密封文件), the one place for signatures, snapshots and pictures; which one a payment was signed by; and merchant
copies that were ticked off.

A document is named by a keyed hash of its contents and of what it belongs to: the same one sent again is kept once, nobody who reads
the database can tell what it is, and what is equal elsewhere is another document, with its own time and its own erasure. When its time
is over, or somebody has it erased, the contents go and the row stays: that there was one is no secret.
"""

from typing import Literal

from ....basics.numbers import BatchNo, MerchantNo, TerminalNo, TraceNo, UnixMs
from .record import Record

__all__ = ["Document", "DocumentKey", "DocumentKind", "ErasedWhy", "PaymentSignature", "SlipLink", "SlipTick"]

DocumentKind = Literal["signature", "snapshot", "picture", "slip", "parts"]
"""parts: what came so far of one that comes in parts; it has the same name however much of it there is."""
DocumentKey = tuple[MerchantNo, str]
ErasedWhy = Literal["", "expired", "asked", "joined"]
"""joined: the parts are a document of their own now, or were no whole."""


class Document(Record, frozen=True, kw_only=True):
    """One document. `sealed` is empty once it was erased."""

    KEY = ("merchant_no", "document_id")

    merchant_no: MerchantNo
    document_id: str
    """Keyed hash of its contents, its shop and what it belongs to (a payment), in hexadecimal."""
    kind: DocumentKind
    sealed: bytes
    size_bytes: int
    """Of the contents."""
    kept_ms: UnixMs
    until_ms: UnixMs
    """When its time is over."""
    erased_ms: UnixMs | None = None
    erased_why: ErasedWhy = ""


class PaymentSignature(Record, frozen=True, kw_only=True):
    """What the cardholder signed for one payment: which document, and the code that stands behind it in the picture."""

    KEY = ("merchant_no", "terminal_no", "batch_no", "trace_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    document_id: str
    feature_code: str
    taken_ms: UnixMs


class SlipLink(Record, frozen=True, kw_only=True):
    """The slip of one payment that its customer finds by a link. The link is kept nowhere: a keyed hash of it is the document's name."""

    KEY = ("merchant_no", "document_id")

    merchant_no: MerchantNo
    document_id: str
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    opened: int = 0
    """How often it was opened, counted up to OPENED_MAX."""
    opened_ms: UnixMs | None = None
    """When last, as far as it is counted."""


class SlipTick(Record, frozen=True, kw_only=True):
    """The merchant copy of one payment, in the hand of somebody (对账). A payment without a row has a copy that is missing."""

    KEY = ("merchant_no", "terminal_no", "batch_no", "trace_no")

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    batch_no: BatchNo
    trace_no: TraceNo
    ticked_by: str
    ticked_ms: UnixMs


RECORDS: tuple[type[Record], ...] = (
    Document,
    PaymentSignature,
    SlipLink,
    SlipTick,
)
"""In the order of writing."""
