"""A customer pays by the code that stands on the counter: the payment arrives at its terminal by itself, once, with slips, list and books."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.conftest import Ports
from tests.scenarios.test_our_code_at_the_counter import MODELS, balance_fen, owed
from tests.worlds.house import House, until
from tests.worlds.true_terminal import AtTheCounter, at_the_counter

from zhanggui.basics.clock import SystemClock
from zhanggui.basics.secret import Secret
from zhanggui.cli import counter_card
from zhanggui.wallets.books import Behaviour
from zhanggui.wallets.customers import PASSWORD
from zhanggui.wallets.phone_acts import Seen, pay_shop
from zhanggui.wallets.store import WalletsFile

FIRST = "10000001"


@pytest.fixture
def house(start_house: Callable[..., House], ports: Ports) -> House:
    """Bank, host and wallets."""
    return start_house(wallets_port=ports.take())


@pytest.fixture
def texts(house: House, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What the code on the counter of each terminal says."""
    said = {}
    for number in MODELS.values():
        counter_card.put(house.settings, "", "", number, "5411", "上海", as_json=True)
        capsys.readouterr()
        counter_card.card(house.settings, "", number, house.folder / f"card-{number}.png", as_json=True)
        said[number] = str(json.loads(capsys.readouterr().out)["text"])
    return said


def pays(folder: Path, text: str, fen: int, brand: str = "wechat", behaviour: Behaviour = "normal") -> Seen:
    """The customer's phone reads the code, and the customer types the amount."""
    file = WalletsFile(folder)
    try:
        with file.writing() as rows:
            owner = rows.customer(brand, "chen")
            assert owner is not None
            owner = replace(owner, behaviour=behaviour)
            rows.put(owner)
            return pay_shop(rows, owner, text, fen, Secret(PASSWORD), SystemClock().now())
    finally:
        file.close()


def taken(house: House) -> list[dict[str, object]]:
    return [row for row in house.host_rows("payments") if row["kind"] == "qr_static"]


async def see_it_arrive(at: AtTheCounter, amount: str) -> None:
    """The amount in large, then the slips."""
    view = await at.screen("own_paid")
    assert any(amount in line.text for line in view.lines)
    at.keys("enter")
    view = await at.screen("tear_off", "standby")
    if view.id == "tear_off":
        await at.slips_out()


@pytest.mark.parametrize(("brand", "model"), [("wechat", "smart"), ("alipay", "esign"), ("unionpay", "keypad")])
async def test_what_is_paid_by_the_code_on_the_counter_arrives_by_itself(
    house: House, ports: Ports, brand: str, model: str, texts: dict[str, str]
) -> None:
    text = texts[MODELS[model]]
    async with at_the_counter(house, ports.take(), MODELS[model]) as at:
        assert pays(house.folder, text, 12345, brand).outcome == "paid"
        await see_it_arrive(at, "123.45")
    (row,) = taken(house)
    assert (row["state"], row["wallet"], row["amount_fen"]) == ("approved", brand, 12345)
    assert owed(house) == {"wallet_clearing": 12345, "merchant_payable": -12345}
    (order,) = house.host_rows("wallet_orders")
    assert (order["order_no"], order["step"], order["told"]) == (row["pay_voucher"], "", "paid")
    assert [order["kind"] for order in house.host_rows("terminal_orders")] == ["code_paid"]
    assert balance_fen(house.folder, brand) == 500_000 - 12345


async def test_without_a_notice_the_bill_tells_of_it(house: House, ports: Ports, texts: dict[str, str]) -> None:
    text = texts[FIRST]
    async with at_the_counter(house, ports.take()) as at:
        assert pays(house.folder, text, 700, behaviour="silent_after").outcome == "paid"
        await see_it_arrive(at, "7.00")
    assert len(taken(house)) == 1


async def test_a_terminal_that_was_off_hears_of_all_that_came(
    house: House, ports: Ports, texts: dict[str, str]
) -> None:
    text = texts[FIRST]
    for fen in (100, 200, 300):
        assert pays(house.folder, text, fen).outcome == "paid"
    until(lambda: len(house.host_rows("wallet_orders")) == 3, "the host to hear of all three", 20)
    assert owed(house) == {"wallet_clearing": 0, "merchant_payable": 0}
    async with at_the_counter(house, ports.take()) as at:
        for amount in ("1.00", "2.00", "3.00"):
            await see_it_arrive(at, amount)
    assert sorted(int(str(row["amount_fen"])) for row in taken(house)) == [100, 200, 300]
    assert owed(house) == {"wallet_clearing": 600, "merchant_payable": -600}


async def test_it_arrives_at_once_also_after_a_sign_in_brought_new_keys(
    house: House, ports: Ports, texts: dict[str, str]
) -> None:
    """The host heard of the line under the keys before; rings under those say nothing to a terminal."""
    async with at_the_counter(house, ports.take()) as at:
        for operator in ("02", "01"):
            assert pays(house.folder, texts[FIRST], 5860).outcome == "paid"
            await see_it_arrive(at, "58.60")
            await at.screen("standby")
            at.keys("sign_out")
            await at.screen("sign_out")
            at.keys("enter")
            await at.screen("signed_out")
            at.keys("enter")
            await at.sign_in(operator)
        assert pays(house.folder, texts[FIRST], 5860).outcome == "paid"
        await see_it_arrive(at, "58.60")
    rows = house.host_rows("terminal_orders")
    assert [row["state"] for row in rows] == ["done"] * 3
    assert all(int(str(row["told_ms"])) - int(str(row["given_ms"])) < 10_000 for row in rows)
    assert len(taken(house)) == 3
