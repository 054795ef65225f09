"""What a later payment does to its original, from the moment it is asked for until it stands, fails or is itself undone.

    stands ─ claimed (asked for) ─▶ held ─ approved ─▶ undone
      ▲                              │                   │
      └── refused, unanswered ───────┴──── reversed ─────┘

A payment that undoes another claims it in the same commit in which it becomes pending. So of two that ask at once only one is
taken, and while nobody knows the outcome nothing else undoes the original. Held and undone are one column (`undone_by_…`): the
state of the payment named there tells them apart. When that fails, or is itself reversed, the original stands again.

One that takes a part has it from the moment it is asked for, so that two at once can't take more than there is; one that adds
to it adds when it is approved. Both are one column (`adjusted_fen`), and how many of them are at the bank is another
(`pending_parts`): until it is none, nobody knows what stands on the original (`uses.py`). And what undoes a payment that had itself
undone another lets that other one stand again, once it is approved.
"""

from msgspec.structs import replace

from ..rows.draft import Draft
from ..rows.records import Payment
from .kinds import KINDS, Kind
from .originals import payment_key, undoing_key
from .uses import original_of


def claim(draft: Draft, kind: Kind, original: Payment, by: Payment) -> None:
    """From now on nothing else may undo the original, or take the same part of it."""
    if kind.undoes_original:
        draft.update(_undone(original, by))
    elif kind.adjusts:
        adjusted_fen = original.adjusted_fen
        if kind.adjusts == -1:
            adjusted_fen = (adjusted_fen or 0) - by.amount_fen
        draft.update(replace(original, adjusted_fen=adjusted_fen, pending_parts=(original.pending_parts or 0) + 1))


def settle(draft: Draft, kind: Kind, by: Payment) -> None:
    """It is approved: what it adds is added, and what its original had undone stands again."""
    original = original_of(draft, by)
    if original is None:
        return
    if kind.adjusts:
        adjusted_fen = original.adjusted_fen
        if kind.adjusts == 1:
            adjusted_fen = (adjusted_fen or 0) + by.amount_fen
        draft.update(replace(original, adjusted_fen=adjusted_fen, pending_parts=_one_less(original)))
    elif kind.undoes_original:
        first = original_of(draft, original)
        if first is not None and undoing_key(first) == payment_key(original):
            draft.update(_standing(first))


def let_go(draft: Draft, kind: Kind, by: Payment, *, stood: bool) -> None:
    """It failed, or (`stood`) is undone after it was approved: the original is as it was without it."""
    original = original_of(draft, by)
    if original is None:
        return
    if kind.adjusts:
        adjusted_fen = original.adjusted_fen
        if stood or kind.adjusts == -1:
            adjusted_fen = (adjusted_fen or 0) - kind.adjusts * by.amount_fen or None
        pending_parts = original.pending_parts if stood else _one_less(original)
        draft.update(replace(original, adjusted_fen=adjusted_fen, pending_parts=pending_parts))
    if kind.undoes_original and undoing_key(original) == payment_key(by):
        draft.update(_standing(original))
        first = original_of(draft, original)
        if stood and first is not None and not first.undone_by_trace_no and KINDS[original.kind].undoes_original:
            draft.update(_undone(first, original))


def _one_less(original: Payment) -> int | None:
    # One that was at the bank when an earlier version stopped was not counted.
    return max(0, (original.pending_parts or 0) - 1) or None


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
