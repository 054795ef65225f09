"""What a heartbeat does to a terminal's orders: answers are taken, the next order is told.

    heartbeat ─▶ its answers ─▶ each order ends once: done, refused or expired; what ended before stays as it was
              ─▶ the first order that is due and does not wait at the terminal ─▶ told, in the commit before the answer leaves
                                                                          └▶ expired, where its time was over before it was told

A terminal answers until it is told that its answer was taken, and does what it was told once, by its own record: an order that is
told again is one that the terminal knows. Whoever knows a terminal's key answers for that terminal alone.
"""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from ...basics.numbers import MerchantNo, TerminalNo, UnixMs
from ...cup.order_kinds import order_kind
from ...cup.values.order import OrderAnswer, OrderSheet
from ..rows.draft import Draft
from ..rows.records import OrderKey, OrderState, Terminal, TerminalOrder
from ..terminals.gate import end_session

LOOKED_AT_MAX = 16
"""Orders of one terminal that one heartbeat loads: those whose time is over go with it. Those for later are none of them, or some of
them would hide whatever is given behind them."""


class OrdersAsked(msgspec.Struct, frozen=True, kw_only=True):
    """What a heartbeat says of orders, and which ones the host knows to be open."""

    answers: tuple[OrderAnswer, ...] = ()
    held: int = 0
    """The last order that waits at the terminal; 0: none."""
    known: tuple[int, ...] = ()
    """Numbers of the orders that it may be told, in order, as far as they were looked for."""
    is_for_new_ones: bool = False
    """Whether only an order that was never told may be told now: something else waits for the room in the answer."""


def keys_of_orders(merchant_no: MerchantNo, terminal_no: TerminalNo, asked: OrdersAsked) -> list[OrderKey]:
    """The rows that a heartbeat needs for its orders."""
    numbers = (*(answer.number for answer in asked.answers), *asked.known[:LOOKED_AT_MAX])
    return [(merchant_no, terminal_no, number) for number in dict.fromkeys(numbers)]


def take_answers(draft: Draft, terminal: Terminal, answers: Sequence[OrderAnswer], now: UnixMs) -> tuple[int, ...]:
    """End what was answered; the answer is which numbers need not be told again.

    An order that is not there is taken too: this database went back behind it, and the terminal need not know.
    """
    for answer in answers:
        order = draft.get(TerminalOrder, terminal.merchant_no, terminal.terminal_no, answer.number)
        if order is None or order.state not in ("queued", "told"):
            continue
        ended: OrderState = answer.state
        draft.update(replace(order, state=ended, answer=answer.word, answered_ms=now, changed_ms=now))
        kind = order_kind(order.kind)
        if ended == "done" and kind is not None and kind.ends_session:
            for session in draft.live_sessions_on(terminal.merchant_no, terminal.terminal_no):
                draft.take(end_session(draft.state, session, now, f"by_order:{order.kind}"))
    return tuple(answer.number for answer in answers)


def tell_next(draft: Draft, terminal: Terminal, asked: OrdersAsked, now: UnixMs) -> OrderSheet | None:
    """The next order for the terminal, told from now on; None when there is none."""
    rows = []
    for number in asked.known[:LOOKED_AT_MAX]:
        order = draft.get(TerminalOrder, terminal.merchant_no, terminal.terminal_no, number)
        if order is None or order.state not in ("queued", "told") or order.from_ms > now:
            continue
        if order.state == "queued" and order.until_ms <= now:
            draft.update(expired(order, now))
            continue
        if order.state == "told" and (order.order_no <= asked.held or asked.is_for_new_ones):
            continue
        rows.append(order)
    if not rows:
        return None
    first = rows[0]
    if first.state == "queued":
        draft.update(replace(first, state="told", told_ms=now, changed_ms=now))
    return OrderSheet(
        number=first.order_no,
        kind=first.kind,
        until_ms=first.until_ms,
        contents=first.contents,
        more=len(rows) > 1 or len(asked.known) > LOOKED_AT_MAX,
    )


def expired(order: TerminalOrder, now: UnixMs) -> TerminalOrder:
    """An order that was never told, and whose time is over."""
    return replace(order, state="expired", answered_ms=now, answer="never_told", changed_ms=now)
