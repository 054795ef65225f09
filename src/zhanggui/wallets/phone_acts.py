"""What a customer does with the phone: answer what a shop asks, or read a shop's code and pay it. Pure, as `paying.py`.

A shop's code is a link of ours (`/q/TOKEN` for one order), or the text that EMV lays out (`cup/qr/merchant_code.py`): a dynamic one is read
by the phones of the card network's brand, one that stands on the counter by all (互联互通: wallets read each other's codes of shops).
"""

import hmac
import re
from typing import Literal

import msgspec
from msgspec.structs import replace

from ..basics.errors import RemoteProtocolError
from ..basics.numbers import UnixMs
from ..basics.secret import Secret
from ..cup.brands import CARD_NETWORK
from ..cup.qr.merchant_code import read_merchant_code
from .books import Customer, Order, Rows, Way
from .customers import PASSWORD
from .noticing import notice_of
from .paying import asks_password, lapsed, new_wallet_no, take_money, why_not

SCANNED_MAX = 512
_COUNTER = re.compile(r"[0-9A-Za-z]{8}")
_OF_ORDER = re.compile(r".*/q/([0-9a-f]{16,64})")
Outcome = Literal[
    "paid",
    "no_code",
    "other_brand",
    "over",
    "amount_needed",
    "password_needed",
    "password_wrong",
    "balance_small",
    "day_limit",
    "static_limit",
    "risk",
    "brand_not_taken",
    "refused",
    "ready",
]
"""Words of the page by these names (`words.toml`)."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an act, and what the customer sees of the order."""

    outcome: Outcome
    shop: str = ""
    amount_fen: int = 0


class ShopCode(msgspec.Struct, frozen=True, kw_only=True):
    """A shop's code, read."""

    token: str = ""
    brand: str = ""
    merchant_no: str = ""
    shop: str = ""
    amount_fen: int = 0
    way: Way = "static"
    counter: str = ""
    """The terminal on whose counter it stands."""


def read_shop_code(text: str) -> ShopCode | None:
    """What a phone read; None when it is no shop's code.

    >>> read_shop_code("http://127.0.0.1:8595/q/00112233445566778899aabbccddeeff").token[:4]
    '0011'
    >>> read_shop_code("hello")
    """
    text = text.strip()
    if len(text) > SCANNED_MAX:
        return None
    of_order = _OF_ORDER.fullmatch(text)
    if of_order is not None:
        return ShopCode(token=of_order[1], way="dynamic")
    try:
        code = read_merchant_code(text)
    except RemoteProtocolError:
        return None
    if not code.for_one and (not _COUNTER.fullmatch(code.terminal_no) or code.amount_fen is not None):
        # Nobody would know where it was paid.
        return None
    return ShopCode(
        brand=CARD_NETWORK if code.for_one else "",
        merchant_no=code.merchant_no,
        shop=code.name,
        amount_fen=code.amount_fen or 0,
        way="dynamic" if code.for_one else "static",
        counter="" if code.for_one else code.terminal_no,
    )


def pay_shop(rows: Rows, customer: Customer, text: str, amount_fen: int, password: Secret | None, now: UnixMs) -> Seen:
    """Pay by a shop's code; `password` None: the customer has not confirmed yet, and sees only what it is."""
    code = read_shop_code(text)
    if code is None:
        return Seen(outcome="no_code")
    if code.token:
        found = rows.order_of_link(code.token)
        if found is None:
            return Seen(outcome="no_code")
        order = lapsed(rows, found, now)
    else:
        order = Order(
            brand=customer.brand,
            merchant_no=code.merchant_no,
            order_no="",
            state="waiting",
            way=code.way,
            customer_no=customer.customer_no,
            amount_fen=code.amount_fen or amount_fen,
            shop=code.shop,
            counter=code.counter,
            asked_ms=now,
        )
        if code.brand not in ("", customer.brand):
            return Seen(outcome="other_brand")
    if order.brand != customer.brand:
        return Seen(outcome="other_brand")
    if order.state != "waiting":
        return Seen(outcome="over", shop=order.shop, amount_fen=order.amount_fen)
    if order.amount_fen <= 0:
        return Seen(outcome="amount_needed", shop=order.shop)
    if password is None:
        return Seen(outcome="ready", shop=order.shop, amount_fen=order.amount_fen)
    if not order.order_no:
        # Nobody asked for it: the wallet's own number is the only one that it has.
        number = new_wallet_no(rows, now)
        order = replace(order, order_no=number, wallet_no=number)
    return _pay(rows, customer, order, password, now)


def confirm(rows: Rows, customer: Customer, merchant_no: str, order_no: str, password: Secret, now: UnixMs) -> Seen:
    """The customer types the password for what a shop asked by their code."""
    order = _own(rows, customer, merchant_no, order_no, now)
    if order is None or order.state != "waiting":
        return Seen(outcome="over")
    return _pay(rows, customer, order, password, now)


def refuse(rows: Rows, customer: Customer, merchant_no: str, order_no: str, now: UnixMs) -> Seen:
    """The customer does not pay it."""
    order = _own(rows, customer, merchant_no, order_no, now)
    if order is None or order.state != "waiting":
        return Seen(outcome="over")
    rows.put(replace(order, state="failed", cause="customer_refused"))
    return Seen(outcome="refused", shop=order.shop, amount_fen=order.amount_fen)


def _own(rows: Rows, customer: Customer, merchant_no: str, order_no: str, now: UnixMs) -> Order | None:
    order = rows.order(customer.brand, merchant_no, order_no)
    if order is None or order.customer_no != customer.customer_no:
        return None
    return lapsed(rows, order, now)


def _pay(rows: Rows, customer: Customer, order: Order, password: Secret, now: UnixMs) -> Seen:
    seen = Seen(outcome="paid", shop=order.shop, amount_fen=order.amount_fen)
    if order.way == "code" or asks_password(customer, order.amount_fen):
        if not password.reveal():
            return replace(seen, outcome="password_needed")
        if not hmac.compare_digest(password.reveal().encode(), PASSWORD.encode()):
            return replace(seen, outcome="password_wrong")
    cause = why_not(rows, customer, order.amount_fen, order.way, now)
    if cause is not None:
        # The order stays open: the customer may have more money, or another wallet, in a moment.
        return replace(seen, outcome=cause)
    paid = take_money(rows, customer, order, now)
    if paid.counter:
        rows.put(notice_of(paid, customer, now))
    return seen
