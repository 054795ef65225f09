"""A payment that no terminal asked for: a customer pays by the code on the counter (台牌), and the wallet tells of it.

    notice, or a line of the wallet's bill ─▶ order paid, its terminal to be told: one commit
    the terminal ─▶ 0200 with the voucher, under a number, batch and session of its own ─▶ payment approved, order taken: one commit ─▶ 0210
    not taken yet ─▶ told again, more and more slowly, and never given up

The money is there from the first commit on, in an order that waits for its terminal; it stands in books, batch and shift from the
second one on, under the terminal's own number. So host and terminal never differ about a batch, whatever either knew when it was closed.
A notice decides nothing a second time: the wallet's number is the order's key. One that says something else under a known number
changes nothing. Why so: docs/decisions/0020.
"""

import msgspec
from msgspec.structs import replace

from ....basics.numbers import MerchantNo, TerminalNo, UnixMs
from ....basics.spans import HOUR_MS, MINUTE_MS
from ....cup.brands import BRANDS, BrandName
from ....cup.messages.head import host_time
from ....cup.messages.payment import PaymentAnswer, PaymentRequest
from ....cup.order_kinds import ORDER_KINDS
from ....cup.qr.received import ReceivedSheet
from ...orders.giving import new_order, order_counter
from ...rows.decision import Decision, WatchOrder
from ...rows.draft import Draft
from ...rows.records import Counter, CounterCode, Payment, Terminal, WalletOrder
from ...rows.state import Change, Insert, Needs, State, Update
from ...terminals.gate import Refusal
from ..originals import payment_key
from ..outcome import close

ARRIVED = "code_paid"
"""The order by which a terminal hears that a payment waits for it."""
BY_HOST = "host"
TOLD_AGAIN_FIRST_MS, TOLD_AGAIN_MAX_MS = MINUTE_MS, HOUR_MS
"""When a terminal is told again that has not taken a payment: doubled up to the second figure [P]."""
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
    needs.add(WalletOrder, (said.merchant_no, said.voucher))
    needs.add(CounterCode, (said.merchant_no, said.terminal_no))
    _needs_of_telling(said.merchant_no, said.terminal_no, needs)


def _needs_of_telling(merchant_no: MerchantNo, terminal_no: TerminalNo, needs: Needs) -> None:
    needs.add(Terminal, (merchant_no, terminal_no))
    needs.add(Counter, (merchant_no, order_counter(terminal_no)))


def decide_received(state: State, said: Received, host_id: str | None, now: UnixMs) -> Decision:
    """Hear that money came: once, however often and by whichever way it is said. With a reason, nothing changes."""
    known = state.get(WalletOrder, said.merchant_no, said.voucher)
    if known is not None:
        return Decision(reason="repeat" if _is_same(known, said) else "received_other_contents")
    code = state.get(CounterCode, said.merchant_no, said.terminal_no)
    if code is None or state.get(Terminal, said.merchant_no, said.terminal_no) is None:
        return Decision(reason="unknown_counter_code")
    if code.state != "active" or said.paid_ms < code.made_ms:
        # What was paid before this code was put there was paid by an earlier one, and went back when that was withdrawn: a bill that is
        # read again, or a notice that was kept, must not make money of it once the counter has a code again.
        return Decision(reason="counter_code_withdrawn")
    order = WalletOrder(
        merchant_no=said.merchant_no,
        order_no=said.voucher,
        brand=said.brand,
        state="paid",
        step="tell",
        next_ms=UnixMs(now + TOLD_AGAIN_FIRST_MS),
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
    return Decision(changes=(Insert(order), *_told(state, order, now)), effects=(WatchOrder(order),))


def _is_same(order: WalletOrder, said: Received) -> bool:
    known = (order.is_received, order.terminal_no, order.brand, order.amount_fen)
    return known == (True, said.terminal_no, said.brand, said.amount_fen)


def sheet_of(order: WalletOrder) -> ReceivedSheet:
    """What its terminal is told."""
    return ReceivedSheet(voucher=order.order_no, brand=order.brand, amount_fen=order.amount_fen)


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


def find_received(state: State, request: PaymentRequest) -> WalletOrder | Refusal:
    """The order that a terminal takes, or why it may not."""
    order = state.get(WalletOrder, request.merchant_no, request.received)
    if order is None or not order.is_received or order.terminal_no != request.terminal_no:
        return Refusal("25", "received_unknown")
    if order.amount_fen != request.amount_fen:
        return Refusal("64", "received_other_amount")
    return order if order.step == "tell" else Refusal("12", "received_already")


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
        pay_voucher=order.order_no,
    )
    _, _, batch_no, trace_no = payment_key(payment)
    taken = replace(order, batch_no=batch_no, trace_no=trace_no, step="", next_ms=None, attempts=0, told="paid")
    closed = close(draft.state, payment, reply, is_answered=True, is_in_doubt=False, now=now, reason="")
    draft.update(taken)
    draft.take(closed.changes)
    return replace(closed, changes=tuple(draft.changes), effects=(WatchOrder(taken),))
