"""What a supervisor allowed on the spot, and what an operator reported as wrong."""

from typing import Literal

from ....basics.numbers import MerchantNo, OperatorNo, TerminalNo, UnixMs
from .record import Record

__all__ = ["Approval", "ApprovalKey", "SupportCase"]

ApprovalKey = tuple[MerchantNo, int]


class Approval(Record, frozen=True, kw_only=True):
    """A supervisor's approval on the spot: bound to one action, amount, session or record, and original; one use."""

    KEY = ("merchant_no", "approval_no")

    merchant_no: MerchantNo
    approval_no: int
    supervisor_no: OperatorNo
    terminal_no: TerminalNo
    action: str
    amount_fen: int = 0
    record_no: int | None = None
    session_no: int | None = None
    given_ms: UnixMs
    expires_ms: UnixMs
    used_ms: UnixMs | None = None
    original: str | None = None
    """Batch and trace of the payment that the approved one is about, 12 digits; None where it is about none."""


class SupportCase(Record, frozen=True, kw_only=True):
    """Something that an operator reported as wrong, for support to look at."""

    KEY = ("merchant_no", "case_no")

    merchant_no: MerchantNo
    case_no: int
    terminal_no: TerminalNo
    operator_no: str
    record_no: int | None = None
    what: str
    """A word: which item of the confirmation is wrong."""
    state: Literal["open", "closed"] = "open"
    opened_ms: UnixMs
    closed_ms: UnixMs | None = None
    answer: str = ""


RECORDS: tuple[type[Record], ...] = (
    Approval,
    SupportCase,
)
"""In the order of writing."""
