"""What is asked of a wallet for each step of an order. Pure."""

import hashlib

from ...acquirer.rows.decision import AskWallet
from ...acquirer.rows.records import WalletOrder
from ...acquirer.wallets.order import AskedStep
from ...cup.wallets.messages import Operation, WalletRequest

REFUND_DIGITS = 31


def pay_request(effect: AskWallet) -> WalletRequest:
    """The first request of an order: by the customer's code, or for a code of the shop's."""
    order = effect.order
    return WalletRequest(
        merchant_no=order.merchant_no,
        order_no=order.order_no,
        amount_fen=order.amount_fen,
        code=effect.code.reveal() if effect.code is not None else "",
        shop=effect.shop,
    )


def request_of(order: WalletOrder, step: AskedStep) -> WalletRequest:
    """What is asked about an order."""
    if order.original_order_no:
        return WalletRequest(
            merchant_no=order.merchant_no,
            order_no=_at_wallet(order.original_order_no),
            refund_no=order.order_no,
            amount_fen=order.amount_fen,
        )
    if step == "give_back":
        return WalletRequest(
            merchant_no=order.merchant_no,
            order_no=_at_wallet(order.order_no),
            refund_no=giving_back_number(order.order_no),
            amount_fen=order.amount_fen,
        )
    return WalletRequest(
        merchant_no=order.merchant_no, order_no=_at_wallet(order.order_no), amount_fen=order.amount_fen
    )


def _at_wallet(order_no: str) -> str:
    """An order's number without the brand that tells it apart here."""
    return order_no.rpartition(":")[2]


def operation_of(order: WalletOrder, step: AskedStep, request: WalletRequest) -> Operation:
    """Which operation a step is."""
    match step:
        case "pay":
            return "pay" if request.code else "offer"
        case "query" | "look":
            return "query"
        case "cancel":
            return "cancel"
        case "give_back":
            return "refund"


def giving_back_number(order_no: str) -> str:
    """The number under which a whole order is given back: always the same one, and nobody else's.

    >>> giving_back_number("10000001000001000012261130183504")
    'Rce07f0962d875f662f9d373d6eb95fc'
    """
    return "R" + hashlib.sha256(order_no.encode()).hexdigest()[:REFUND_DIGITS]
