"""Giving an order to a terminal: who may, what it may say, and which number it gets.

An order's number is at least the seconds since 2026, and greater than the terminal's last one: a database that went back in time
still goes forward, so that a terminal never takes a new order for one that it has done.
"""

from ...basics.numbers import MerchantNo, TerminalNo, UnixMs
from ...basics.spans import HOUR_MS
from ...cup.order_kinds import HOURS_MAX, OrderKind, fits
from ..policy.actors import NOT_PERMITTED, Actor, may_manage, noted
from ..rows.decision import Decision
from ..rows.numbering import RRN_EPOCH_MS
from ..rows.reasons import Reason
from ..rows.records import Counter, Terminal, TerminalOrder
from ..rows.state import Change, Insert, Needs, State, Update


def order_counter(terminal_no: TerminalNo) -> str:
    """The name of the counter of a terminal's orders."""
    return f"order:{terminal_no}"


def order_needs(merchant_no: MerchantNo, terminal_no: TerminalNo) -> Needs:
    """The rows of giving one."""
    counters: list[tuple[str, str]] = [(merchant_no, "note"), (merchant_no, order_counter(terminal_no))]
    return Needs({Terminal: [(merchant_no, terminal_no)], Counter: counters})


def decide_give_order(
    state: State,
    merchant_no: MerchantNo,
    terminal_no: TerminalNo,
    name: str,
    kind: OrderKind,
    contents: str,
    span: tuple[UnixMs | None, UnixMs | None],
    by: Actor,
    now: UnixMs,
) -> Decision:
    """Queue an order of this kind. `span`: from when and until when it is good (None: now, and as long as its kind is)."""
    if state.get(Terminal, merchant_no, terminal_no) is None:
        return Decision(reason="unknown_terminal")
    # One without a right is a rule's of the host: nobody gives it.
    if not kind.right or not may_manage(by, kind.right):
        return Decision(reason=NOT_PERMITTED)
    from_ms = UnixMs(max(now, span[0] or now))
    until_ms = span[1] if span[1] is not None else UnixMs(from_ms + kind.hours * HOUR_MS)
    reason = _against(state, merchant_no, terminal_no, kind, contents)
    if not from_ms < until_ms <= now + HOURS_MAX * HOUR_MS:
        return Decision(reason="order_time_impossible")
    if reason:
        return Decision(reason=reason)
    order, changes = new_order(state, merchant_no, terminal_no, name, contents, (from_ms, until_ms), by.name, now)
    note = noted(state, merchant_no, by, kind.right, terminal_no, f"{name} {order.order_no}", now)
    return Decision(changes=(*changes, *note))


def _against(state: State, merchant_no: MerchantNo, terminal_no: TerminalNo, kind: OrderKind, contents: str) -> Reason:
    terminal = state.get(Terminal, merchant_no, terminal_no)
    if terminal is None or terminal.operator_check != "host":
        return "not_our_terminal"
    return "" if fits(kind, contents) else "order_text_wrong"


def new_order(
    state: State,
    merchant_no: MerchantNo,
    terminal_no: TerminalNo,
    name: str,
    contents: str,
    span: tuple[UnixMs, UnixMs],
    given_by: str,
    now: UnixMs,
) -> tuple[TerminalOrder, tuple[Change, ...]]:
    """An order with the terminal's next number, and what is to be written: for rules of the host that order something themselves."""
    counter = state.get(Counter, merchant_no, order_counter(terminal_no))
    number = max((counter.value if counter is not None else 0) + 1, (now - RRN_EPOCH_MS) // 1000)
    counted = Counter(merchant_no=merchant_no, name=order_counter(terminal_no), value=number)
    order = TerminalOrder(
        merchant_no=merchant_no,
        terminal_no=terminal_no,
        order_no=number,
        kind=name,
        contents=contents,
        state="queued",
        from_ms=span[0],
        until_ms=span[1],
        given_by=given_by,
        given_ms=now,
        changed_ms=now,
    )
    return order, (Update(counted) if counter is not None else Insert(counted), Insert(order))
