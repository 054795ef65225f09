"""Money that goes back: an order that is cancelled, a refund, and the bill that tells both. Pure, as `paying.py`.

A cancel of an order that the wallet does not know yet closes its number: the late order is refused. Cancelled twice is cancelled
once, and a refund's number gives back once.
"""

from msgspec.structs import replace

from ..basics.numbers import UnixMs
from ..cup.brands import BrandName
from ..cup.wallets.messages import BILL_PAGE_MAX, WalletRequest, write_bill_line
from .books import GivenBack, Order, Rows
from .brands import BRAND_ROWS
from .paying import Done, answer_of, standing, take_money


def cancel(rows: Rows, brand: BrandName, request: WalletRequest, now: UnixMs) -> Done:
    """`cancel`: close an order; what was paid goes back."""
    row = BRAND_ROWS[brand]
    order = standing(rows, brand, request, now)
    if order is None:
        order = Order(
            brand=brand,
            merchant_no=request.merchant_no,
            order_no=request.order_no,
            state="closed",
            way="code",
            customer_no="",
            amount_fen=request.amount_fen,
            shop=request.shop,
            asked_ms=now,
            closed_ms=now,
        )
        rows.put(order)
        return Done(answer_of(order))
    if order.state in ("failed", "closed"):
        return Done(answer_of(order))
    if order.way == "code" and now - order.asked_ms < row.cancel_from_s * 1000:
        return Done(row.answer("too_early", brand))
    customer = rows.customer(brand, order.customer_no)
    behaviour = customer.behaviour if customer is not None else "normal"
    if order.state == "waiting" and customer is not None and behaviour == "race":
        order = take_money(rows, customer, order, now)
    if order.state == "paid":
        if now - order.asked_ms > row.cancel_within_s * 1000:
            return Done(row.answer("too_late", brand))
        order = return_all(rows, order, now)
    closed = replace(order, state="closed", closed_ms=now)
    rows.put(closed)
    if order.state == "waiting" and customer is not None and behaviour == "late_payment":
        # A fault of the wallet: it said closed, and takes the money all the same.
        take_money(rows, customer, closed, now)
    return Done(answer_of(closed), "silent" if behaviour == "silent_after" else "normal")


def give_back(rows: Rows, brand: BrandName, request: WalletRequest, now: UnixMs) -> Done:
    """`refund`: give a part, or all, of a paid order back, once under its number."""
    row = BRAND_ROWS[brand]
    known = rows.given_back(brand, request.merchant_no, request.refund_no)
    if known is not None:
        same = (known.order_no, known.amount_fen) == (request.order_no, request.amount_fen)
        return _given(rows, known) if same else Done(row.answer("number_used", brand))
    order = standing(rows, brand, request, now)
    if order is None:
        return Done(row.answer("absent", brand))
    if order.state != "paid":
        # Nothing of it stands; there is nothing to give back.
        return Done(answer_of(order) if order.state == "closed" else row.answer("too_much", brand))
    if not 0 < request.amount_fen <= order.amount_fen - order.returned_fen:
        return Done(row.answer("too_much", brand))
    _move_back(rows, order, request.amount_fen, request.refund_no, now)
    given = GivenBack(
        brand=brand,
        merchant_no=request.merchant_no,
        refund_no=request.refund_no,
        order_no=order.order_no,
        amount_fen=request.amount_fen,
        at_ms=now,
    )
    rows.put(given)
    return _given(rows, given)


def query_give_back(rows: Rows, brand: BrandName, request: WalletRequest, now: UnixMs) -> Done:
    """`refund_query`: whether a refund was made."""
    known = rows.given_back(brand, request.merchant_no, request.refund_no)
    return Done(BRAND_ROWS[brand].answer("absent", brand)) if known is None else _given(rows, known)


def tell_bill(rows: Rows, brand: BrandName, request: WalletRequest, now: UnixMs) -> Done:
    """`bill`: a page of what came and went for a shop."""
    lines = rows.bill(
        brand,
        request.merchant_no,
        UnixMs(request.from_ms),
        UnixMs(request.until_ms),
        request.after,
        BILL_PAGE_MAX,
    )
    return Done(replace(BRAND_ROWS[brand].answer("done", brand), lines=tuple(map(write_bill_line, lines))))


def _given(rows: Rows, given: GivenBack) -> Done:
    order = rows.order(given.brand, given.merchant_no, given.order_no)
    answer = BRAND_ROWS[given.brand].answer("done", given.brand) if order is None else answer_of(order)
    return Done(replace(answer, given_back_fen=given.amount_fen))


def return_all(rows: Rows, order: Order, now: UnixMs) -> Order:
    """What of an order stands goes back to its customer."""
    left_fen = order.amount_fen - order.returned_fen
    return _move_back(rows, order, left_fen, "", now) if left_fen else order


def _move_back(rows: Rows, order: Order, amount_fen: int, refund_no: str, now: UnixMs) -> Order:
    customer = rows.customer(order.brand, order.customer_no)
    if customer is not None:
        rows.put(replace(customer, balance_fen=customer.balance_fen + amount_fen))
    after = replace(order, returned_fen=order.returned_fen + amount_fen)
    rows.put(after)
    rows.note_line(after, -amount_fen, refund_no, now)
    return after
