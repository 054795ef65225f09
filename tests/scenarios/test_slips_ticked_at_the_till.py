"""Slips ticked off at the terminal and by command: one mechanism, the same rows, gone on with after a power cut."""

from tests.conftest import Ports
from tests.worlds.house import House
from tests.worlds.true_terminal import at_the_counter, words_of

from zhanggui.basics.clock import SystemClock
from zhanggui.basics.numbers import MerchantNo
from zhanggui.basics.shop_day import shop_day
from zhanggui.cli.lists import lists_of
from zhanggui.views.day_slips import read_day_slips


def missing_by_command(house: House) -> list[str]:
    """Voucher numbers that `zhanggui slips missing` lists."""
    (merchant,) = {str(row["merchant_no"]) for row in house.host_rows("payments")}
    with lists_of(house.settings) as queries:
        slips = read_day_slips(queries, MerchantNo(merchant), shop_day(SystemClock().now(), 0))
    return [payment.trace_no for payment, tick in slips if tick is None]


async def test_what_the_screen_ticks_off_the_command_lists_no_more_and_a_power_cut_forgets_nothing(
    house: House, ports: Ports
) -> None:
    async with at_the_counter(house, ports.take(), "10000001") as at:
        for fen in ("1200", "3400", "5600"):
            await at.sell(fen)
        traces = missing_by_command(house)
        assert len(traces) == 3
        at.keys("settle")
        await at.until(lambda view: view.id == "settle" and "0 / 3" in words_of(view))
        at.keys("tick")
        await at.until(lambda view: view.id == "tick_off" and "0 / 3" in words_of(view))
        at.keys(*traces[1].lstrip("0"), "enter")
        await at.until(lambda view: "1 / 3" in words_of(view))
        assert missing_by_command(house) == [traces[0], traces[2]]
        assert [row["ticked_by"] for row in house.host_rows("slip_ticks")] == ["01"]
        at.terminal.press_power()
        await at.screen("off")
        at.terminal.press_power()
        await at.sign_in()
        at.keys("settle")
        await at.until(lambda view: view.id == "settle" and "1 / 3" in words_of(view))
        at.keys("tick")
        view = await at.until(lambda view: view.id == "tick_off" and "1 / 3" in words_of(view))
        assert [row.left.split()[-1] for row in view.rows] == [traces[2], traces[0]]
        at.keys(view.rows[0].key)
        await at.until(lambda view: "2 / 3" in words_of(view))
        at.keys("cancel")
        await at.until(lambda view: view.id == "settle" and "2 / 3" in words_of(view))
    assert missing_by_command(house) == [traces[0]]
