"""What a terminal is told once nobody waits for a payment by a code that it shows: to ask; and who is told nothing."""

import pytest
from msgspec.structs import replace
from tests.unit.acquirer.test_orders_to_terminals import shop, terminal
from tests.worlds.acquirer_world import MERCHANT, NOON, OURS

from zhanggui.acquirer.payments.roads.our_codes import need_result, tell_result
from zhanggui.acquirer.rows.records import Terminal, TerminalOrder, WalletOrder
from zhanggui.acquirer.rows.state import Needs
from zhanggui.basics.numbers import BatchNo, TraceNo

ORDER = WalletOrder(
    merchant_no=MERCHANT,
    order_no="A1",
    brand="wechat",
    state="paid",
    step="",
    next_ms=None,
    amount_fen=100,
    terminal_no=OURS,
    batch_no=BatchNo("000001"),
    trace_no=TraceNo("000012"),
    created_ms=NOON,
)


def told(of: Terminal, order: WalletOrder) -> list[tuple[str, str, str]]:
    rows = [change.record for change in tell_result(shop(of=of), order, NOON)]
    return [(row.kind, row.contents, row.given_by) for row in rows if isinstance(row, TerminalOrder)]


def test_a_terminal_of_ours_is_told_to_ask_about_its_payment_by_our_code() -> None:
    assert told(terminal(), replace(ORDER, shown="weixin://pay/1", masked_code="")) == [
        ("payment_result", "000001000012", "host")
    ]


@pytest.mark.parametrize("what", ["another maker's terminal", "a customer's code"])
def test_another_makers_terminal_takes_no_orders_and_a_customers_code_is_waited_for(what: str) -> None:
    by_code = what == "a customer's code"
    of = terminal(operator_check="host" if by_code else "terminal")
    order = replace(ORDER, masked_code="13****4567") if by_code else replace(ORDER, shown="weixin://pay/1")
    assert told(of, order) == []
    needs = Needs()
    need_result(order, needs)
    assert bool(needs.keys.get(Terminal)) is not by_code
