"""The line that a terminal keeps open: heartbeats go over it, and the host can ring on it.

One request at a time, like any other line; what comes in between, or while none is under way, came unasked and is handed on. A line
that breaks is made anew by the next heartbeat: between the two the host finds the terminal by the header of any other answer.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable

from ...basics.errors import Fault
from ...edges.watched import short_task
from ...iso8583.framing import FrameSplitter, frame
from .host_line import READ_BYTES, LineFailed, TcpHostLine

UNASKED_MAX = 60
"""Messages that nobody asked for, between two answers; a line that brings more is closed."""


class StandingLine:
    """A host line over one connection that stays; implements `HostLine`. `is_answer` tells answers from what comes unasked."""

    def __init__(self, line: TcpHostLine, is_answer: Callable[[bytes], bool], unasked: Callable[[bytes], None]) -> None:
        self._line = line
        self._is_answer = is_answer
        self._unasked = unasked
        self._writer: asyncio.StreamWriter | None = None
        self._leads_to: tuple[str, int] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._waiting: asyncio.Future[bytes] | None = None
        self._unasked_count = 0

    async def exchange(self, payload: bytes) -> bytes:
        writer = await self._open()
        self._waiting = waiting = asyncio.get_running_loop().create_future()
        self._unasked_count = 0
        try:
            async with asyncio.timeout(self._line.answer_timeout_s):
                writer.write(frame(payload))
                await writer.drain()
                answer: bytes = await waiting
                return answer
        except (OSError, TimeoutError) as error:
            self.close()
            raise LineFailed("no_answer") from error
        except BaseException:
            # Cut off, or the line broke: an answer that comes late must not be taken for the next one's.
            self.close()
            raise
        finally:
            self._waiting = None

    def exchange_all(self, payloads: Iterable[bytes], *, in_flight: int) -> AsyncGenerator[bytes]:
        return self._line.exchange_all(payloads, in_flight=in_flight)

    async def reachable(self, timeout_s: float) -> bool:
        return await self._line.reachable(timeout_s)

    def close(self) -> None:
        """Hang up; the next exchange calls again."""
        writer, self._writer = self._writer, None
        reading, self._reading = self._reading, None
        if writer is not None:
            writer.transport.abort()
        if reading is not None:
            reading.cancel()

    async def _open(self) -> asyncio.StreamWriter:
        writer = self._writer
        if writer is not None and not writer.transport.is_closing() and self._leads_to == self._line.leads_to:
            return writer
        self.close()
        reader, writer = await self._line.connect()
        self._writer, self._leads_to = writer, self._line.leads_to
        self._reading = short_task(self._read(reader, writer))
        return writer

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        splitter = FrameSplitter()
        try:
            while chunk := await reader.read(READ_BYTES):
                for payload in splitter.feed(chunk):
                    self._take(payload)
        except (OSError, Fault):
            pass
        finally:
            writer.transport.abort()
            if self._writer is writer and self._waiting is not None and not self._waiting.done():
                self._waiting.set_exception(LineFailed("no_answer"))

    def _take(self, payload: bytes) -> None:
        if self._is_answer(payload):
            if self._waiting is not None and not self._waiting.done():
                self._waiting.set_result(payload)
            return
        self._unasked_count += 1
        if self._unasked_count > UNASKED_MAX:
            raise LineFailed("bad_answer")
        self._unasked(payload)
