"""A shop, its host and its bank on one data folder: four real processes, with a recording line between each two.

cashier ── page ── TERMINAL ── terminal wire ── HOST ── bank wire ── BANK
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.conftest import Ports
from tests.worlds.cashier import Cashier, PowerCut
from tests.worlds.crash_programs import Program
from tests.worlds.recording_wire import RecordingWire
from tests.worlds.three_books import Books, disagreements, read_books, unsettled

from zhanggui.cup.dialect import INTERBANK, UNIONPAY

SETTLED_WITHIN_S = 40.0
LOOK_AGAIN_S = 0.02
"""A database that another process writes tells nobody of a commit, so it is looked at again."""


class House:
    """Starts, kills and ends the programs of one data folder. Use it as `async with`."""

    def __init__(self, data: Path, ports: Ports, *, bank_timeout_s: float = 45.0) -> None:
        self.data = data
        self.host_up = asyncio.Event()
        self.host_port, self._bank_port, self._page_port = ports.take(), ports.take(), ports.take()
        self.terminal_wire = RecordingWire(UNIONPAY, ports.take(), self.host_port)
        self.bank_wire = RecordingWire(INTERBANK, ports.take(), self._bank_port)
        self._variables = {"ZHANGGUI_HOST_BANK_TIMEOUT_S": str(bank_timeout_s)}
        self._programs: list[Program] = []
        self._watching: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "House":
        await self.terminal_wire.open()
        await self.bank_wire.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        for program in self._programs:
            await program.remove()
        await asyncio.gather(*self._watching, return_exceptions=True)
        await self.terminal_wire.close()
        await self.bank_wire.close()

    # ── programs ─────────────────────────────────────────────────────────────

    async def start_bank(self, doom: str = "") -> Program:
        """The bank; with `doom` the one that kills itself there."""
        return await self._start("bank", ["--port", str(self._bank_port)], doom)

    async def start_host(self, doom: str = "") -> Program:
        """The host, which reaches the bank over the bank wire."""
        arguments = ["--port", str(self.host_port), "--bank-port", str(self.bank_wire.port)]
        program = await self._start("host", arguments, doom)
        if program.alive:
            self.host_up.set()
            watching = asyncio.create_task(self._watch(program))
            self._watching.add(watching)
            watching.add_done_callback(self._watching.discard)
        return program

    async def start_terminal(self, number: str, doom: str = "") -> Program:
        """A terminal with its page, which reaches the host over the terminal wire."""
        arguments = [number, "--port", str(self._page_port), "--host-port", str(self.terminal_wire.port)]
        return await self._start("terminal", arguments, doom)

    def cashier(self, number: str) -> Cashier:
        """Somebody at the page of the running terminal."""
        return Cashier(self._page_port, number, self.host_up)

    async def open_shop(self, *, bank_doom: str = "", host_doom: str = "") -> tuple[Program, Program]:
        """Bank and host, started side by side."""
        bank, host = await asyncio.gather(self.start_bank(bank_doom), self.start_host(host_doom))
        return bank, host

    async def work_until_killed(self, number: str, doom: str, amount_fen: int, card: str = "main") -> Cashier:
        """Start a doomed terminal and let a cashier sign in and sell until it is dead; the answer is that cashier."""
        program = await self.start_terminal(number, doom)
        cashier = self.cashier(number)
        if program.ready:
            with suppress(PowerCut):
                async with cashier:
                    await cashier.sign_in()
                    await cashier.sell(amount_fen, card)
        await program.died()
        return cashier

    async def _start(self, name: str, arguments: list[str], doom: str) -> Program:
        log = self.data / f"{name}.log"
        program = await Program.start(
            name, [*arguments, "--data", str(self.data)], log, doom=doom, variables=self._variables
        )
        self._programs.append(program)
        return program

    async def _watch(self, host: Program) -> None:
        await host.gone()
        self.host_up.clear()

    # ── the end of the day ───────────────────────────────────────────────────

    async def close_up(self) -> Books:
        """Wait until the host has nothing left to settle, end every program, and see that the three books agree."""
        await until(lambda: not unsettled(self.data), lambda: f"the host still has {unsettled(self.data)}")
        for program in reversed([program for program in self._programs if program.alive]):
            await program.stop()
        books = read_books(self.data)
        assert disagreements(books) == []
        return books


async def until(is_so: Callable[[], bool], otherwise: Callable[[], str]) -> None:
    """Wait for what only a look into a file can tell."""
    last = time.monotonic() + SETTLED_WITHIN_S
    while not is_so():
        assert time.monotonic() < last, otherwise()
        await asyncio.sleep(LOOK_AGAIN_S)
