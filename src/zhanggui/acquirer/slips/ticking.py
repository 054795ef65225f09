"""Ticking off merchant copies against the day's list (对账): one by one, or a pile of bar codes at once.

A copy is ticked once, whoever finds it first; ticking it again changes nothing, and a tick that was a mistake is taken back. Only a
payment that stands has a copy.
"""

from collections.abc import Sequence

from ...basics.clock import china_time
from ...basics.errors import Defect
from ...basics.numbers import MerchantNo, UnixMs
from ...cup.transactions import PAYMENTS
from ...cup.values.bar_code import BarCode, read_bar_code
from ..policy.actors import NOT_PERMITTED, Actor, may_manage, noted
from ..rows.decision import Decision
from ..rows.records import Counter, Payment, PaymentKey, SlipTick
from ..rows.state import Change, Delete, Insert, Needs, State

TICK_SLIPS = "tick_slips"
NO_SUCH_SLIP = "no_such_slip"
SLIPS_AT_ONCE_MAX = 1_000
"""A pile of a busy day; more come in several."""


def has_slip(payment: Payment) -> bool:
    """Whether there is a merchant copy of it: it stands, and its kind moves or holds money."""
    kind = PAYMENTS.get(payment.kind)
    return payment.state == "approved" and kind is not None and kind.has_amount


def named_by(code: str, payments: Sequence[Payment]) -> Payment | None:
    """Whose copy a scanned or typed code names: a bar code, a reference, or terminal and voucher number (`10000001/12`).

    A bar code names by its reference; its day and its authorisation have to agree, or it is of another payment.
    """
    text = code.strip()
    if (scanned := read_bar_code(text)) is not None:
        return next((one for one in payments if one.rrn == scanned.rrn and _agrees(scanned, one)), None)
    if "/" in text:
        terminal, _, trace = text.partition("/")
        named = [one for one in payments if (one.terminal_no, one.trace_no) == (terminal, trace.zfill(6))]
        # A number that came again in another batch of the day names none: the bar code does.
        return named[0] if len(named) == 1 else None
    return next((one for one in payments if one.rrn == text), None)


def _agrees(scanned: BarCode, payment: Payment) -> bool:
    # A slip has the time of the answer, which may come after the midnight before which the payment came.
    times = (payment.created_ms, payment.decided_ms or payment.created_ms)
    days = {china_time(time).strftime("%m%d") for time in times}
    return scanned.month_day in days and scanned.auth_code == payment.auth_code


def ticking_needs(merchant_no: MerchantNo, slips: Sequence[PaymentKey]) -> Needs:
    """The rows that a pile needs."""
    return Needs({Payment: slips, SlipTick: slips, Counter: [(merchant_no, "note")]})


def decide_tick(state: State, merchant_no: MerchantNo, slips: Sequence[PaymentKey], by: Actor, now: UnixMs) -> Decision:
    """Tick the whole pile, or nothing of it where one is of no payment that stands."""
    if not may_manage(by, TICK_SLIPS):
        return Decision(reason=NOT_PERMITTED)
    if len(slips) > SLIPS_AT_ONCE_MAX:
        raise Defect("a pile is bounded where it is read")
    changes: list[Change] = []
    for key in dict.fromkeys(slips):
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
    note = noted(state, merchant_no, by, TICK_SLIPS, _pile(slips), f"slips={len(changes)}", now)
    return Decision(changes=(*changes, *note))


def decide_untick(
    state: State, merchant_no: MerchantNo, slips: Sequence[PaymentKey], by: Actor, now: UnixMs
) -> Decision:
    """Take ticks back that were a mistake: these copies are missing again. One that nobody ticked is left as it is."""
    if not may_manage(by, TICK_SLIPS):
        return Decision(reason=NOT_PERMITTED)
    ticked = {key: tick for key in slips if (tick := state.get(SlipTick, *key)) is not None}
    # The rows go, so the note says whose they were.
    whose = ",".join(sorted({tick.ticked_by for tick in ticked.values()}))
    detail = f"taken_back={len(ticked)}" + (f" ticked_by={whose}" if whose else "")
    note = noted(state, merchant_no, by, TICK_SLIPS, _pile(tuple(ticked)), detail, now)
    return Decision(changes=(*map(Delete, ticked.values()), *note))


def _pile(slips: Sequence[PaymentKey]) -> str:
    """The first and the last copy of a pile, as terminal/batch/trace.

    >>> _pile([("1", "10000001", "000001", "000007")])
    '10000001/000001/000007'
    """
    names = list(dict.fromkeys("/".join(key[1:]) for key in slips))
    return "…".join(dict.fromkeys((*names[:1], *names[-1:])))
