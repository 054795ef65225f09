"""A payment that no terminal asked for: a customer pays by the code on the counter (台牌), and the wallet tells of it.

    notice, or a line of the wallet's bill ─▶ order paid, its terminal to be told: one commit
    the terminal ─▶ 0200 with the voucher, under a number, batch and session of its own ─▶ payment approved, order taken: one commit ─▶ 0210
    not taken yet ─▶ told again, more and more slowly, and never given up
    no such code, or withdrawn, or its number fits no terminal ─▶ order that goes back, a case: one commit
                               ─▶ the wallet is asked to give it back until it has

The money is there from the first commit on, in an order that waits for its terminal; it stands in books, batch and shift from the
second one on, under the terminal's own number. So host and terminal never differ about a batch, whatever either knew when it was closed.
A notice decides nothing a second time: the wallet's number is the order's key, of what was refused too; each wallet counts for itself, so
another's same number is another payment (`_keys`). One that says something else
under a known number moves no money, and calls people once. Why so: docs/decisions/0020.
"""

import msgspec
from msgspec.structs import replace

from ....basics.numbers import MerchantNo, TerminalNo, UnixMs
from ....basics.spans import HOUR_MS, MINUTE_MS
from ....cup.brands import BRANDS, BrandName
from ....cup.messages.head import host_time
from ....cup.messages.payment import PaymentAnswer, PaymentRequest
from ....cup.order_kinds import ORDER_KINDS
from ....cup.qr.field59 import is_pay_voucher
from ....cup.qr.received import ReceivedSheet
from ...orders.giving import new_order, order_counter
from ...rows.cases import need_case, open_case
from ...rows.decision import Decision, WatchOrder
from ...rows.draft import Draft
from ...rows.reasons import Reason
from ...rows.records import CaseKind, Counter, CounterCode, Merchant, Payment, Terminal, WalletOrder, WalletOrderKey
from ...rows.state import Change, Insert, Needs, State, Update
from ...terminals.gate import Refusal
from ..originals import payment_key
from ..outcome import close

ARRIVED = "code_paid"
"""The order by which a terminal hears that a payment waits for it."""
BY_HOST = "host"
TOLD_AGAIN_FIRST_MS, TOLD_AGAIN_MAX_MS = MINUTE_MS, HOUR_MS
"""When a terminal is told again that has not taken a payment: doubled up to the second figure [P]."""
GIVEN_BACK_AFTER_MS = MINUTE_MS
"""How long a wallet has to hear that a payment was refused, and give it back by itself, before it is asked to [P]."""
TAKEN = "00"


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What a wallet says came by a code on a counter."""

    merchant_no: MerchantNo
    terminal_no: TerminalNo
    brand: BrandName
    voucher: str
    """The wallet's own number of it."""
    amount_fen: int
    paid_ms: UnixMs


def received_needs(said: Received, needs: Needs) -> None:
    """The rows of hearing of one."""
    for key in _keys(said.merchant_no, said.voucher, said.brand):
        needs.add(WalletOrder, key)
    needs.add(CounterCode, (said.merchant_no, said.terminal_no))
    needs.add(Merchant, (said.merchant_no,))
    need_case(said.merchant_no, needs)
    _needs_of_telling(said.merchant_no, said.terminal_no, needs)


def _needs_of_telling(merchant_no: MerchantNo, terminal_no: TerminalNo, needs: Needs) -> None:
    needs.add(Terminal, (merchant_no, terminal_no))
    needs.add(Counter, (merchant_no, order_counter(terminal_no)))


def decide_received(state: State, said: Received, host_id: str | None, now: UnixMs) -> Decision:
    """Hear that money came: once, however often and by whichever way it is said. With a reason it is not for the shop; where money came
    all the same, the changes give it back, or call people."""
    rows = [state.get(WalletOrder, *key) for key in _keys(said.merchant_no, said.voucher, said.brand)]
    known = next((row for row in rows if row is not None and row.brand == said.brand), None)
    if known is not None:
        return _heard_again(state, known, said, now)
    if state.get(Merchant, said.merchant_no) is None:
        return Decision(reason="unknown_merchant")
    why = _why_refused(state, said)
    if why:
        return _refused(state, said, why, host_id, now)
    order = replace(_order_of(state, said, host_id, now), step="tell", next_ms=UnixMs(now + TOLD_AGAIN_FIRST_MS))
    return Decision(changes=(Insert(order), *_told(state, order, now)), effects=(WatchOrder(order),))


def _why_refused(state: State, said: Received) -> Reason:
    """Why the shop does not take this money; empty where it does. What counts is when the customer paid, not when that is heard: who
    paid while the code stood there has left with the goods, and giving that back because of a lost notice would be the shop's loss."""
    if not is_pay_voucher(said.voucher):
        # Its terminal could never take it, however often it is told.
        return "received_number_unfit"
    code = state.get(CounterCode, said.merchant_no, said.terminal_no)
    if code is None or state.get(Terminal, said.merchant_no, said.terminal_no) is None:
        return "unknown_counter_code"
    stands = code.state == "active" and said.paid_ms >= code.made_ms
    stood = code.withdrawn_ms is not None and said.paid_ms < code.withdrawn_ms
    return "" if stands or stood else "counter_code_withdrawn"


def _keys(merchant_no: MerchantNo, voucher: str, *brands: str) -> tuple[WalletOrderKey, ...]:
    """Under which keys an order with this number of a wallet may stand: its own, and with the brand where another wallet had it first."""
    return ((merchant_no, voucher), *((merchant_no, f"{brand}:{voucher}") for brand in brands))


def _order_of(state: State, said: Received, host_id: str | None, now: UnixMs) -> WalletOrder:
    plain, with_brand = _keys(said.merchant_no, said.voucher, said.brand)
    return WalletOrder(
        merchant_no=said.merchant_no,
        order_no=(plain if state.get(WalletOrder, *plain) is None else with_brand)[1],
        brand=said.brand,
        state="paid",
        step="",
        next_ms=None,
        amount_fen=said.amount_fen,
        terminal_no=said.terminal_no,
        batch_no="",  # type: ignore[arg-type]  # its terminal has given it no number yet
        trace_no="",  # type: ignore[arg-type]
        wallet_no=said.voucher,
        created_ms=now,
        paid_ms=UnixMs(min(said.paid_ms, now)),
        decided_ms=now,
        host_id=host_id,
    )


def _refused(state: State, said: Received, why: Reason, host_id: str | None, now: UnixMs) -> Decision:
    """The customer's money goes back. The answer to a notice says so too, but a notice may be lost, and a bill is only read: so the order
    itself asks for it, and is over when the wallet has said that nothing stands, whoever made it give the money back. The case is for
    whoever gave goods away meanwhile."""
    refused = _order_of(state, said, host_id, now)
    order = replace(
        refused,
        state="unknown",
        step="give_back",
        next_ms=UnixMs(now + GIVEN_BACK_AFTER_MS),
        told="failed",
        decided_ms=None,
    )
    called = _call_people(
        state, said, "received_unfit" if why == "received_number_unfit" else "counter_code_refused", now
    )
    return Decision(changes=(Insert(order), *called), effects=(WatchOrder(order),), reason=why)


def _heard_again(state: State, known: WalletOrder, said: Received, now: UnixMs) -> Decision:
    if _is_same(known, said):
        return Decision(reason="received_refused" if known.told == "failed" else "repeat")
    if known.contradicted_ms is not None:
        return Decision(reason="received_other_contents")
    # Which of the two is true nobody here can know, so no money moves; a notice and a bill are told again and again, so people are
    # called with the first of them alone.
    noted = Update(replace(known, contradicted_ms=now))
    called = _call_people(state, said, "wallet_contradicts", now)
    return Decision(changes=(noted, *called), reason="received_other_contents")


def _call_people(state: State, said: Received, what: CaseKind, now: UnixMs) -> tuple[Change, ...]:
    draft = Draft(state)
    open_case(draft, what, said.merchant_no, said.terminal_no, "", now)
    return tuple(draft.changes)


def _is_same(order: WalletOrder, said: Received) -> bool:
    known = (order.is_received, order.terminal_no, order.brand, order.amount_fen)
    return known == (True, said.terminal_no, said.brand, said.amount_fen)


def sheet_of(order: WalletOrder) -> ReceivedSheet:
    """What its terminal is told."""
    return ReceivedSheet(voucher=order.wallet_no, brand=order.brand, amount_fen=order.amount_fen)


def _told(state: State, order: WalletOrder, now: UnixMs) -> tuple[Change, ...]:
    until_ms = UnixMs(now + ORDER_KINDS[ARRIVED].hours * HOUR_MS)
    contents = sheet_of(order).write()
    _, told = new_order(state, order.merchant_no, order.terminal_no, ARRIVED, contents, (now, until_ms), BY_HOST, now)
    return told


def telling_needs(order: WalletOrder, more: Needs) -> None:
    """The rows of telling a terminal again, now that the order is here."""
    _needs_of_telling(order.merchant_no, order.terminal_no, more)


def decide_tell_again(state: State, key: tuple[MerchantNo, str], *, is_told: bool, now: UnixMs) -> Decision:
    """A payment waits for its terminal still. `is_told`: an order about it is open, so that none is given beside it."""
    order = state.get(WalletOrder, *key)
    if order is None or order.step != "tell" or order.next_ms is None or order.next_ms > now:
        return Decision()
    attempts = order.attempts + 1
    pause_ms = min(TOLD_AGAIN_FIRST_MS << min(attempts, 16), TOLD_AGAIN_MAX_MS)
    waits = replace(order, attempts=attempts, next_ms=UnixMs(now + pause_ms))
    told = () if is_told else _told(state, order, now)
    return Decision(changes=(Update(waits), *told), effects=(WatchOrder(waits),))


# ── the terminal takes it ────────────────────────────────────────────────────


def taking_needs(request: PaymentRequest, needs: Needs) -> None:
    """The rows of a terminal's taking one: it names the wallet's number, and not which wallet's."""
    for key in _keys(request.merchant_no, request.received, *BRANDS):
        needs.add(WalletOrder, key)


def find_received(state: State, request: PaymentRequest) -> WalletOrder | Refusal:
    """The order that a terminal takes, or why it may not. Of two with the same number and sum, the one that waits longest."""
    rows = (state.get(WalletOrder, *key) for key in _keys(request.merchant_no, request.received, *BRANDS))
    mine = [one for one in rows if one is not None and one.is_received and one.terminal_no == request.terminal_no]
    if not mine:
        return Refusal("25", "received_unknown")
    fitting = [one for one in mine if one.amount_fen == request.amount_fen]
    if not fitting:
        return Refusal("64", "received_other_amount")
    waiting = [one for one in fitting if one.step == "tell"]
    return min(waiting, key=lambda one: one.created_ms) if waiting else Refusal("12", "received_already")


def take(draft: Draft, payment: Payment, order: WalletOrder, acquirer: tuple[str, str], now: UnixMs) -> Decision:
    """The payment stands at once: nobody has to be asked. `acquirer`: code and name. The payment is in the draft, as pending."""
    time = host_time(now)
    reply = PaymentAnswer(
        time=time,
        rrn=payment.rrn,
        response_code=TAKEN,
        settlement_date=time.field_13,
        acquirer_code=acquirer[0],
        issuer=BRANDS[order.brand].zh,
        acquirer=acquirer[1],
        pay_voucher=order.wallet_no,
    )
    _, _, batch_no, trace_no = payment_key(payment)
    taken = replace(order, batch_no=batch_no, trace_no=trace_no, step="", next_ms=None, attempts=0, told="paid")
    closed = close(draft.state, payment, reply, is_answered=True, is_in_doubt=False, now=now, reason="")
    draft.update(taken)
    draft.take(closed.changes)
    return replace(closed, changes=tuple(draft.changes), effects=(WatchOrder(taken),))
