"""What the flow asks the shell to do. Effects are data, performed in order; each ends in the events named beside it.

`Remember…` effects are durable (SQLite, FULL) before the next effect of the same step begins; if one fails, the rest of the
step is dropped and `JournalFailed` comes back. That order is the whole of crash safety: see `terminal/README.md`.
"""

from typing import Literal

import msgspec

from ...basics.numbers import BatchNo, OperatorNo, RecordNo, TraceNo
from .events import ApprovedSale, CheckResult, DayLine, Lang, PendingReversal
from .slips import Slip


class Effect(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Base of all effects."""


class RunSelfCheck(Effect, frozen=True, tag=True, kw_only=True):
    """→ SelfChecked."""


class StartPinEntry(Effect, frozen=True, tag=True, kw_only=True):
    """Let the PIN pad collect digits. → PinDots…, PinDone."""

    purpose: Literal["password", "cardholder"]
    operator_no: OperatorNo | None = None
    """Whose password it is (it takes part in the block)."""
    amount_fen: int = 0
    min_digits: int = 4
    max_digits: int = 12
    may_skip: bool = False
    timeout_s: int = 60


class StopPinEntry(Effect, frozen=True, tag=True, kw_only=True):
    """Forget the digits and stop collecting."""


class OpenReader(Effect, frozen=True, tag=True, kw_only=True):
    """Wait for a card by these ways. → CardSeen, CardUnreadable."""

    ways: tuple[Literal["swipe", "insert", "tap"], ...]


class CloseReader(Effect, frozen=True, tag=True, kw_only=True):
    """Stop waiting and forget the card in hand."""


class SendSignOn(Effect, frozen=True, tag=True, kw_only=True):
    """0800 with blank 63.1. → SignedOn, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo


class SendVerify(Effect, frozen=True, tag=True, kw_only=True):
    """0820/401 with the password block from the PIN pad. → OperatorVerified, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    checks: tuple[CheckResult, ...]


class SendConfirm(Effect, frozen=True, tag=True, kw_only=True):
    """0820/403. → SignInConfirmed, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    record_no: RecordNo
    verdict: Literal["ok", "wrong"] = "ok"
    wrong_item: str = ""


class SendSignOut(Effect, frozen=True, tag=True, kw_only=True):
    """0820/402. → SignedOut, Refused, HostFailed."""

    trace_no: TraceNo
    batch_no: BatchNo
    operator_no: OperatorNo
    reason: str = "asked"


class SendSale(Effect, frozen=True, tag=True, kw_only=True):
    """0200 for the card in the reader's hand. → SaleApproved, Refused, HostFailed. Always after RememberSale."""

    trace_no: TraceNo
    batch_no: BatchNo
    amount_fen: int
    operator_no: OperatorNo
    with_pin: bool


class SendReversal(Effect, frozen=True, tag=True, kw_only=True):
    """0400 for a remembered payment. → ReversalAccepted, Refused, HostFailed."""

    reversal: PendingReversal


class SendStatus(Effect, frozen=True, tag=True, kw_only=True):
    """0820/362, the heartbeat; own counter. Its answer makes no event unless it carries an order."""

    checks: tuple[CheckResult, ...]


class RememberTrace(Effect, frozen=True, tag=True, kw_only=True):
    """Keep the trace and batch counters. → Journalled("trace")."""

    trace_no: TraceNo
    batch_no: BatchNo


class RememberSale(Effect, frozen=True, tag=True, kw_only=True):
    """Before a payment leaves: its record and its reversal, reason 98, with the new trace. → Journalled("sale")."""

    reversal: PendingReversal
    operator_no: OperatorNo
    line: DayLine
    """Its line in today's list, state `reversing` until the outcome is known."""


class RememberApproval(Effect, frozen=True, tag=True, kw_only=True):
    """The outcome, with print pending, and the reversal dropped, in one step. → Journalled("approval")."""

    sale: ApprovedSale
    line: DayLine


class RememberDecline(Effect, frozen=True, tag=True, kw_only=True):
    """The refusal, and the reversal dropped, in one step. → Journalled("decline")."""

    trace_no: TraceNo
    line: DayLine


class RememberDoubt(Effect, frozen=True, tag=True, kw_only=True):
    """The reason of the kept reversal changes (98, A0, 06, 96), or one more attempt was made. → Journalled("doubt")."""

    reversal: PendingReversal


class RememberReversed(Effect, frozen=True, tag=True, kw_only=True):
    """The reversal was accepted: the payment is undone. → Journalled("reversed")."""

    trace_no: TraceNo


class RememberPrinted(Effect, frozen=True, tag=True, kw_only=True):
    """Both slips are out; nothing is pending for this trace. → Journalled("printed")."""

    trace_no: TraceNo


class Print(Effect, frozen=True, tag=True, kw_only=True):
    """Print one copy (on esign models: lay it into the archive and show it). → Printed, PrintFailed."""

    sale: ApprovedSale
    copy: Literal["merchant", "cardholder"]
    again: bool = False
    """True marks the slip as a reprint (重打印)."""
    slip: Slip
    """The finished slip, ready for any printer; `slip_text` in `slip_layout` sets it in columns."""


class CollectSignature(Effect, frozen=True, tag=True, kw_only=True):
    """On e-signature models: let the cardholder sign on the screen. → Signed."""

    trace_no: TraceNo


class Restart(Effect, frozen=True, tag=True, kw_only=True):
    """Start the terminal's program again (a restart at the operator's wish). → PoweredOn."""

    lang: Lang
