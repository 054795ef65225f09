"""A terminal of ours, with its journal and devices, at a host and a bank that run in a `House`: everything is real but the people.

Between terminal and host lies a recording wire, so that a test can lose an answer.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec
from tests.worlds.house import House
from tests.worlds.recording_wire import RecordingWire, Seen

from zhanggui.basics.chance import SystemChance
from zhanggui.basics.clock import SystemClock
from zhanggui.cup.dialect import UNIONPAY
from zhanggui.programs.terminals import start_terminals
from zhanggui.terminal.flow.screens.views import ScreenView
from zhanggui.terminal.runtime import Terminal
from zhanggui.terminal.settings import read_settings, write_settings

PATIENCE_S, LOOK_S = 20.0, 0.05
LOOKS_MAX = 400
STROKES = (((20, 80), (120, 40), (200, 100)),)
PIN, CASHIER_PASSWORD, SUPERVISOR_PASSWORD = "123456", "0000", "123456"


class AtTheCounter:
    """Who works at the terminal: presses keys, shows cards, reads the screen."""

    def __init__(self, terminal: Terminal, wire: RecordingWire) -> None:
        self.terminal = terminal
        self.wire = wire

    async def until(self, is_right: Callable[[ScreenView], bool]) -> ScreenView:
        """Wait for a screen; AssertionError with the one that stands there when it never comes."""
        came = asyncio.get_running_loop().create_future()

        def look(view: ScreenView) -> None:
            if is_right(view) and not came.done():
                came.set_result(view)

        unwatch = self.terminal.watch(look)
        look(self.terminal.view())
        try:
            async with asyncio.timeout(PATIENCE_S):
                found: ScreenView = await came
                return found
        except TimeoutError:
            raise AssertionError(f"it stands at {self.terminal.view()}") from None
        finally:
            unwatch()

    async def screen(self, *wanted: str) -> ScreenView:
        """Wait until one of these screens is shown."""
        return await self.until(lambda view: view.id in wanted)

    def keys(self, *keys: str) -> None:
        """Keys of the screen that is shown now."""
        for key in keys:
            self.terminal.press(key, self.terminal.view().id)

    async def sign_in(self, operator: str = "01") -> ScreenView:
        """From power-on to standby."""
        view = await self.screen("sign_in_number", "self_check_result")
        if view.id == "self_check_result":
            self.keys("enter")
            await self.screen("sign_in_number")
        self.keys(*operator)
        await self.screen("sign_in_password")
        self.keys(*CASHIER_PASSWORD, "enter")
        await self.screen("confirm")
        self.keys("enter")
        await self.screen("signed_in")
        self.keys("enter")
        return await self.screen("standby")

    async def card_and_pin(self, card: str = "main") -> None:
        """What the cardholder does."""
        await self.screen("card")
        self.terminal.show_card(card, "insert")
        await self.screen("pin")
        self.keys(*PIN, "enter")

    async def slips_out(self) -> ScreenView:
        """Both slips, and back to standby."""
        await self.screen("tear_off")
        self.keys("enter")
        return await self.screen("standby")

    async def sell(self, fen: str, card: str = "main") -> ScreenView:
        """One sale, from standby to standby."""
        self.keys("sale")
        await self.screen("amount")
        self.keys(*fen, "enter")
        await self.card_and_pin(card)
        return await self.slips_out()

    async def pay(self, fen: str, card: str = "main") -> ScreenView:
        """One sale from standby to standby, on any model: signed on the screen where it has no printer."""
        self.keys("sale")
        await self.screen("amount")
        self.keys(*fen, "enter")
        await self.card_and_pin(card)
        view = await self.screen("tear_off", "sign_here", "standby")
        if view.id == "sign_here":
            self.terminal.sign(STROKES)
        if view.id == "tear_off":
            self.keys("enter")
        return await self.screen("standby")

    async def eventually(self, holds: Callable[[], bool]) -> None:
        """Wait until something that no screen shows has come about; AssertionError when it never does."""
        for _ in range(LOOKS_MAX):
            if holds():
                return
            await asyncio.sleep(LOOK_S)
        raise AssertionError("it never came about")

    async def supervisor(self) -> None:
        """00 comes and approves."""
        await self.screen("approval_number")
        self.keys("0", "0")
        await self.screen("approval_password")
        self.keys(*SUPERVISOR_PASSWORD, "enter")

    def lose_answers(self, mti: str, count: int = 1) -> None:
        """The next answers of this type never arrive."""
        left = [count]

        async def passes(seen: Seen) -> bool:
            if seen.mti != mti or not left[0]:
                return True
            left[0] -= 1
            return False

        self.wire.intercept = passes


def words_of(view: ScreenView) -> str:
    """Everything that a screen says."""
    lines = [f"{line.text} {line.right}" for line in (*view.lines, *view.totals)]
    return "\n".join([view.title, view.code, *lines, *(f"{row.left} {row.middle} {row.right}" for row in view.rows)])


@asynccontextmanager
async def at_the_counter(
    house: House,
    port: int,
    number: str = "10000001",
    *,
    timeout_s: float = 15.0,
    operator: str = "01",
    signs_in: bool = True,
) -> AsyncIterator[AtTheCounter]:
    """Start a terminal of the demo shop, which waits so long for an answer, and sign in where that comes first."""
    folder = house.settings.data_path
    write_settings(folder, msgspec.structs.replace(read_settings(folder, number), timeout_s=timeout_s))
    wire = RecordingWire(UNIONPAY, port, house.host_port)
    async with AsyncExitStack() as stack:
        await wire.open()
        stack.push_async_callback(wire.close)
        terminals = await start_terminals(
            house.settings, (number,), SystemClock(), SystemChance(), stack, host_port=port, complain=print
        )
        counter = AtTheCounter(terminals[number], wire)
        if signs_in:
            await counter.sign_in(operator)
        yield counter
