"""What a terminal is told once nobody waits for a payment by a code that it shows: to ask; and who is told nothing."""

import pytest
from tests.unit.acquirer.test_orders_to_terminals import shop, terminal
from tests.worlds.acquirer_world import NOON
from tests.worlds.wallet_orders import wallet_order

from zhanggui.acquirer.payments.roads.our_codes import need_result, tell_result
from zhanggui.acquirer.rows.records import Terminal, TerminalOrder, WalletOrder
from zhanggui.acquirer.rows.state import Needs

OURS_SHOWN = wallet_order(state="paid", step="", next_ms=None, shown="weixin://pay/1", masked_code="")


def told(of: Terminal, order: WalletOrder) -> list[tuple[str, str, str]]:
    rows = [change.record for change in tell_result(shop(of=of), order, NOON)]
    return [(row.kind, row.contents, row.given_by) for row in rows if isinstance(row, TerminalOrder)]


def test_a_terminal_of_ours_is_told_to_ask_about_its_payment_by_our_code() -> None:
    assert told(terminal(), OURS_SHOWN) == [("payment_result", "000001000010", "host")]


@pytest.mark.parametrize("what", ["another maker's terminal", "a customer's code"])
def test_another_makers_terminal_takes_no_orders_and_a_customers_code_is_waited_for(what: str) -> None:
    by_code = what == "a customer's code"
    of = terminal(operator_check="host" if by_code else "terminal")
    order = wallet_order(state="paid", step="", next_ms=None) if by_code else OURS_SHOWN
    assert told(of, order) == []
    needs = Needs()
    need_result(order, needs)
    assert bool(needs.keys.get(Terminal)) is not by_code
