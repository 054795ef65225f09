"""What becomes of a payment by its order at a wallet, in the commit of the order's own move.

    the order is     a payment that is pending      one that was undone here
    paid             approved                       –  (its order was given up: it can only end as cancelled or refused)
    refused          declined, by the wallet's word  done: nothing stands at the wallet
    cancelled        declined 54: not paid in time   done
    anything else    goes on                        goes on
    open, our code   goes on; whoever waits hears of the code (`our_codes.py`)
    late, gives back goes on; whoever waits hears that it does (`left_open.py`)

A payment that gives money back has an order of its own (`OrderAsked.original_order_no`), of which `paid` is yes and `refused` no.
"""

from msgspec.structs import replace

from ....basics.numbers import UnixMs
from ....cup.brands import BRANDS
from ....cup.messages.head import host_time
from ....cup.messages.payment import PaymentAnswer
from ....cup.qr.field59 import is_pay_voucher
from ....cup.wallets.codes import WalletCode, wallet_code
from ...rows.decision import Decision
from ...rows.records import Payment, WalletOrder
from ...rows.state import State, Update
from ...wallets.order import is_over, tell_paid
from ..outcome import close, decide_bank_reversed
from .left_open import call_people, goes_on
from .our_codes import still_open
from .road import key_of_payment

STANDS = "00"
NOT_PAID_IN_TIME = "54"
"""Answer to a payment whose customer did nothing until its order was cancelled: a fresh code begins anew."""
NOT_HONOURED, DOES_NOT_STAND = "05", "25"
"""Answers where a wallet gave no word of its own: to a payment, and to one that wanted money back of what is closed there."""


def decide_order_moved(state: State, order: WalletOrder, acquirer_code: str, acquirer: str, now: UnixMs) -> Decision:
    """Decide what an order's move changes of its payment; nothing while the order is open."""
    payment = state.get(Payment, *key_of_payment(order))
    if payment is None:
        return Decision(changes=call_people(state, None, order, now))
    if not is_over(order):
        return _open(state, payment, order, acquirer_code, now)
    if payment.state == "pending":
        return _closed(state, payment, order, acquirer_code, acquirer, now)
    if payment.bank_state == "reversal_due" and order.state != "paid":
        return decide_bank_reversed(state, payment, done=True)
    return Decision()


def _open(state: State, payment: Payment, order: WalletOrder, acquirer_code: str, now: UnixMs) -> Decision:
    """It goes on: whoever waits may hear of our code, or that it is late; after an hour people do."""
    called = call_people(state, payment, order, now)
    offered = still_open(payment, order, acquirer_code, now)
    if offered is not None:
        return Decision(changes=called, reply=offered)
    late = goes_on(payment, order, acquirer_code, now)
    if late is None:
        return Decision(changes=called)
    return Decision(changes=(Update(replace(order, told="open")), *called), reply=late)


def _closed(
    state: State, payment: Payment, order: WalletOrder, acquirer_code: str, acquirer: str, now: UnixMs
) -> Decision:
    is_paid, said = order.state == "paid", wallet_code(order.brand, order.wallet_code)
    time = host_time(now)
    reply = PaymentAnswer(
        time=time,
        rrn=payment.rrn,
        response_code=_code(order, said),
        settlement_date=time.field_13,
        acquirer_code=acquirer_code,
        issuer=BRANDS[order.brand].zh,
        acquirer=acquirer,
        remark="" if is_paid else said.zh,
        # What A4 can't carry is left out: the payment stands all the same, and is found by its other numbers.
        pay_voucher=order.wallet_no if is_paid and is_pay_voucher(order.wallet_no) else "",
    )
    reason = "" if is_paid else "wallet_declined" if order.state == "refused" else "wallet_not_paid"
    closed = close(state, payment, reply, is_answered=True, is_in_doubt=False, now=now, reason=reason)
    # The order learns what the terminal is told, in the same commit.
    told = tell_paid(order) if is_paid else replace(order, told="failed")
    return replace(closed, changes=(Update(told), *closed.changes))


def _code(order: WalletOrder, said: WalletCode) -> str:
    """Field 39: by the wallet's own word where it refused."""
    if order.state == "paid":
        return STANDS
    if order.state == "cancelled":
        return NOT_PAID_IN_TIME
    if order.original_order_no:
        return said.refund_answer or said.answer or DOES_NOT_STAND
    return said.answer or NOT_HONOURED
