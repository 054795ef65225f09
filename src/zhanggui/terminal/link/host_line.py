"""One request and its answer over a TCP connection of their own: connect, send one frame, read one frame, close.

What went wrong is told exactly, because money hangs on it: `unreachable` and `not_sent` mean that no byte of the request left
the machine, so there is nothing to undo; after the first byte everything that fails is `no_answer` and has to be undone.
"""

import asyncio
import socket
from typing import Protocol

from ...basics.errors import Fault
from ...iso8583.errors import EncodeError, FrameError
from ...iso8583.framing import FrameSplitter, frame
from ..devices.ports import NetworkLine
from ..flow.core.events import Failure

CONNECT_TIMEOUT_S = 10.0
"""A host that does not take the call in ten seconds won't answer a payment in sixty either."""
ANSWER_TIMEOUT_S = 60.0
"""The terminal waits longer than the host (45–50 s) and the network behind it (domain reference §9)."""
READ_BYTES = 4_096


class LineFailed(Fault):
    """No answer that could be read; `failure` says how far the request came."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"no answer from the host: {failure}")
        self.failure = failure


class HostLine(Protocol):
    """How a request reaches the host."""

    async def exchange(self, payload: bytes) -> bytes:
        """Send one payload (TPDU, header, message) and give back the answer's. Raises LineFailed, nothing else."""
        ...

    async def reachable(self, timeout_s: float) -> bool:
        """Whether the host takes a connection now; nothing is sent."""
        ...


class TcpHostLine:
    """The host at one address. `switch` is the machine's own knowledge of its line."""

    def __init__(
        self, host: str, port: int, switch: NetworkLine, *, answer_timeout_s: float = ANSWER_TIMEOUT_S
    ) -> None:
        self._host, self._port = host, port
        self._switch = switch
        self._answer_timeout_s = answer_timeout_s

    def redirect(self, host: str, port: int, answer_timeout_s: float) -> None:
        """Call another address, or wait longer, from the next exchange on."""
        self._host, self._port = host, port
        self._answer_timeout_s = answer_timeout_s

    async def exchange(self, payload: bytes) -> bytes:
        try:
            framed = frame(payload)
        except EncodeError as error:
            raise LineFailed("not_sent") from error
        reader, writer = await self._connect(CONNECT_TIMEOUT_S)
        try:
            # A peer that hung up at once is known by now; after `write` nobody can tell what has left.
            if writer.transport.is_closing() or reader.at_eof():
                raise LineFailed("not_sent")
            writer.write(framed)
            async with asyncio.timeout(self._answer_timeout_s):
                await writer.drain()
                return await self._read_frame(reader)
        except (OSError, TimeoutError) as error:
            raise LineFailed("no_answer") from error
        except FrameError as error:
            raise LineFailed("bad_answer") from error
        finally:
            writer.transport.abort()

    async def reachable(self, timeout_s: float) -> bool:
        try:
            _, writer = await self._connect(timeout_s)
        except LineFailed:
            return False
        writer.transport.abort()
        return True

    async def _connect(self, timeout_s: float) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if not self._switch.up:
            raise LineFailed("unreachable")
        try:
            async with asyncio.timeout(timeout_s):
                reader, writer = await asyncio.open_connection(self._host, self._port, limit=2 * READ_BYTES)
        except (OSError, TimeoutError) as error:
            raise LineFailed("unreachable") from error
        connected = writer.get_extra_info("socket")
        if connected is not None:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return reader, writer

    async def _read_frame(self, reader: asyncio.StreamReader) -> bytes:
        splitter = FrameSplitter()
        while True:
            chunk = await reader.read(READ_BYTES)
            if not chunk:
                raise LineFailed("no_answer")
            frames = splitter.feed(chunk)
            if frames:
                return frames[0]
