"""What a shop's acquirer is told unasked: a customer paid by a code that hangs on the wall. Pure, as `paying.py`.

    paid ─▶ told ─┬─ taken ─▶ over
             ▲    ├─ refused: nobody there has such a code ─▶ the customer's money goes back
             │    └─ contradicted ─▶ over, and logged
             └ no answer: after 1, 2, 4 … seconds, TRIES_MAX times; then the bill alone says it [P]

A customer whose wallet is slow is told of late, one whose wallet is silent after it did something is not told of at all.
"""

from msgspec.structs import replace

from ..basics.numbers import UnixMs
from ..cup.wallets.messages import NoticeHeard, WalletNotice
from .books import Customer, Notice, Order, Rows
from .undoing import return_all

LATE_MS = 8_000
TRIES_MAX = 15
PAUSE_FIRST_MS, PAUSE_MAX_MS = 1_000, 3_600_000


def notice_of(order: Order, customer: Customer, now: UnixMs) -> Notice:
    """The notice of a payment that was just made."""
    due: UnixMs | None = UnixMs(now + (LATE_MS if customer.behaviour == "slow" else 0))
    if customer.behaviour == "silent_after":
        due = None
    return Notice(
        wallet_no=order.wallet_no,
        brand=order.brand,
        merchant_no=order.merchant_no,
        counter=order.counter,
        amount_fen=order.amount_fen,
        paid_ms=order.paid_ms or now,
        next_ms=due,
    )


def message_of(notice: Notice) -> WalletNotice:
    """What is told."""
    return WalletNotice(
        merchant_no=notice.merchant_no,
        counter=notice.counter,
        wallet_no=notice.wallet_no,
        amount_fen=notice.amount_fen,
        paid_ms=notice.paid_ms,
    )


def heard(rows: Rows, wallet_no: str, said: NoticeHeard | None, now: UnixMs) -> Notice | None:
    """What becomes of a notice by what the acquirer said of it; None: it said nothing. The answer is the notice as it is kept."""
    notice = rows.notice(wallet_no)
    if notice is None or notice.next_ms is None:
        return notice
    attempts = notice.attempts + 1
    if said is None:
        pause_ms = min(PAUSE_FIRST_MS << min(attempts - 1, 20), PAUSE_MAX_MS)
        due = UnixMs(now + pause_ms) if attempts < TRIES_MAX else None
        notice = replace(notice, attempts=attempts, next_ms=due)
    else:
        notice = replace(notice, attempts=attempts, next_ms=None, heard=said)
    rows.put(notice)
    order = rows.order(notice.brand, notice.merchant_no, notice.wallet_no)
    if said == "refused" and order is not None and order.state == "paid":
        rows.put(replace(return_all(rows, order, now), state="closed", closed_ms=now))
    return notice
