"""Decisions about orders at wallets: to begin one, to give one up. What a wallet answers is heard by `order.py`.

For whoever makes payments of orders: its own decision takes over changes and effects of these, so that payment and order are one
commit.
"""

from ...basics.numbers import UnixMs
from ...basics.secret import PayCode
from ..rows.decision import AskWallet, Decision, WatchOrder
from ..rows.records import WalletOrder, WalletOrderKey
from ..rows.state import Insert, State, Update
from .order import OrderAsked, begin, give_up
from .plans import plan_of


def decide_order(
    state: State,
    asked: OrderAsked,
    now: UnixMs,
    *,
    code: PayCode | None = None,
    shop: str = "",
) -> Decision:
    """Begin an order; it is asked once this is durable. `code`: the customer's; None: the wallet makes a code for the shop."""
    order = begin(asked, plan_of(asked.brand), now)
    return Decision(changes=(Insert(order),), effects=(AskWallet(order, code, shop),))


def decide_give_up(state: State, key: WalletOrderKey, now: UnixMs) -> Decision:
    """Nobody waits for it any more, or it is undone: cancelled, or given back; see `order.give_up`. Nothing where it is unknown."""
    before = state.get(WalletOrder, *key)
    if before is None:
        return Decision()
    order = give_up(before, plan_of(before.brand), now)
    return Decision(changes=(Update(order),), effects=(WatchOrder(order),))
