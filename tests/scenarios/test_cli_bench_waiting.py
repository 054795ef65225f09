"""`zhanggui bench host --waiting`, small: cards are paid while orders wait at wallets, and the books hold the cards' sales alone."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from zhanggui.acquirer.rows.records import WalletOrder
from zhanggui.acquirer.rows.state import Needs, Update
from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.cli import bench_host
from zhanggui.host.commit import Door
from zhanggui.programs.data_folder import Places, store_target
from zhanggui.programs.demo import make_demo
from zhanggui.programs.settings import Settings
from zhanggui.store.open import open_store


@pytest.mark.processes
def test_cards_are_paid_while_customers_look_for_their_phones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_host, "configure_logs", lambda **level: None)
    capsys.readouterr()
    bench_host.bench_host(2, 40, waiting=30, as_json=True)
    figures = json.loads(capsys.readouterr().out)
    assert figures["sales_per_s"]["value"] > 0
    assert figures["host_memory"]["note"] == "30 orders waited at wallets"
    assert figures["asked_of_wallets"]["value"] > 0


async def test_what_waits_is_counted_from_the_rows(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path / "data"))
    settings.data_path.mkdir()
    await make_demo(settings, SystemClock(), SystemChance(), lambda step: None)
    await bench_host.save_rows(settings, bench_host.waiting_rows(range(3)))
    store = open_store(store_target(settings, Places(settings.data_path)))
    over, asked, _ = await store.wallet_orders_to_ask(None, 3)
    rows = (replace(over, state="paid", step="", next_ms=None, queries=9), replace(asked, queries=2))
    needs = Needs({WalletOrder: [(row.merchant_no, row.order_no) for row in rows]})
    changes = [Update(row) for row in rows]
    await Door(store, SystemClock(), SystemChance()).commit(needs, lambda sheet: sheet.take(changes))
    await store.close()
    assert await bench_host.still_waiting(settings) == (2, 2)
