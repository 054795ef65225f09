"""A process that sells on a terminal and is killed at the N-th thing its shell does; a child for each N.

Run as `python -m tests.unit.terminal_shell.doomed FOLDER PORT FIRST LAST`: for each N of this range a child works in `FOLDER/N`
and is killed by SIGKILL at its N-th step, or ends its job. What is a step: each record of the journal (before and after), each
exchange (before it, after the request left, after the answer came) and each print (before and after).
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from tests.worlds.running_terminal import Desk
from tests.worlds.scripted_host import ScriptedHost
from tests.worlds.shell_makes import TERMINAL

from zhanggui.basics.numbers import UnixMs
from zhanggui.cup.values.slip import Slip
from zhanggui.iso8583.framing import FrameSplitter
from zhanggui.terminal.devices.ports import Strokes
from zhanggui.terminal.devices.printer import VirtualPrinter
from zhanggui.terminal.flow.core.events import Record
from zhanggui.terminal.journal import SqliteJournal
from zhanggui.terminal.journal_port import Remembered
from zhanggui.terminal.link.host_line import TcpHostLine


class Fate:
    """Counts steps and kills this process at one of them."""

    def __init__(self, at: int) -> None:
        self._left = at

    def step(self) -> None:
        """One step; perhaps the last."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class DoomedJournal(SqliteJournal):
    fate: Fate

    def remember(self, effect: Remembered, sealed_card: bytes = b"") -> Record:
        self.fate.step()
        what = super().remember(effect, sealed_card)
        self.fate.step()
        return what


class DoomedLine(TcpHostLine):
    fate: Fate

    async def exchange_all(self, payloads: Iterable[bytes], *, in_flight: int) -> AsyncGenerator[bytes]:
        self.fate.step()
        async with aclosing(super().exchange_all(payloads, in_flight=in_flight)) as answers:
            async for answer in answers:
                yield answer

    async def _read_frames(self, reader: asyncio.StreamReader, splitter: FrameSplitter) -> list[bytes]:
        self.fate.step()
        answers = await super()._read_frames(reader, splitter)
        self.fate.step()
        return answers


class DoomedPrinter(VirtualPrinter):
    fate: Fate

    async def print(self, slip: Slip, at: UnixMs, signature: Strokes = ()) -> None:
        self.fate.step()
        await super().print(slip, at, signature)
        self.fate.step()


async def sell(folder: Path, port: int, at: int) -> None:
    """Sign in, sell once with both slips."""
    desk = Desk(folder, ScriptedHost(port=port), new=False)
    fate = Fate(at)
    devices = desk.devices()
    assert isinstance(devices.printer, VirtualPrinter)
    printer = DoomedPrinter(devices.printer._archive)
    journal = DoomedJournal(folder / "terminals" / TERMINAL / "journal.db", desk.clock)
    line = DoomedLine("127.0.0.1", port, devices.line)
    journal.fate = line.fate = printer.fate = fate
    await desk.power_on(replace(devices, printer=printer), journal, line)
    await desk.sign_in()
    await desk.pay()
    await desk.screen("tear_off")
    desk.keys("enter")
    await desk.screen("standby")
    await desk.terminal.stop()


def main(folder: Path, port: int, first: int, last: int) -> None:
    """A child for each N; prints `N killed` or `N done` when it is gone, and waits for a line before the next."""
    for at in range(first, last):
        child = os.fork()
        if child == 0:
            asyncio.run(sell(folder / str(at), port, at))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(at, "killed" if os.WIFSIGNALED(status) else f"done {os.WEXITSTATUS(status)}", flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:5]))
