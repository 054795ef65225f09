"""What later payments have made of one, before it is undone: whether anything stands on it, or on what it had undone itself.

    free         nothing stands on it: it may be undone
    awaited      what undoes it, takes a part of it or adds to it is at the bank: nobody knows yet
    given back   all of its money is back (a void, a cancel, refunds of the whole): undone too, it would be paid back twice
    used         a completion, a refund of a part or an increment stands on it, or it has let one stand again that was used since

Undone in spite of a later payment, it would leave that one without the money, or the authorisation, that it was made of.
"""

from typing import Literal

from ...basics.errors import certain
from ..policy.rules import load_bounds
from ..rows.draft import Draft
from ..rows.records import Payment
from .kinds import KINDS
from .originals import kept_original, payment_key, undoing_key

Use = Literal["free", "awaited", "given_back", "used"]
SHARE_MOST_PERCENT = certain(load_bounds()["completion_percent"].most, "the rule has its bound")
"""No policy lets more be taken of an authorisation. What was taken under the policy of then may stand again under another."""


def use_of(draft: Draft, payment: Payment) -> Use:
    """What stands on a payment that is approved or at the bank."""
    use = _undone(draft, payment)
    if use != "free":
        return use
    if payment.pending_parts:
        return "awaited"
    if payment.adjusted_fen:
        return "used" if payment.standing_fen else "given_back"
    return _of_its_original(draft, payment) if payment.state == "approved" else "free"


def original_of(draft: Draft, payment: Payment) -> Payment | None:
    """The payment that it is about; None when it is about none."""
    key = kept_original(payment)
    return draft.get(Payment, *key) if key is not None else None


def _undone(draft: Draft, payment: Payment) -> Use:
    """What the payment that undoes it makes of it; free while none does."""
    key = undoing_key(payment)
    if key is None:
        return "free"
    by = draft.get(Payment, *key)
    if by is None:
        return "used"
    if by.state == "pending":
        return "awaited"
    if by.state != "approved" or by.is_corrected:
        # An earlier version corrected it in its closed batch and left its mark here: at the bank the original stands.
        return "free"
    return "given_back" if KINDS[by.kind].gives_back else "used"


def _of_its_original(draft: Draft, payment: Payment) -> Use:
    """Whether its original can be as it was before: not where what it added was taken, or what it had let stand again was used."""
    kind, original = KINDS[payment.kind], original_of(draft, payment)
    if original is None:
        return "free"
    if kind.adjusts == 1:
        use = _undone(draft, original)
        return use if use in ("awaited", "used") else "free"
    first = original_of(draft, original)
    if first is None or undoing_key(original) != payment_key(payment):
        return "free"
    use = _undone(draft, first)
    if use != "free":
        return "awaited" if use == "awaited" else "used"
    stands = first.state == "approved" and not first.is_corrected
    fits = original.amount_fen * 100 <= first.standing_fen * SHARE_MOST_PERCENT
    return "free" if stands and fits else "used"
