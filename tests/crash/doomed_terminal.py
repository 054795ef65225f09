"""`zhanggui terminal`, with one port wrapped so that the process is killed at a chosen point.

Usage: doomed_terminal.py POINT terminal NUMBER --data DIR …

A point is PORT:WHERE, for instance `line:0200:sent`, `journal:RememberApproval:kept` or `printer:merchant:out`.

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
from pathlib import Path
from typing import Any
from unittest import mock

from tests.crash.doom import die, doomed_arguments

from zhanggui.basics.chance import Chance
from zhanggui.basics.clock import Clock
from zhanggui.basics.numbers import UnixMs
from zhanggui.cli import programs
from zhanggui.cli.main import main
from zhanggui.edges.sqlite import Connection, open_durable
from zhanggui.iso8583.framing import frame
from zhanggui.terminal import assembly
from zhanggui.terminal.devices import owner_file
from zhanggui.terminal.devices import printer as virtual_printer
from zhanggui.terminal.devices.ports import Printer, Strokes
from zhanggui.terminal.flow.slips import Slip
from zhanggui.terminal.host_line import HostLine, TcpHostLine
from zhanggui.terminal.journal import Remembered, SqliteJournal
from zhanggui.terminal.runtime import Terminal
from zhanggui.terminal.settings import TerminalSettings

POINT = doomed_arguments()
PORT, WHAT, WHERE = POINT.split(":")
MTI_PLACE = slice(11, 13)
"""In a payload: after five bytes of TPDU and six of header."""


class DoomedLine:
    """The line to the host, cut at one message type."""

    def __init__(self, line: HostLine, host: str, port: int) -> None:
        self._line = line
        self._address = host, port

    async def exchange(self, payload: bytes) -> bytes:
        if payload[MTI_PLACE].hex() != WHAT:
            return await self._line.exchange(payload)
        if WHERE == "answered":
            await self._line.exchange(payload)
            die()
        framed = frame(payload)
        _, writer = await asyncio.open_connection(*self._address)
        writer.write(framed if WHERE == "sent" else framed[: len(framed) // 2])
        await writer.drain()
        die()

    async def reachable(self, timeout_s: float) -> bool:
        return await self._line.reachable(timeout_s)


class _DoomedConnection:
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


class DoomedJournal(SqliteJournal):
    """The journal, killed around one record."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._doomed = _DoomedConnection(open_durable(path))
        super().__init__(path, clock, open_file=lambda _: self._doomed)  # type: ignore[arg-type,return-value]  # stands in for one

    def remember(self, effect: Remembered, sealed_card: bytes = b"") -> str:
        meant = type(effect).__name__ == WHAT
        self._doomed.commits = not (meant and WHERE == "begun")
        name = super().remember(effect, sealed_card)
        if meant:
            die()
        return name


class DoomedPrinter:
    """The printer, killed around one copy."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer

    async def print(self, slip: Slip, at: UnixMs, signature: Strokes = ()) -> None:
        if slip.copy != WHAT:
            await self._printer.print(slip, at, signature)
            return
        if WHERE == "begun":
            die()
        with mock.patch.object(virtual_printer, "write_owner_only", _write_text_alone if WHERE == "half" else _write):
            await self._printer.print(slip, at, signature)
        die()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._printer, name)


_write = owner_file.write_owner_only


def _write_text_alone(path: Path, content: bytes) -> None:
    if path.suffix != ".txt":
        die()
    _write(path, content)


def build_doomed(
    data: Path, settings: TerminalSettings, *, clock: Clock, chance: Chance, software: str
) -> Terminal:
    """What `build_terminal` builds, with the one port wrapped."""
    devices = assembly.build_devices(data, settings, clock=clock, chance=chance)
    line: HostLine = TcpHostLine(settings.host, settings.port, devices.line, answer_timeout_s=settings.timeout_s)
    if PORT == "line":
        line = DoomedLine(line, settings.host, settings.port)
    if PORT == "printer":
        devices = dataclasses.replace(devices, printer=DoomedPrinter(devices.printer))  # type: ignore[arg-type]  # the rest is handed on
    journal = DoomedJournal if PORT == "journal" else SqliteJournal
    with mock.patch.object(assembly, "SqliteJournal", journal):
        return assembly.build_terminal(
            data, settings, clock=clock, chance=chance, software=software, devices=devices, line=line
        )


if __name__ == "__main__":
    with mock.patch.object(programs, "build_terminal", build_doomed):
        main()
