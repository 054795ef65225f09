"""What a supervisor allowed on the spot, and what an operator reported as wrong."""

from typing import Literal

from ....basics.numbers import MerchantNo, OperatorNo, TerminalNo, UnixMs
from .record import Record

__all__ = ["Approval", "ApprovalKey", "CaseKind", "ReportedKind", "SupportCase"]

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


ReportedKind = Literal["operator", "shop", "terminal", "time", "batch"]
"""What an operator calls wrong of what the confirmation shows."""
CaseKind = Literal[
    "reversal_of_finished",
    "reversal_of_another",
    "reversal_of_closed",
    "reversal_of_used",
    "reversal_of_given_back",
    "settlement_differs",
    "settlement_unconfirmed",
    "upload_unfinished",
    "bank_differs",
    "wallet_silent",
    "counter_code_refused",
    "received_unfit",
    "wallet_contradicts",
    "webhook_disabled",
]
"""What the host opens a case about by itself: a reversal that it did not take, a batch whose end leaves a question, money that is to go
back at a wallet that says nothing, money that came by a code that no counter has, or under a number that no terminal takes, a wallet that
tells one payment in two ways, a receiver of webhooks that takes nothing."""


class SupportCase(Record, frozen=True, kw_only=True):
    """Something for support to look at: what an operator reported as wrong, or what the host saw."""

    KEY = ("merchant_no", "case_no")

    merchant_no: MerchantNo
    case_no: int
    terminal_no: TerminalNo
    operator_no: str
    record_no: int | None = None
    what: str
    """A CaseKind, a ReportedKind, or another maker's own word for what is wrong."""
    state: Literal["open", "closed"] = "open"
    opened_ms: UnixMs
    closed_ms: UnixMs | None = None
    answer: str = ""


RECORDS: tuple[type[Record], ...] = (
    Approval,
    SupportCase,
)
"""In the order of writing."""
