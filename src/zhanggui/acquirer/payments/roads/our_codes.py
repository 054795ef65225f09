"""A payment by a code that the shop shows: what its terminal hears while nobody has paid.

0200 ─▶ pending + order ─▶ the wallet makes a code ─▶ 0210 with 39 = 09 and the code; the payment is pending as before
the same 0200 again ─▶ the same answer, with what is left of the time; once it is over, the outcome
0400 ─▶ the order is given up, as of any payment at a wallet
"""

from ....basics.numbers import UnixMs
from ....basics.spans import HOUR_MS
from ....cup.messages.head import host_time
from ....cup.messages.offered import STILL_OPEN, OfferedAnswer
from ....cup.order_kinds import ORDER_KINDS
from ...orders.giving import new_order, order_counter
from ...rows.decision import PaymentReply
from ...rows.records import Counter, Payment, Terminal, WalletOrder
from ...rows.state import Change, Needs, State
from ...wallets.order import MS, offered_until
from ...wallets.plans import plan_of


def still_open(payment: Payment, order: WalletOrder | None, acquirer_code: str, now: UnixMs) -> PaymentReply | None:
    """The answer while its code may be paid; None where there is no code (yet), or where it is over."""
    if order is None or not order.is_ours or not order.shown or payment.state != "pending":
        return None
    time = host_time(now)
    return PaymentReply(
        OfferedAnswer(
            time=time,
            rrn=payment.rrn,
            response_code=STILL_OPEN,
            settlement_date=time.field_13,
            acquirer_code=acquirer_code,
            shown=order.shown,
            left_s=max(offered_until(order, plan_of(order.brand)) - now, 0) // MS,
        )
    )


RESULT = "payment_result"
"""The order by which a terminal hears that a payment is over for which nobody waits there: by our code, or late at its wallet."""
BY_HOST = "host"


def need_result(order: WalletOrder, more: Needs) -> None:
    """Ask for what `tell_result` looks at."""
    if _hears_later(order):
        more.add(Terminal, (order.merchant_no, order.terminal_no))
        more.add(Counter, (order.merchant_no, order_counter(order.terminal_no)))


def tell_result(state: State, order: WalletOrder, now: UnixMs) -> tuple[Change, ...]:
    """The order to its terminal to ask, once it is over. Other makers' terminals take no orders."""
    terminal = state.get(Terminal, order.merchant_no, order.terminal_no)
    if not _hears_later(order) or terminal is None or terminal.operator_check != "host":
        return ()
    name, until_ms = order.batch_no + order.trace_no, UnixMs(now + ORDER_KINDS[RESULT].hours * HOUR_MS)
    _, told = new_order(state, order.merchant_no, order.terminal_no, RESULT, name, (now, until_ms), BY_HOST, now)
    return told


def _hears_later(order: WalletOrder) -> bool:
    return order.is_ours or order.told == "open"
