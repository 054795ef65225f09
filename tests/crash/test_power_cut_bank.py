"""The bank killed by SIGKILL around its commit. Host and terminal stay on; the payment is undone everywhere."""

import asyncio
from collections.abc import Callable

import pytest
from tests.crash.conftest import OpenHouse

pytestmark = pytest.mark.processes

SMART = "10000001"
BANK_TIMEOUT_S = 1.0
"""How long this host waits for the bank, in place of 45 s."""
IN_A_SALE = {"ledger:sale:begun": "reversed_before_arrival", "ledger:sale:kept": "reversed"}


@pytest.mark.parametrize("point", IN_A_SALE)
async def test_a_bank_killed_in_a_sale_is_told_to_undo_it(
    open_house: OpenHouse, tell: Callable[[str, str], None], point: str
) -> None:
    async with open_house(bank_timeout_s=BANK_TIMEOUT_S) as house:
        bank, _ = await house.open_shop(bank_doom=point)
        await house.start_terminal(SMART)
        async with house.cashier(SMART) as cashier:
            await cashier.sign_in()
            selling = asyncio.create_task(cashier.sell(410_00))
            await bank.died()
            assert await selling == "refused"
            await house.start_bank()
            await house.bank_wire.passes(lambda seen: seen.mti == "0410")
            assert await cashier.sell(520_00) == "approved"
        books = await house.close_up()

    first, second = sorted(books.host)
    at_terminal, *elsewhere = books.states(first)
    assert at_terminal in ("returning", "returned"), (
        "a bank that fell silent may hold the money: nobody says that it does not"
    )
    assert elsewhere == ["timed_out", IN_A_SALE[point]]
    assert books.states(second) == ("approved", "approved", "approved")
    tell(f"bank {point}", " · ".join(books.states(first)))


@pytest.mark.parametrize("point", ["ledger:reversal:begun", "ledger:reversal:kept"])
async def test_a_bank_killed_in_a_reversal_hears_it_again_from_the_next_host(
    open_house: OpenHouse, tell: Callable[[str, str], None], point: str
) -> None:
    async with open_house() as house:
        bank, host = await house.open_shop(bank_doom=point)
        await house.work_until_killed(SMART, "line:0200:answered", 410_00)
        await house.start_terminal(SMART)
        async with house.cashier(SMART) as cashier:
            await cashier.sign_in()
            await bank.died()
            await host.stop()
            await asyncio.gather(house.start_bank(), house.start_host())
            await house.bank_wire.passes(lambda seen: seen.mti == "0410")
            assert await cashier.sell(520_00) == "approved"
        books = await house.close_up()

    first, second = sorted(books.host)
    assert books.states(first) == ("reversed", "reversed", "reversed")
    assert books.states(second) == ("approved", "approved", "approved")
    tell(f"bank {point}", " · ".join(books.states(first)))
