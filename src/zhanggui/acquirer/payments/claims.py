"""What a later payment does to its original, from the moment it is asked for until it stands, fails or is itself undone.

    stands ─ claimed (asked for) ─▶ held ─ approved ─▶ undone
      ▲                              │                   │
      └── refused, unanswered ───────┴──── reversed ─────┘

A payment that undoes another claims it in the same commit in which it becomes pending. So of two that ask at once only one is
taken, and while nobody knows the outcome nothing else undoes the original. Held and undone are one column (`undone_by_…`): the
state of the payment named there tells them apart. When that fails, or is itself reversed, the original stands again.

One that takes a part has it from the moment it is asked for, so that two at once can't take more than there is; one that adds
to it adds when it is approved. Both are one column (`adjusted_fen`). And what undoes a payment that had itself undone another
lets that other one stand again, once it is approved.
"""

from msgspec.structs import replace

from ..rows.draft import Draft
from ..rows.records import Payment
from ..terminals.gate import Refusal
from .kinds import KINDS, Kind
from .originals import kept_original, payment_key, undoing_key


def claim(draft: Draft, kind: Kind, original: Payment, by: Payment) -> None:
    """From now on nothing else may undo the original, or take the same part of it."""
    if kind.undoes_original:
        draft.update(_undone(original, by))
    elif kind.adjusts == -1:
        draft.update(replace(original, adjusted_fen=(original.adjusted_fen or 0) - by.amount_fen))


def settle(draft: Draft, kind: Kind, by: Payment) -> None:
    """It is approved: what it adds is added, and what its original had undone stands again."""
    original = _original(draft, by)
    if original is None:
        return
    if kind.adjusts == 1:
        draft.update(replace(original, adjusted_fen=(original.adjusted_fen or 0) + by.amount_fen))
    elif kind.undoes_original:
        first = _original(draft, original)
        if first is not None and undoing_key(first) == payment_key(original):
            draft.update(_standing(first))


def let_go(draft: Draft, kind: Kind, by: Payment, *, stood: bool) -> None:
    """It failed, or (`stood`) is undone after it was approved: the original is as it was without it."""
    original = _original(draft, by)
    if original is None:
        return
    if kind.adjusts and (stood or kind.adjusts == -1):
        left_fen = (original.adjusted_fen or 0) - kind.adjusts * by.amount_fen
        draft.update(replace(original, adjusted_fen=left_fen or None))
    if kind.undoes_original and undoing_key(original) == payment_key(by):
        draft.update(_standing(original))
        first = _original(draft, original)
        if stood and first is not None and not first.undone_by_trace_no and KINDS[original.kind].undoes_original:
            draft.update(_undone(first, original))


def why_not_undone(draft: Draft, payment: Payment) -> Refusal | None:
    """Why a payment can't be undone now although nothing undoes it: later ones stand on it. None when it can."""
    if payment.adjusted_fen:
        return Refusal("22", "original_used_in_part")
    original = _original(draft, payment)
    first = _original(draft, original) if original is not None else None
    if original is None or first is None or undoing_key(original) != payment_key(payment):
        return None
    # It had let the first one stand again, and meanwhile something else has taken that.
    return Refusal("22", "original_used_again") if first.undone_by_trace_no and payment.state == "approved" else None


def _original(draft: Draft, payment: Payment) -> Payment | None:
    key = kept_original(payment)
    return draft.get(Payment, *key) if key is not None else None


def _undone(original: Payment, by: Payment) -> Payment:
    elsewhere = by.terminal_no if by.terminal_no != original.terminal_no else None
    return replace(
        original,
        undone_by_batch_no=by.batch_no,
        undone_by_trace_no=by.trace_no,
        undone_by_terminal_no=elsewhere,
    )


def _standing(original: Payment) -> Payment:
    return replace(original, undone_by_batch_no="", undone_by_trace_no="", undone_by_terminal_no=None)
