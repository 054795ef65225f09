"""Decisions about orders at wallets: to begin one, to give one up. What a wallet answers is heard by `order.py`.

For whoever makes payments of orders: its own decision takes over changes and effects of these, so that payment and order are one
commit.
"""

from ...basics.numbers import UnixMs
from ...basics.secret import PayCode
from ..rows.decision import AskWallet, Decision, WatchOrder
from ..rows.records import WalletOrder, WalletOrderKey
from ..rows.state import Insert, State, Update
from .order import OrderAsked, begin, give_up, is_over
from .plans import plan_of

ORDER_OPEN = "wallet_order_open"


def decide_order(
    state: State,
    asked: OrderAsked,
    now: UnixMs,
    *,
    code: PayCode | None = None,
    shop: str = "",
    earlier: WalletOrderKey | None = None,
) -> Decision:
    """Begin an order; it is asked once this is durable. `code`: the customer's; None: the wallet makes a code for the shop.

    `earlier`: the order that this customer tried before. While that is open this one is refused, because both could be paid. The
    rows of both orders must be among the needs.
    """
    before = state.get(WalletOrder, *earlier) if earlier is not None else None
    if before is not None and not is_over(before):
        return Decision(reason=ORDER_OPEN)
    order = begin(asked, plan_of(asked.brand), now)
    return Decision(changes=(Insert(order),), effects=(AskWallet(order, code, shop),))


def decide_give_up(state: State, key: WalletOrderKey, now: UnixMs) -> Decision:
    """Nobody waits for it any more, or it is undone: cancelled, or given back; see `order.give_up`. Nothing where it is unknown."""
    before = state.get(WalletOrder, *key)
    if before is None:
        return Decision()
    order = give_up(before, plan_of(before.brand), now)
    return Decision(changes=(Update(order),), effects=(WatchOrder(order),))
