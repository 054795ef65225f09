"""Orders at wallets on SQLite and on PostgreSQL: which are to be asked about, and what no row may say."""

import pytest
from msgspec.structs import replace
from tests.contract.store_rows import FIRST, MORNING, SHOP, save
from tests.worlds.wallet_orders import wallet_order

from zhanggui.acquirer.rows.records import WalletOrder
from zhanggui.acquirer.rows.state import Insert, Needs, Update
from zhanggui.basics.errors import ZhangguiError
from zhanggui.basics.numbers import TraceNo, UnixMs
from zhanggui.store.port import Store


def order(number: int, next_ms: int | None) -> WalletOrder:
    return wallet_order(
        merchant_no=SHOP,
        order_no=f"A{number:03d}",
        state="asked" if next_ms is not None else "paid",
        step="query" if next_ms is not None else "",
        next_ms=None if next_ms is None else UnixMs(next_ms),
        terminal_no=FIRST,
        trace_no=TraceNo(f"{number:06d}"),
        created_ms=MORNING,
    )


async def test_orders_to_ask_about_come_by_their_time_and_key_page_by_page(store: Store) -> None:
    rows = [order(3, 10), order(1, 20), order(2, 20)]
    over = order(4, 15)
    await save(store, *map(Insert, (*rows, over)))
    await save(store, Update(replace(over, state="paid", step="", next_ms=None)))
    assert await store.wallet_orders_to_ask(None, 10) == rows
    assert await store.wallet_orders_to_ask(None, 2) == rows[:2]
    assert await store.wallet_orders_to_ask(rows[1], 10) == rows[2:]
    async with store.unit() as unit:
        state = await unit.load(Needs({WalletOrder: [(SHOP, "A004")]}))
    known = state.get(WalletOrder, SHOP, "A004")
    assert known is not None
    assert (known.state, known.next_ms) == ("paid", None)


@pytest.mark.parametrize("wrong", [{"next_ms": None}, {"amount_fen": 0}])
async def test_no_row_waits_for_an_outcome_that_nobody_asks_for(store: Store, wrong: dict[str, int | None]) -> None:
    with pytest.raises(ZhangguiError):
        await save(store, Insert(replace(order(1, 10), **wrong)))
    assert await store.wallet_orders_to_ask(None, 10) == []
