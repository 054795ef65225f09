"""The host killed by SIGKILL at one point of a sale or of its reversal, before and after the bank answered.

The terminal stays on. Its payment is undone before it sells again, and terminal, host and bank agree on every sale.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from tests.crash.conftest import OpenHouse
from tests.worlds.recording_wire import Seen
from tests.worlds.three_books import Books, Key

pytestmark = pytest.mark.processes

SMART = "10000001"
FIRST_FEN, SECOND_FEN = 35_20, 7_77


@dataclass(frozen=True)
class Cut:
    """Where the host is killed, one point a start, and what must have become of the payment at terminal, host and bank."""

    points: tuple[str, ...]
    states: tuple[str, str, str]
    bank_decides: bool = False
    """The request is at the bank, whose decision is awaited before the restart."""

    @property
    def name(self) -> str:
        """How the table calls it."""
        return "host " + " + ".join(self.points)


UNHEARD = ("reversed", "barred", "-")
NOT_ASKED = ("reversed", "timed_out", "reversed_before_arrival")
CLOSED = ("reversed", "timed_out", "reversed")
"""The host closed the pending payment when it came back; the terminal's own reversal found nothing that stood."""
UNDONE = ("reversed", "reversed", "reversed")

IN_A_SALE = (
    Cut(("store:pending:begun",), UNHEARD),
    Cut(("store:pending:kept",), NOT_ASKED),
    Cut(("bank:0200:asked",), CLOSED, bank_decides=True),
    Cut(("bank:0210:answered",), CLOSED),
    Cut(("store:approved:begun",), CLOSED),
    Cut(("store:approved:kept",), UNDONE),
)
IN_RECOVERY = (
    Cut(("bank:0210:answered", "store:timed_out:begun"), CLOSED),
    Cut(("bank:0210:answered", "store:timed_out:kept"), CLOSED),
    Cut(("bank:0210:answered", "bank:0400:asked"), CLOSED),
    Cut(("bank:0210:answered", "bank:0410:answered"), CLOSED),
    Cut(("bank:0210:answered", "store:told:begun"), CLOSED),
    Cut(("bank:0210:answered", "store:told:kept"), CLOSED),
    Cut(("store:approved:kept", "store:reversed:begun"), UNDONE),
    Cut(("store:approved:kept", "store:reversed:kept"), UNDONE),
    Cut(("store:approved:kept", "bank:0400:asked", "bank:0410:answered"), UNDONE),
)


@pytest.mark.parametrize("cut", IN_A_SALE, ids=lambda cut: cut.name)
async def test_a_host_killed_in_a_sale_leaves_nothing_that_only_one_side_believes(
    open_house: OpenHouse, tell: Callable[[str, str], None], cut: Cut
) -> None:
    await kill_and_work_on(open_house, tell, cut)


@pytest.mark.parametrize("cut", IN_RECOVERY, ids=lambda cut: cut.name)
async def test_a_host_killed_again_while_it_recovers_changes_nothing(
    open_house: OpenHouse, tell: Callable[[str, str], None], cut: Cut
) -> None:
    await kill_and_work_on(open_house, tell, cut)


async def kill_and_work_on(open_house: OpenHouse, tell: Callable[[str, str], None], cut: Cut) -> None:
    """Kill the host at each point, start the real one, let the cashier go on, sell again, and compare the books."""
    async with open_house() as house:
        _, host = await house.open_shop(host_doom=cut.points[0])
        await house.start_terminal(SMART)
        async with house.cashier(SMART) as cashier:
            await cashier.sign_in()
            selling = asyncio.create_task(cashier.sell(FIRST_FEN))
            await host.died()
            if cut.bank_decides:
                await house.bank_wire.passes(lambda seen: seen.mti == "0210")
            for point in cut.points[1:]:
                host = await house.start_host(point)
                await host.died()
            await house.start_host()
            assert await selling == "undone"
            assert await cashier.sell(SECOND_FEN) == "approved"
        books = await house.close_up()

    first, second = payments_of(books)
    assert books.states(first) == cut.states
    assert books.states(second) == ("approved", "approved", "approved")
    assert_reversal_first(house.terminal_wire.sent("0200", "0400"), first, second)
    tell(cut.name, " · ".join(cut.states))


async def test_a_host_killed_once_its_answer_is_out_stands_by_it(
    open_house: OpenHouse, tell: Callable[[str, str], None]
) -> None:
    async with open_house() as house:
        _, host = await house.open_shop()

        async def kill_before_it_arrives(seen: Seen) -> bool:
            if seen.mti == "0210" and host.alive:
                host.kill()
                await host.died()
            return True

        house.terminal_wire.intercept = kill_before_it_arrives
        await house.start_terminal(SMART)
        async with house.cashier(SMART) as cashier:
            await cashier.sign_in()
            assert await cashier.sell(FIRST_FEN) == "approved"
            house.terminal_wire.intercept = None
            await house.start_host()
            assert await cashier.sell(SECOND_FEN) == "approved"
        books = await house.close_up()

    assert [books.states(key) for key in payments_of(books)] == [("approved", "approved", "approved")] * 2
    assert house.terminal_wire.sent("0400") == []
    tell("host, its answer to the terminal out", "approved · approved · approved")


async def test_host_and_terminal_killed_together_agree_after_both_came_back(
    open_house: OpenHouse, tell: Callable[[str, str], None]
) -> None:
    async with open_house() as house:
        _, host = await house.open_shop(host_doom="store:approved:kept")
        terminal = await house.start_terminal(SMART)
        async with house.cashier(SMART) as cashier:
            await cashier.sign_in()
            selling = asyncio.create_task(cashier.sell(FIRST_FEN))
            await host.died()
            terminal.kill()
            await terminal.died()
            await asyncio.gather(selling, return_exceptions=True)
        restarted_at = house.terminal_wire.place
        await asyncio.gather(house.start_host(), house.start_terminal(SMART))
        async with house.cashier(SMART) as cashier:
            await cashier.sign_in()
            assert await cashier.sell(SECOND_FEN) == "approved"
        books = await house.close_up()

    first, second = payments_of(books)
    assert books.states(first) == UNDONE
    assert_reversal_first(house.terminal_wire.sent("0200", "0400"), first, second)
    assert house.terminal_wire.sent("0200", since=restarted_at)[0].trace_no == second[2]
    tell("host store:approved:kept, terminal killed with it", " · ".join(UNDONE))


def assert_reversal_first(sent: list[Seen], first: Key, second: Key) -> None:
    """The payment, then its reversal as often as it takes, and only then the next payment."""
    told = [(seen.mti, seen.trace_no) for seen in sent]
    assert told[0] == ("0200", first[2])
    assert told[-1] == ("0200", second[2])
    assert set(told[1:-1]) == {("0400", first[2])}


def payments_of(books: Books) -> tuple[Key, Key]:
    """Both payments, by their trace numbers."""
    first, second = sorted({*books.terminals, *books.host})
    return first, second
