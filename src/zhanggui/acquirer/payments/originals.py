"""The original of a payment: which earlier one it is about, whether it may be, and how it is held while that is decided.

    stands ─ claimed (asked for) ─▶ held ─ approved ─▶ undone
      ▲                              │                   │
      └── refused, unanswered ───────┴──── reversed ─────┘

A payment that undoes another claims it in the same commit in which it becomes pending. So of two that ask at once only one is
taken, and while nobody knows the outcome nothing else undoes the original. Held and undone are one column (`undone_by_…`): the
state of the payment named there tells them apart. When that fails, or is itself reversed, the original stands again.
"""

from collections.abc import Callable

from msgspec.structs import replace

from ...basics.numbers import BatchNo, TraceNo
from ...cup.messages.payment import PaymentRequest, ReversalRequest
from ..rows.draft import Draft
from ..rows.records import Payment, PaymentKey
from ..rows.state import Needs, State
from ..terminals.gate import Refusal

FindOriginal = Callable[[State, PaymentRequest, bytes], Payment | Refusal]
"""Takes the rows, the request and the keyed hash of its card (empty without one); answers the original, or why not."""


def payment_key(of: PaymentRequest | ReversalRequest | Payment) -> PaymentKey:
    """The key of a payment: what its terminal counts by."""
    return (of.merchant_no, of.terminal_no, of.batch_no, of.trace_no)


def named_original(request: PaymentRequest) -> PaymentKey | None:
    """The key of the original that a request names; None when it names none."""
    original = request.original
    if original is None:
        return None
    return (request.merchant_no, request.terminal_no, original.batch_no, original.trace_no)


def kept_original(payment: Payment) -> PaymentKey | None:
    """The key of the original that a payment is about; None when it is about none."""
    if not payment.original_trace_no:
        return None
    # Both columns are filled together, from the original's own row.
    batch_no, trace_no = BatchNo(payment.original_batch_no), TraceNo(payment.original_trace_no)
    return (payment.merchant_no, payment.terminal_no, batch_no, trace_no)


def need_original(state: State, key: PaymentKey, more: Needs) -> None:
    """Ask for the original of a payment that is here, and for what undoes it: what becomes of the one changes the other."""
    payment = state.get(Payment, *key)
    if payment is not None and payment.undone_by_trace_no:
        more.add(Payment, (*key[:2], payment.undone_by_batch_no, payment.undone_by_trace_no))
    original = kept_original(payment) if payment is not None else None
    if original is not None:
        more.add(Payment, original)


def same_batch_by_trace(of_kind: str) -> FindOriginal:
    """An approved payment of this kind, by its trace number, in the same batch of the same terminal, whole, with the same card."""

    def find(state: State, request: PaymentRequest, card_hash: bytes) -> Payment | Refusal:
        key = named_original(request)
        if key is None or key[2] != request.batch_no:
            return Refusal("25", "original_in_another_batch")
        original = state.get(Payment, *key)
        if original is None or original.kind != of_kind:
            return Refusal("25", "original_not_found")
        if original.state != "approved":
            return Refusal("25", "original_does_not_stand")
        if original.undone_by_trace_no:
            return Refusal("12", "original_undone_already")
        if original.amount_fen != request.amount_fen:
            return Refusal("64", "other_amount_than_undone")
        told = request.original.rrn if request.original is not None else ""
        if told and told != original.rrn:
            return Refusal("25", "original_has_another_reference")
        if card_hash and card_hash != original.card_hash:
            return Refusal("14", "other_card_than_original")
        return original

    return find


def claim(draft: Draft, original: Payment, by: Payment) -> None:
    """From now on nothing else may undo the original."""
    draft.update(replace(original, undone_by_batch_no=by.batch_no, undone_by_trace_no=by.trace_no))


def put_back(draft: Draft, by: Payment) -> None:
    """The original stands again, if it was this payment that held or had undone it."""
    key = kept_original(by)
    original = draft.get(Payment, *key) if key is not None else None
    if original is None or (original.undone_by_batch_no, original.undone_by_trace_no) != (by.batch_no, by.trace_no):
        return
    draft.update(replace(original, undone_by_batch_no="", undone_by_trace_no=""))
