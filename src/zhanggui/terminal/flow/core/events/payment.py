"""A payment, its outcome, its reversal, and its issuer's scripts."""

from .....basics.numbers import BatchNo, Rrn, TraceNo
from ..kept import ApprovedPayment, ScriptsSaid
from .base import Event
from .host import Refused


class PaymentApproved(Event, frozen=True, tag=True, kw_only=True):
    """The payment stands, and a right MAC says so: what the answer says, and what the chip said. The flow knows the rest itself."""

    response_code: str = "00"
    trace_no: TraceNo
    amount_fen: int | None
    """Field 4; None where the answer has none."""
    rrn: Rrn
    auth_code: str
    host_time: str
    """Fields 13 and 12 with the year: `2026-11-23 08:55:03`."""
    settle_date: str = ""
    """Field 15 (清算日期), MMDD; empty where the answer has none."""
    issuer: str
    acquirer: str
    card_org: str
    balance_fen: int | None = None
    """Field 54, in a kind that answers it."""
    chip_lines: tuple[str, ...] = ()
    """AID, ARQC, TVR and the like, ready for the slip's remarks."""
    scripts: ScriptsSaid | None = None
    """What the issuer has its chip told."""
    pay_voucher: str = ""
    """付款凭证号 (59, A4), where it was paid by code."""


class ReversalAccepted(Event, frozen=True, tag=True, kw_only=True):
    """0410 with 00, 12 or 25: the payment is undone for good."""

    response_code: str


class CodeOffered(Event, frozen=True, tag=True, kw_only=True):
    """Our code of a payment that nobody has paid yet, with a right MAC."""

    trace_no: TraceNo
    amount_fen: int
    text: str
    """What the code says."""
    left_s: int
    """How long it can still be paid."""


class StillLate(Event, frozen=True, tag=True, kw_only=True):
    """A void or refund that its wallet has not decided yet, with a right MAC: the host goes on asking."""

    trace_no: TraceNo
    amount_fen: int


class OutcomeKnown(Event, frozen=True, tag=True, kw_only=True):
    """A payment that was asked for again: what the host says of it, one or the other, with a right MAC."""

    approved: PaymentApproved | None = None
    refused: Refused | None = None


class ScriptsRun(Event, frozen=True, tag=True, kw_only=True):
    """The scripts that came with the answer to this payment were run on the card in hand, as far as it was there."""

    batch_no: BatchNo
    trace_no: TraceNo
    results: str
    """Tag DF31 of those that were to run, hexadecimal."""


class ScriptTaken(Event, frozen=True, tag=True, kw_only=True):
    """The host knows what became of the scripts of this payment, or will never hear it: it is not told again."""

    batch_no: BatchNo
    trace_no: TraceNo


class PaymentFound(Event, frozen=True, tag=True, kw_only=True):
    """The journal was looked into; None where it has no approved payment of this number."""

    payment: ApprovedPayment | None
