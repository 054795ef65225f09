"""The roads to whoever decides about the money: the card network, asked once in 8583, or a QR wallet, asked by an order of its own.

Which one a payment takes stands in its row (`Payment.wallet`: a brand; None for the card network), and is decided here.

                        card network                            wallet
    it is asked         AskBank, once it is pending             its order is begun in the same commit, and asked after it
    nobody answers      98 after a while, and reversed          the order is asked about until it is over (`wallets/order.py`)
    it is undone        the bank is told until it answers       the order is given up: cancelled, or given back
    the host stopped    timed out, and reversed                 goes on by the order's own row
    money goes back     a payment that a reversal undoes        an order that gives back; the wallet says yes or no, and nothing
                                                                undoes it (`is_never_undone`)

A payment and its order find each other by what both rows have: the order has the payment's key, the payment the order's number. That
follows from the payment's key and the sign-on under which it left (its epoch), so a host that was put back to before an order asks for
the same one when its terminal asks again, and no wallet pays or gives back a second time.
What a customer paid by the code on the counter has its order first (`received.py`).
"""

from ....basics.clock import china_time
from ....basics.errors import certain
from ....basics.numbers import UnixMs
from ....cup.messages.payment import PaymentRequest
from ....cup.qr.pay_code import brand_of
from ...rows.decision import AskBank, Effect, ReverseAtBank
from ...rows.draft import Draft
from ...rows.records import Payment, PaymentKey, WalletOrder, WalletOrderKey
from ...wallets.deciding import decide_give_up, decide_order
from ...wallets.order import OrderAsked, order_number


def wallet_of(request: PaymentRequest, original: Payment | None) -> str | None:
    """The brand whose wallet is asked for a payment: its code's, or its original's. None where the card network is asked."""
    if original is not None:
        return original.wallet
    if request.brand:
        # Our code is a wallet's, whichever brand it is.
        return request.brand
    brand = brand_of(request.code.reveal()) if request.code is not None else None
    return brand.name if brand is not None and brand.road == "wallet" else None


def order_key(payment: Payment) -> WalletOrderKey:
    """The key of a payment's order at its wallet. Defect for a payment at none."""
    return payment.merchant_no, certain(payment.order_no, "a payment at a wallet has the number of its order")


def new_order_number(payment: Payment) -> str:
    """The number of the order that a payment begins; by its instant where its terminal names no sign-on."""
    told_apart_by = payment.epoch or f"{china_time(payment.created_ms):%y%m%d%H%M%S}"
    return order_number(payment.terminal_no, payment.batch_no, payment.trace_no, told_apart_by)


def key_of_payment(order: WalletOrder) -> PaymentKey:
    """The key of the payment that an order is for."""
    return order.merchant_no, order.terminal_no, order.batch_no, order.trace_no


def is_never_undone(payment: Payment) -> bool:
    """Whether nothing undoes it, whatever its kind: a wallet that has given money back does not take it again."""
    return payment.wallet is not None and bool(payment.original_trace_no)


def order_of(payment: Payment, brand: str, original: Payment | None = None) -> OrderAsked:
    """The order at this wallet that a payment becomes; with an original, one that gives money of it back."""
    merchant_no, order_no = order_key(payment)
    return OrderAsked(
        merchant_no=merchant_no,
        order_no=order_no,
        brand=brand,
        amount_fen=payment.amount_fen,
        terminal_no=payment.terminal_no,
        batch_no=payment.batch_no,
        trace_no=payment.trace_no,
        masked_code=payment.masked_pan,
        original_order_no=order_key(original)[1] if original is not None else "",
        host_id=payment.host_id,
    )


def ask(
    draft: Draft,
    payment: Payment,
    original: Payment | None,
    request: PaymentRequest,
    pin_key: str,
    shop: str,
    now: UnixMs,
) -> Effect:
    """What asks for a payment that becomes pending with this draft. `shop`: what a wallet shows to its customer."""
    if payment.wallet is None:
        # It becomes pending, and with the same commit its original is held: only then does the bank hear of it.
        named = (original.rrn, original.pay_voucher or "") if original is not None else ()
        return AskBank(payment, pin_key, *named)
    asked = order_of(payment, payment.wallet, original)
    begun = decide_order(draft.state, asked, now, code=request.code, shop=shop)
    draft.take(begun.changes)
    (effect,) = begun.effects
    return effect


def undo(draft: Draft, undone: Payment, now: UnixMs) -> Effect:
    """What undoes a payment at whoever decided about it; its row says `reversal_due` until that is done."""
    if undone.wallet is None:
        return ReverseAtBank(undone)
    given_up = decide_give_up(draft.state, order_key(undone), now)
    draft.take(given_up.changes)
    (effect,) = given_up.effects
    return effect
