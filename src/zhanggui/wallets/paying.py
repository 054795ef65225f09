"""What becomes of an order that a customer pays. Pure: rows in, rows and an answer out; time and chance as arguments.

By the customer's code, in this order; the first check that fails is the answer, and the order is over with it:

    code       unknown · used · older than a minute            customer   behaviour: brand not taken, risk, busy
    number     the same order again: as it stands · other contents under it · closed already
    limits     the day's, the balance's                         password   above the brand's amount, or by behaviour: waiting

A code is used up by its first request, whatever becomes of that. Limits and balance are looked at again when the password comes.
By a shop's code the customer begins: a dynamic one has its order, a static one makes its own, and 500 yuan a day is all that one
customer may pay by such (level D).
"""

import hashlib
from typing import Literal

import msgspec
from msgspec.structs import replace

from ..basics.clock import china_time, instant_of
from ..basics.numbers import UnixMs
from ..cup.brands import BrandName
from ..cup.wallets.messages import WalletAnswer, WalletRequest
from .books import Customer, Order, PayCodeRow, Rows, Way
from .brands import BRAND_ROWS, Cause

EVERY_WAY: tuple[Way, ...] = ("code", "dynamic", "static")
Delivery = Literal["normal", "slow", "silent"]


class Done(msgspec.Struct, frozen=True):
    """The answer to a request, and how it is given."""

    answer: WalletAnswer
    delivery: Delivery = "normal"


def hash_of(code: str) -> bytes:
    """What is kept of a code: long and random as it is, one hash is enough."""
    return hashlib.sha256(code.encode()).digest()


def show_code(rows: Rows, customer: Customer, code: str, now: UnixMs) -> int:
    """A customer's phone shows this new code; the answer is for how many seconds it is good."""
    rows.put(PayCodeRow(code_hash=hash_of(code), brand=customer.brand, customer_no=customer.customer_no, made_ms=now))
    return BRAND_ROWS[customer.brand].code_life_s


def pay_by_code(rows: Rows, brand: BrandName, request: WalletRequest, now: UnixMs) -> Done:
    """`pay`: a shop read a customer's code."""
    row = BRAND_ROWS[brand]
    shown = rows.pay_code(hash_of(request.code))
    known = standing(rows, brand, request, now)
    if known is not None:
        same = known.amount_fen == request.amount_fen and shown is not None and shown.customer_no == known.customer_no
        if known.state == "closed":
            return Done(row.answer("order_closed", brand))
        return Done(answer_of(known) if same else row.answer("number_used", brand))
    if shown is None or shown.brand != brand:
        return _failed(rows, brand, request, "", "code_invalid", now)
    customer = rows.customer(brand, shown.customer_no)
    if customer is None:
        return _failed(rows, brand, request, "", "code_invalid", now)
    if customer.behaviour == "silent":
        return Done(row.answer("unclear", brand), "silent")
    if customer.behaviour == "busy":
        return Done(row.answer("busy", brand))
    if shown.used_ms is not None:
        return _failed(rows, brand, request, "", "code_used", now)
    rows.put(replace(shown, used_ms=now))
    if now - shown.made_ms > row.code_life_s * 1000:
        return _failed(rows, brand, request, "", "code_expired", now)
    cause = why_not(rows, customer, request.amount_fen, "code", now)
    if cause is not None:
        return _failed(rows, brand, request, customer.customer_no, cause, now)
    order = _order(brand, request, "code", customer.customer_no, now, row.revoke_s)
    if asks_password(customer, request.amount_fen):
        rows.put(order)
        return Done(answer_of(order), _delivery(customer))
    order = take_money(rows, customer, order, now)
    if customer.behaviour == "unclear":
        return Done(row.answer("unclear", brand))
    return Done(answer_of(order), _delivery(customer))


def offer(rows: Rows, brand: BrandName, request: WalletRequest, link: str, now: UnixMs) -> Done:
    """`offer`: a shop shows a code for this order; whoever reads it may pay."""
    row = BRAND_ROWS[brand]
    known = standing(rows, brand, request, now)
    if known is not None:
        if known.state == "closed":
            return Done(row.answer("order_closed", brand))
        same = known.amount_fen == request.amount_fen and known.way == "dynamic"
        return Done(replace(answer_of(known), link=known.link) if same else row.answer("number_used", brand))
    order = replace(_order(brand, request, "dynamic", "", now, row.offer_life_s), link=link)
    rows.put(order)
    return Done(replace(answer_of(order), link=link))


def query(rows: Rows, brand: BrandName, request: WalletRequest, now: UnixMs) -> Done:
    """`query`: as the order stands."""
    order = standing(rows, brand, request, now)
    if order is None:
        return Done(BRAND_ROWS[brand].answer("absent", brand))
    customer = rows.customer(brand, order.customer_no)
    return Done(answer_of(order), _delivery(customer) if customer is not None else "normal")


def standing(rows: Rows, brand: BrandName, request: WalletRequest, now: UnixMs) -> Order | None:
    """The order of a request as it stands now: one that nobody paid in time is closed by this."""
    order = rows.order(brand, request.merchant_no, request.order_no)
    return None if order is None else lapsed(rows, order, now)


def lapsed(rows: Rows, order: Order, now: UnixMs) -> Order:
    """An order as it is now."""
    if order.state == "waiting" and order.until_ms is not None and now >= order.until_ms:
        order = replace(order, state="closed", closed_ms=order.until_ms)
        rows.put(order)
    return order


def answer_of(order: Order) -> WalletAnswer:
    """An order in its brand's words."""
    row, brand = BRAND_ROWS[order.brand], order.brand
    match order.state:
        case "waiting":
            answer = replace(
                row.answer("waiting" if order.way == "code" else "done", brand), state=row.state_word("unpaid")
            )
        case "paid":
            state = "returned" if order.returned_fen >= order.amount_fen else "paid"
            answer = replace(row.answer("done", brand), state=row.state_word(state))
        case "failed":
            answer = row.answer(order.cause, brand)  # type: ignore[arg-type]  # kept causes are causes
        case "closed":
            state = "returned" if order.returned_fen else "closed"
            answer = replace(row.answer("done", brand), state=row.state_word(state))
    return replace(
        answer,
        order_no=order.order_no,
        wallet_no=order.wallet_no,
        amount_fen=order.amount_fen,
        returned_fen=order.returned_fen,
    )


def asks_password(customer: Customer, amount_fen: int) -> bool:
    """Whether the customer has to prove that it is they."""
    return amount_fen > BRAND_ROWS[customer.brand].password_over_fen or customer.behaviour in (
        "password",
        "race",
        "late_payment",
    )


def why_not(rows: Rows, customer: Customer, amount_fen: int, way: Way, now: UnixMs) -> Cause | None:
    """Why a customer can't pay this; None when nothing is in the way."""
    row, brand, number = BRAND_ROWS[customer.brand], customer.brand, customer.customer_no
    if customer.behaviour == "brand_not_taken":
        return "brand_not_taken"
    if customer.behaviour == "risk":
        return "risk"
    today = instant_of(china_time(now).replace(hour=0, minute=0, second=0, microsecond=0))
    if way == "static" and rows.paid_since(brand, number, today, ("static",)) + amount_fen > row.static_day_fen:
        return "static_limit"
    if rows.paid_since(brand, number, today, EVERY_WAY) + amount_fen > row.day_limit_fen:
        return "day_limit"
    return "balance_small" if amount_fen > customer.balance_fen else None


def new_wallet_no(rows: Rows, now: UnixMs) -> str:
    """A number that no payment of any brand has: twenty digits."""
    return f"{china_time(now):%Y%m%d}{rows.next_number():012d}"


def take_money(rows: Rows, customer: Customer, order: Order, now: UnixMs) -> Order:
    """The customer pays: balance, order and the shop's bill change together."""
    number = order.wallet_no or new_wallet_no(rows, now)
    paid = replace(order, state="paid", customer_no=customer.customer_no, wallet_no=number, paid_ms=now)
    rows.put(replace(customer, balance_fen=customer.balance_fen - order.amount_fen))
    rows.put(paid)
    rows.note_line(paid, order.amount_fen, "", now)
    return paid


def _order(brand: BrandName, request: WalletRequest, way: Way, customer_no: str, now: UnixMs, life_s: int) -> Order:
    return Order(
        brand=brand,
        merchant_no=request.merchant_no,
        order_no=request.order_no,
        state="waiting",
        way=way,
        customer_no=customer_no,
        amount_fen=request.amount_fen,
        shop=request.shop,
        asked_ms=now,
        until_ms=UnixMs(now + life_s * 1000) if life_s else None,
    )


def _failed(rows: Rows, brand: BrandName, request: WalletRequest, customer_no: str, cause: Cause, now: UnixMs) -> Done:
    """The order is over before anybody paid, and stays so."""
    order = replace(_order(brand, request, "code", customer_no, now, 0), state="failed", cause=cause)
    rows.put(order)
    return Done(answer_of(order))


def _delivery(customer: Customer) -> Delivery:
    match customer.behaviour:
        case "slow":
            return "slow"
        case "silent_after":
            return "silent"
        case _:
            return "normal"
