"""A wallet that says nothing to a void: the till takes other payments meanwhile, and the outcome arrives by itself."""

from collections.abc import Callable

import pytest
from tests.conftest import Ports
from tests.scenarios.test_our_code_at_the_counter import balance_fen, payment, reads, to_code
from tests.worlds.house import House
from tests.worlds.true_terminal import at_the_counter, words_of


@pytest.fixture
def house(start_house: Callable[..., House], ports: Ports) -> House:
    """Bank, host and wallets."""
    return start_house(wallets_port=ports.take())


async def test_a_void_at_a_wallet_that_is_away_stops_no_till_and_is_done_when_it_is_back(
    house: House, ports: Ports
) -> None:
    async with at_the_counter(house, ports.take()) as at:
        text = await to_code(at)
        assert reads(house.folder, text).outcome == "paid"
        await at.screen("own_paid")
        at.keys("enter")
        await at.screen("tear_off")
        await at.slips_out()
        house.stop_wallets()
        at.keys("void")
        await at.screen("original")
        at.keys(*str(payment(house)["trace_no"]), "enter")
        await at.screen("original")
        at.keys("enter")
        await at.supervisor()
        view = await at.screen("trouble")
        assert view.code == "T109"
        assert "可以继续收款" in words_of(view)
        at.keys("enter")
        await at.screen("standby")
        assert "待钱包确认" in words_of(await at.pay("5000"))
        house.start_wallets_again()
        # The order that it is over has the till ask, and its slips come.
        await at.slips_out()
        assert "待钱包确认" not in words_of(at.terminal.view())
    states = {row["kind"]: row["state"] for row in house.host_rows("payments")}
    assert states == {"qr_own": "approved", "qr_void": "approved", "sale": "approved"}
    assert balance_fen(house.folder) == 500_000
