"""The original of a payment, as the issuer sees it: whether it may be, and how it is left when that one stands or is undone.

used whole     undone by the later one, once; what it had undone itself stands again
used in part   its amount shrinks, as often as there is some left
added to       its amount grows
held           what stands of it is set aside on the account while nothing has undone it
"""

import msgspec

from ..basics.numbers import UnixMs
from ..cup.messages.interbank import BankPayment, BankReversal
from .accounts import Books, Payment
from .kinds import BANK_KINDS, SHARE_PERCENT, BankKind


def held_fen(payment: Payment) -> int:
    """What a payment holds on its account now."""
    is_held = BANK_KINDS[payment.kind].holds and payment.state == "approved" and not payment.undone_by
    return payment.standing_fen if is_held else 0


def why_not_about(
    original: Payment | None, kind: BankKind, request: BankPayment, card_id: str
) -> tuple[str, str] | None:
    """Why a payment can't be about this one: answer and reason; None when it can. `card_id` is empty when no card was sent."""
    if original is None or original.kind not in kind.originals:
        return ("25", "original is unknown")
    is_their_own = kind.anywhere or original.terminal_no == request.terminal_no
    if original.merchant_no != request.merchant_no or not is_their_own:
        return ("25", "original belongs to another merchant or terminal")
    if original.state != "approved" or original.undone_by:
        return ("12", "original does not stand")
    if request.original_pay_voucher and request.original_pay_voucher != original.pay_voucher:
        return ("25", "voucher is not the original's")
    if card_id and card_id != original.card_id:
        return ("14", "card is not the original's")
    asked_fen, standing_fen = request.amount_fen, original.standing_fen
    if kind.sum == "whole" and (asked_fen != standing_fen or original.adjusted_fen < 0):
        return ("64", "amount is not the original's")
    if kind.sum == "part" and asked_fen > standing_fen:
        return ("64", "amount is more than is left of the original")
    if kind.sum == "share" and asked_fen * 100 > standing_fen * SHARE_PERCENT:
        return ("61", "amount is above the share of the original")
    return None


def taken(books: Books, kind: BankKind, payment: Payment, original: Payment) -> tuple[Payment, ...]:
    """The original as an approval leaves it; with it, what that one had undone and no longer does."""
    if kind.adjusts:
        return (_adjusted(original, kind.adjusts * payment.amount_fen),)
    if not kind.undoes:
        return ()
    undone = msgspec.structs.replace(original, undone_by=payment.identity)
    first = books.payments.get(original.original_identity)
    if first is None or first.undone_by != original.identity:
        return (undone,)
    return undone, msgspec.structs.replace(first, undone_by="")


def _adjusted(original: Payment, more_fen: int) -> Payment:
    return msgspec.structs.replace(original, adjusted_fen=original.adjusted_fen + more_fen)


def given_back(books: Books, undone: Payment) -> tuple[Payment, ...] | None:
    """Earlier payments as they were without this one. None when that can't be: what it added was taken, or what it let stand
    again does not stand, or was used again, or is worth less than was taken of it."""
    original = books.payments.get(undone.original_identity)
    if original is None:
        return ()
    adjusts = BANK_KINDS[undone.kind].adjusts
    if adjusts:
        left = _adjusted(original, -adjusts * undone.amount_fen)
        by = books.payments.get(original.undone_by)
        return (left,) if by is None or _bears(left, by) else None
    if original.undone_by != undone.identity:
        return ()
    standing = msgspec.structs.replace(original, undone_by="")
    first = books.payments.get(original.original_identity)
    if first is None or not BANK_KINDS[original.kind].undoes:
        return (standing,)
    if first.undone_by or first.state != "approved" or not _bears(first, original):
        return None
    return standing, msgspec.structs.replace(first, undone_by=original.identity)


def _bears(original: Payment, by: Payment) -> bool:
    """Whether what undoes a payment may be of this amount."""
    return BANK_KINDS[by.kind].sum != "share" or by.amount_fen * 100 <= original.standing_fen * SHARE_PERCENT


def tombstone(identity: str, request: BankReversal, now: UnixMs) -> Payment:
    """What stands for a payment that is reversed before it came: it is refused when it does."""
    return Payment(
        identity=identity,
        acquirer_code=request.acquirer_code,
        rrn=request.rrn,
        state="reversed_before_arrival",
        card_id="",
        masked_pan="",
        account_no="",
        amount_fen=request.amount_fen,
        merchant_no=request.merchant_no,
        terminal_no=request.terminal_no,
        trace_no=request.trace_no,
        entry_mode="",
        response_code="25",
        reason="reversed before it arrived",
        auth_code="",
        settlement_date="",
        chip_answer=None,
        received_at=now,
        reversed_at=now,
        kind=request.kind,
    )
