"""A process beside this one for work that would keep its interpreter busy: told by one line of JSON, it answers by lines of JSON.

    here    SideProcess.begin(module, order) ─▶ line(), line() … ─▶ end()
    there   take_order(type) ─▶ tell(word), tell(word) … ─▶ its exit

It is content with what processor time is left, makes files for their owner alone, and ends with whoever began it: its input, which
stays open, ends then.
"""

import asyncio
import os
import sys
import threading
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from typing import TypeVar

import msgspec

from ..basics.errors import Fault
from .private_files import keep_new_files_private

NICER = 10
"""How much it steps back behind others who want the processor."""
ORDERS_BYTES = 4_096
T = TypeVar("T")


class CannotBegin(Fault):
    """The machine begins no process now."""


class SideProcess:
    """One process, as whoever began it sees it."""

    def __init__(self, process: Process, reader: asyncio.StreamReader) -> None:
        self._process = process
        self._reader = reader

    @classmethod
    async def begin(cls, module: str, order: msgspec.Struct, line_bytes_max: int) -> "SideProcess":
        """Begin a module of this house as a process, and tell it what to do. Raises CannotBegin."""
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module), stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=line_bytes_max
            )
        except OSError as error:
            raise CannotBegin(f"no process could be begun ({error.strerror})") from None
        if process.stdin is None or process.stdout is None:
            raise CannotBegin("a process was begun without its lines")
        with suppress(ConnectionError):
            process.stdin.write(msgspec.json.encode(order) + b"\n")
            await process.stdin.drain()
        return cls(process, process.stdout)

    async def line(self, within_s: float) -> bytes:
        """Its next line; Fault when it ended, was silent for so long, or says more than a line may hold."""
        try:
            async with asyncio.timeout(within_s):
                line = await self._reader.readline()
        except (TimeoutError, ValueError):
            raise Fault("a process beside this one was silent, or said too much") from None
        if not line.endswith(b"\n"):
            raise Fault("a process beside this one broke off")
        return line

    async def end(self) -> None:
        """End it, if it has not ended by itself."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


def take_order(order: type[T]) -> T:
    """In the process: what it was told to do. From now on it steps back, and ends when whoever began it does."""
    keep_new_files_private()
    os.nice(NICER)
    told = msgspec.json.decode(sys.stdin.buffer.readline(), type=order)
    threading.Thread(target=_end_with_input, daemon=True).start()
    return told


def tell(word: msgspec.Struct) -> None:
    """In the process: say something to whoever began it."""
    sys.stdout.buffer.write(msgspec.json.encode(word) + b"\n")
    sys.stdout.buffer.flush()


def _end_with_input() -> None:
    # Not by its buffer, whose lock would be held when the process ends by itself: that is a crash.
    while os.read(sys.stdin.fileno(), ORDERS_BYTES):
        pass
    os._exit(1)
