"""`zhanggui terminal`, with one port wrapped so that the process is killed at a chosen point.

A point is PORT:WHAT:WHERE, for instance `line:0200:sent`, `journal:RememberApproval:kept` or `printer:merchant:out`.

    line:MTI:half-sent     half of the request's bytes are out
    line:MTI:sent          the whole request is out
    line:MTI:answered      its answer arrived and nobody has looked at it
    journal:EFFECT:begun   all is written and the commit was not made
    journal:EFFECT:kept    the commit was made and nothing was done after it
    printer:COPY:begun     the printer was asked
    printer:COPY:half      the slip's text is on the disk, its record is not
    printer:COPY:out       the copy is out, and nobody has heard of it
"""

import asyncio
import dataclasses
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path
from typing import Any, NoReturn
from unittest import mock

from tests.crash.doom import Point, die

from zhanggui.basics.chance import Chance
from zhanggui.basics.clock import Clock
from zhanggui.basics.numbers import UnixMs
from zhanggui.cli.main import main
from zhanggui.cup.values.slip import Slip
from zhanggui.edges.sqlite import Connection, open_durable
from zhanggui.iso8583.framing import frame
from zhanggui.programs import terminals as programs
from zhanggui.terminal import assembly
from zhanggui.terminal.devices import printer as virtual_printer
from zhanggui.terminal.devices.owner_file import write_owner_only
from zhanggui.terminal.devices.ports import Printer, Strokes
from zhanggui.terminal.journal import SqliteJournal
from zhanggui.terminal.link.host_line import HostLine, TcpHostLine
from zhanggui.terminal.runtime import Terminal
from zhanggui.terminal.settings import TerminalSettings

MTI_PLACE = slice(11, 13)
"""In a payload: after five bytes of TPDU and six of header."""


class DoomedLine:
    """The line to the host, cut at one message type."""

    def __init__(self, line: HostLine, point: Point, host: str, port: int) -> None:
        self._line = line
        self._point = point
        self._address = host, port

    async def exchange(self, payload: bytes) -> bytes:
        if payload[MTI_PLACE].hex() == self._point.what:
            await self._exchange_and_die(payload)
        return await self._line.exchange(payload)

    async def exchange_all(self, payloads: Iterable[bytes], *, in_flight: int) -> AsyncGenerator[bytes]:
        for payload in payloads:
            yield await self.exchange(payload)

    async def _exchange_and_die(self, payload: bytes) -> NoReturn:
        if self._point.where == "answered":
            await self._line.exchange(payload)
            die()
        framed = frame(payload)
        _, writer = await asyncio.open_connection(*self._address)
        writer.write(framed if self._point.where == "sent" else framed[: len(framed) // 2])
        await writer.drain()
        die()

    async def reachable(self, timeout_s: float) -> bool:
        return await self._line.reachable(timeout_s)


class DoomedConnection:
    """A database connection whose next commit may be its last word."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.commits = True

    def execute(self, statement: str, *values: Any) -> Any:
        if statement == "COMMIT" and not self.commits:
            die()
        return self._connection.execute(statement, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class DoomedJournal:
    """The journal, killed around one record."""

    def __init__(self, point: Point, path: Path, clock: Clock) -> None:
        self._point = point
        self._connection = DoomedConnection(open_durable(path))
        # The connection is handed over in the place where tests break the disk.
        self._journal = SqliteJournal(path, clock, open_file=lambda _: self._connection)  # type: ignore[arg-type,return-value]

    def remember(self, effect: Any, sealed_card: bytes = b"") -> str:
        meant = type(effect).__name__ == self._point.what
        self._connection.commits = not (meant and self._point.where == "begun")
        name = self._journal.remember(effect, sealed_card)
        if meant:
            die()
        return name

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)


class DoomedPrinter:
    """The printer, killed around one copy."""

    def __init__(self, printer: Printer, point: Point) -> None:
        self._printer = printer
        self._point = point

    async def print(self, slip: Slip, at: UnixMs, signature: Strokes = ()) -> None:
        if slip.copy != self._point.what:
            await self._printer.print(slip, at, signature)
            return
        if self._point.where == "begun":
            die()
        writes = write_text_alone if self._point.where == "half" else write_owner_only
        with mock.patch.object(virtual_printer, "write_owner_only", writes):
            await self._printer.print(slip, at, signature)
        die()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._printer, name)


def write_text_alone(path: Path, content: bytes) -> None:
    """Write the first of a slip's two files, and be killed at the second."""
    if path.suffix != ".txt":
        die()
    write_owner_only(path, content)


def run(doom: str) -> None:
    """Be `zhanggui terminal` until the point is reached; the command line is the real program's."""
    point = Point.parse(doom)

    def build_doomed(
        data: Path, settings: TerminalSettings, *, clock: Clock, chance: Chance, software: str
    ) -> Terminal:
        devices = assembly.build_devices(data, settings, clock=clock, chance=chance)
        line: HostLine = TcpHostLine(settings.host, settings.port, devices.line, answer_timeout_s=settings.timeout_s)
        if point.port == "line":
            line = DoomedLine(line, point, settings.host, settings.port)
        if point.port == "printer":
            printer: Any = DoomedPrinter(devices.printer, point)
            devices = dataclasses.replace(devices, printer=printer)

        def open_journal(path: Path, clock: Clock) -> Any:
            return DoomedJournal(point, path, clock) if point.port == "journal" else SqliteJournal(path, clock)

        with mock.patch.object(assembly, "SqliteJournal", open_journal):
            return assembly.build_terminal(
                data, settings, clock=clock, chance=chance, software=software, devices=devices, line=line
            )

    with mock.patch.object(programs, "build_terminal", build_doomed):
        main()
