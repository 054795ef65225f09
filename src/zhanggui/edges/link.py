"""A lasting TCP line to one peer that speaks length-prefixed frames, connected again by itself when it breaks.

Whoever uses it matches answers to requests; the line only says whether a payload could be handed over.
"""

import asyncio
from collections.abc import Callable

import structlog

from ..iso8583.errors import FrameError
from ..iso8583.framing import FrameSplitter, frame
from .listener import READ_BYTES
from .watched import LongTask, guarded, keep_running

RECONNECT_FIRST_S = 0.05
RECONNECT_MAX_S = 5.0
"""A bank that restarts is back within seconds; knocking more often than this helps nobody."""
CONNECT_TIMEOUT_S = 5.0
WRITE_BUFFER_MAX_BYTES = 4_194_304
"""Requests that the peer has not read yet, some twenty thousand sales; beyond it nothing more is handed over."""

_log = structlog.get_logger(__name__)


class _LinkProtocol(asyncio.BufferedProtocol):
    def __init__(self, link: "FrameLink") -> None:
        self._link = link
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._splitter = FrameSplitter()
        self.transport: asyncio.Transport | None = None
        self.lost = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        try:
            frames = self._splitter.feed(self._buffer[:nbytes])
        except FrameError as error:
            _log.warning("line_broken", peer=self._link.address, reason=str(error))
            assert self.transport is not None
            self.transport.abort()
            return
        # One frame that its handler breaks on costs neither the others of this read nor the line.
        guarded(f"frame of {self._link.address}", frames, self._link.handler)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if not self.lost.done():
            self.lost.set_result(None)


class FrameLink:
    """Keeps one connection to `host:port` open and hands every frame that comes in to the handler."""

    def __init__(self, host: str, port: int, handler: Callable[[bytes], None]) -> None:
        self.address = f"{host}:{port}"
        self.handler = handler
        self.up = asyncio.Event()
        self._host, self._port = host, port
        self._protocol: _LinkProtocol | None = None
        self._task: LongTask | None = None
        self._wait_s = RECONNECT_FIRST_S
        self._outbox: list[bytes] = []

    def start(self) -> None:
        """Begin to connect, and keep connecting until stopped."""
        self._task = keep_running(f"link {self.address}", self._connect_once)

    async def stop(self) -> None:
        """Close the line for good."""
        if self._task is not None:
            await self._task.stop()
            self._task = None
        self.flush()
        if self._protocol is not None and self._protocol.transport is not None:
            self._protocol.transport.close()
        self.up.clear()

    def send(self, payload: bytes) -> bool:
        """Hand one payload to the line, which writes it at the end of this turn of the loop.

        False when there is no line now, or the peer does not read: then nothing left and nothing will.
        """
        transport = self._protocol.transport if self._protocol is not None else None
        if transport is None or transport.is_closing():
            return False
        if transport.get_write_buffer_size() > WRITE_BUFFER_MAX_BYTES:
            _log.warning("line_full", peer=self.address, bound=WRITE_BUFFER_MAX_BYTES)
            return False
        self._outbox.append(frame(payload))
        if len(self._outbox) == 1:
            asyncio.get_running_loop().call_soon(self.flush)
        return True

    def flush(self) -> None:
        """Write all payloads of this turn of the loop in one call, so that a batch of sales costs one system call."""
        transport = self._protocol.transport if self._protocol is not None else None
        if transport is not None:
            transport.write(b"".join(self._outbox))
        self._outbox.clear()

    async def _connect_once(self) -> None:
        """One life of the line: connect, wait until it breaks, wait before the next."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                _, protocol = await loop.create_connection(lambda: _LinkProtocol(self), self._host, self._port)
        except (OSError, TimeoutError) as error:
            if self._wait_s == RECONNECT_FIRST_S:
                _log.warning("line_down", peer=self.address, reason=type(error).__name__)
            await asyncio.sleep(self._wait_s)
            self._wait_s = min(self._wait_s * 2, RECONNECT_MAX_S)
            return
        self._wait_s = RECONNECT_FIRST_S
        self._protocol = protocol
        self.up.set()
        _log.info("line_up", peer=self.address)
        await protocol.lost
        self._protocol = None
        self.up.clear()
        _log.warning("line_lost", peer=self.address)
        # A peer that takes connections and drops them at once must not keep this loop busy.
        await asyncio.sleep(RECONNECT_FIRST_S)
