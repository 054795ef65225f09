"""Ticking off merchant copies against the day's list (对账): one by one, or a pile of bar codes at once.

A copy is ticked once, whoever finds it first; ticking it again changes nothing. Only a payment that stands has a copy.
"""

from collections.abc import Sequence

from ...basics.numbers import MerchantNo, UnixMs
from ...cup.transactions import PAYMENTS
from ..policy.actors import NOT_PERMITTED, Actor, may_manage, noted
from ..rows.decision import Decision
from ..rows.records import Counter, Payment, PaymentKey, SlipTick
from ..rows.state import Change, Insert, Needs, State

TICK_SLIPS = "tick_slips"
NO_SUCH_SLIP = "no_such_slip"
SLIPS_AT_ONCE_MAX = 1_000
"""A pile of a busy day; more come in several."""


def has_slip(payment: Payment) -> bool:
    """Whether there is a merchant copy of it: it stands, and its kind moves or holds money."""
    kind = PAYMENTS.get(payment.kind)
    return payment.state == "approved" and kind is not None and kind.has_amount


def ticking_needs(merchant_no: MerchantNo, slips: Sequence[PaymentKey]) -> Needs:
    """The rows that a pile needs."""
    return Needs({Payment: slips, SlipTick: slips, Counter: [(merchant_no, "note")]})


def decide_tick(state: State, merchant_no: MerchantNo, slips: Sequence[PaymentKey], by: Actor, now: UnixMs) -> Decision:
    """Tick the whole pile, or nothing of it where one is of no payment that stands."""
    if not may_manage(by, TICK_SLIPS):
        return Decision(reason=NOT_PERMITTED)
    changes: list[Change] = []
    for key in dict.fromkeys(slips[:SLIPS_AT_ONCE_MAX]):
        payment = state.get(Payment, *key)
        if payment is None or payment.merchant_no != merchant_no or not has_slip(payment):
            return Decision(reason=NO_SUCH_SLIP)
        if state.get(SlipTick, *key) is None:
            tick = SlipTick(
                merchant_no=payment.merchant_no,
                terminal_no=payment.terminal_no,
                batch_no=payment.batch_no,
                trace_no=payment.trace_no,
                ticked_by=by.name,
                ticked_ms=now,
            )
            changes.append(Insert(tick))
    note = noted(state, merchant_no, by, TICK_SLIPS, "", f"slips={len(changes)}", now)
    return Decision(changes=(*changes, *note))
