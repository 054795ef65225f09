"""A payment by a code that the shop shows: what its terminal hears while nobody has paid.

0200 ─▶ pending + order ─▶ the wallet makes a code ─▶ 0210 with 39 = 09 and the code; the payment is pending as before
the same 0200 again ─▶ the same answer, with what is left of the time; once it is over, the outcome
0400 ─▶ the order is given up, as of any payment at a wallet
"""

from ....basics.numbers import UnixMs
from ....cup.messages.head import host_time
from ....cup.messages.offered import STILL_OPEN, OfferedAnswer
from ...rows.decision import PaymentReply
from ...rows.records import Payment, WalletOrder
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
