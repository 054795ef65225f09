"""A terminal of ours shows a code, a customer's phone pays it, and the payment arrives by itself; given up; terminal or host stops."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.conftest import Ports
from tests.worlds.house import House, until
from tests.worlds.true_terminal import AtTheCounter, at_the_counter

from zhanggui.basics.clock import SystemClock
from zhanggui.basics.secret import Secret
from zhanggui.wallets.customers import PASSWORD
from zhanggui.wallets.phone_acts import Seen, pay_shop
from zhanggui.wallets.store import WalletsFile

MODELS = {"smart": "10000001", "esign": "10000002", "keypad": "10000003"}
OWED = ("wallet_clearing", "merchant_payable")


@pytest.fixture
def house(start_house: Callable[..., House], ports: Ports) -> House:
    """Bank, host and wallets."""
    return start_house(wallets_port=ports.take())


def reads(folder: Path, text: str, brand: str = "wechat") -> Seen:
    """The customer's phone reads a code and pays."""
    file = WalletsFile(folder)
    try:
        with file.writing() as rows:
            owner = rows.customer(brand, "chen")
            assert owner is not None
            return pay_shop(rows, owner, text, 0, Secret(PASSWORD), SystemClock().now())
    finally:
        file.close()


def balance_fen(folder: Path, brand: str = "wechat") -> int:
    file = WalletsFile(folder)
    try:
        owner = file.reading.customer(brand, "chen")
        assert owner is not None
        return owner.balance_fen
    finally:
        file.close()


async def to_code(at: AtTheCounter, fen: str = "12345", brand: str = "wechat") -> str:
    at.keys("qr_own")
    await at.screen("amount")
    at.keys(*fen, "enter")
    await at.screen("brand")
    at.keys(brand)
    view = await at.screen("own_code")
    return view.scan


def payment(house: House) -> dict[str, object]:
    (row,) = [row for row in house.host_rows("payments") if row["kind"] == "qr_own"]
    return row


def owed(house: House) -> dict[str, int]:
    sums = dict.fromkeys(OWED, 0)
    for row in house.host_rows("postings"):
        sums[row["account"]] += int(row["amount_fen"])
    return sums


@pytest.mark.parametrize(("brand", "model"), [("wechat", "smart"), ("alipay", "esign"), ("unionpay", "keypad")])
async def test_what_a_phone_pays_arrives_by_itself_with_slips_list_and_books(
    house: House, ports: Ports, brand: str, model: str
) -> None:
    async with at_the_counter(house, ports.take(), MODELS[model]) as at:
        text = await to_code(at, brand=brand)
        assert text.startswith(f"http://127.0.0.1:{house.settings.wallets.port}/q/")
        assert reads(house.folder, text, brand).outcome == "paid"
        view = await at.screen("own_paid")
        assert any("123.45" in line.text for line in view.lines)
        at.keys("enter")
        view = await at.screen("tear_off", "standby")
        if view.id == "tear_off":
            await at.slips_out()
        assert at.terminal.view().rows[0].left
    row = payment(house)
    assert (row["state"], row["wallet"], row["amount_fen"]) == ("approved", brand, 12345)
    assert owed(house) == {"wallet_clearing": 12345, "merchant_payable": -12345}
    (order,) = house.host_rows("terminal_orders")
    assert (order["kind"], order["contents"]) == ("payment_result", f"{row['batch_no']}{row['trace_no']}")
    assert balance_fen(house.folder, brand) == 500_000 - 12345


@pytest.mark.parametrize("model", MODELS)
async def test_a_cashier_gives_it_up_and_nothing_is_owed(house: House, ports: Ports, model: str) -> None:
    async with at_the_counter(house, ports.take(), MODELS[model]) as at:
        await to_code(at)
        at.keys("cancel")
        await at.screen("standby")
    assert payment(house)["state"] == "reversed"
    until(lambda: house.host_rows("wallet_orders")[0]["state"] == "cancelled", "the order to be closed", 5)
    assert house.host_rows("wallet_orders")[0]["told"] == "failed"
    assert owed(house) == dict.fromkeys(OWED, 0)


async def test_what_has_arrived_stands_whatever_key_is_pressed(house: House, ports: Ports) -> None:
    # What is paid and given up before it arrives goes back: by the clock, in `test_our_code_by_the_clock`.
    async with at_the_counter(house, ports.take()) as at:
        text = await to_code(at)
        assert reads(house.folder, text).outcome == "paid"
        await at.screen("own_paid")
        at.keys("cancel")
        await at.screen("tear_off")
    assert payment(house)["state"] == "approved"
    assert owed(house) == {"wallet_clearing": 12345, "merchant_payable": -12345}


async def test_a_terminal_that_was_off_finds_its_code_again_and_what_came_of_it(house: House, ports: Ports) -> None:
    async with at_the_counter(house, ports.take()) as at:
        text = await to_code(at)
    async with at_the_counter(house, ports.take()) as at:
        view = await at.screen("own_code")
        assert view.scan == text
    assert reads(house.folder, text).outcome == "paid"
    until(lambda: payment(house)["state"] == "approved", "the host to hear of it")
    async with at_the_counter(house, ports.take(), signs_in=False) as at:
        await at.until(lambda view: bool(view.slips) or view.id == "sign_in_number")
        await at.eventually(lambda: not any(row["state"] == "pending" for row in house.host_rows("payments")))
    assert owed(house) == {"wallet_clearing": 12345, "merchant_payable": -12345}


async def test_a_host_that_was_killed_goes_on_with_the_order(
    house: House, ports: Ports, start_house: Callable[..., House]
) -> None:
    port = ports.take()
    async with at_the_counter(house, port) as at:
        text = await to_code(at)
        house.stop()
        again = House(house.folder, wallets_port=house.settings.wallets.port)
        again.start()
        try:
            at.wire.lead_to(again.host_port)
            assert reads(house.folder, text).outcome == "paid"
            await at.screen("own_paid")
        finally:
            again.stop()
