"""Using up a supervisor's approval (406), by whatever it was given for: a sign-in that takes over, a payment."""

from msgspec.structs import replace

from ...basics.numbers import MerchantNo, TerminalNo, UnixMs
from ..rows.draft import Draft
from ..rows.records import Approval
from .gate import Refusal


def use_approval(
    draft: Draft,
    merchant_no: MerchantNo,
    approval_no: int | None,
    terminal_no: TerminalNo,
    action: str,
    now: UnixMs,
    *,
    amount_fen: int = 0,
    record_no: int | None = None,
    session_no: int | None = None,
    original: str | None = None,
) -> Approval | Refusal:
    """Use an approval up for exactly what it was given for; P8 with the reason when it does not fit."""
    approval = draft.get(Approval, merchant_no, approval_no) if approval_no is not None else None
    if approval is None or approval.terminal_no != terminal_no:
        return Refusal("P8", "approval_missing")
    if approval.used_ms is not None:
        return Refusal("P8", "approval_used")
    if now >= approval.expires_ms:
        return Refusal("P8", "approval_expired")
    meant = (approval.action, approval.amount_fen, approval.record_no, approval.session_no, approval.original)
    if meant != (action, amount_fen, record_no, session_no, original):
        return Refusal("P8", "approval_for_something_else")
    return draft.update(replace(approval, used_ms=now))
