"""A TCP listener for length-prefixed frames, for any number of quiet and busy connections.

It uses asyncio's BufferedProtocol (four times the messages per second of Protocol here, docs/concepts/figures.md) and knows
frames only. A connection that breaks a bound is closed and logged; the others never notice.
"""

import asyncio
import contextlib
from collections.abc import Callable

import structlog

from ..basics.errors import Misuse
from ..iso8583.errors import FrameError
from ..iso8583.framing import FrameSplitter, frame
from .logs import told

READ_BYTES = 16_384
"""One read: four of the longest frames. Kept small because ten thousand silent connections each hold one."""
CONNECTIONS_MAX = 20_000
"""A fleet's terminals that keep their line open; beyond it new ones are turned away at once."""
WRITE_BUFFER_MAX_BYTES = 262_144
"""Answers that a peer has not read yet; a peer that lets more pile up is closed."""
BACKLOG = 4_096
"""Connections waiting to be accepted in a morning rush."""
STOP_WITHIN_S = 2.0
"""How long a peer may take to read its last answers when the listener stops; then its connection is cut."""

_log = structlog.get_logger(__name__)


class FrameConnection(asyncio.BufferedProtocol):
    """One peer. `send` frames a payload and writes it; sending on a closed connection does nothing."""

    __slots__ = ("_buffer", "_listener", "_outbox", "_splitter", "_transport", "peer")

    def __init__(self, listener: "FrameListener") -> None:
        self._listener = listener
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._splitter = FrameSplitter()
        self._transport: asyncio.Transport | None = None
        self._outbox: list[bytes] = []
        self.peer = ""

    @property
    def open(self) -> bool:
        """Whether the peer can still be answered."""
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        address = transport.get_extra_info("peername")
        self.peer = f"{address[0]}:{address[1]}" if address else "unknown"
        transport.set_write_buffer_limits(high=WRITE_BUFFER_MAX_BYTES)
        if not self._listener.admit(self):
            _log.warning("connection_refused", peer=self.peer, reason="too many connections", bound=CONNECTIONS_MAX)
            transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        try:
            frames = self._splitter.feed(self._buffer[:nbytes])
        except FrameError as error:
            _log.warning("frame_refused", peer=self.peer, reason=str(error))
            self.close()
            return
        handler = self._listener.handler
        for payload in frames:
            try:
                handler(self, payload)
            except Exception as error:
                # What one frame breaks costs neither the others of this read nor the line.
                _log.error("frame_failed", peer=self.peer, **told(error))

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        _log.warning("connection_closed", peer=self.peer, reason="answers are not read", bound=WRITE_BUFFER_MAX_BYTES)
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._listener.forget(self)

    def send(self, payload: bytes) -> None:
        """Frame and write one payload."""
        if self._transport is not None:
            self._transport.write(frame(payload))

    def send_soon(self, payload: bytes) -> None:
        """Frame a payload and write it with the others of this turn of the loop: for peers that ask many things at once."""
        self._outbox.append(frame(payload))
        if len(self._outbox) == 1:
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        if self._transport is not None and self._outbox:
            self._transport.write(b"".join(self._outbox))
        self._outbox.clear()

    def close(self) -> None:
        """Close after what was written is out."""
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once; what was written and not read is lost."""
        if self._transport is not None:
            self._transport.abort()


FrameHandler = Callable[[FrameConnection, bytes], None]


class FrameListener:
    """Listens on one address and hands each frame with its connection to the handler, on the event loop."""

    def __init__(self, handler: FrameHandler) -> None:
        self.handler = handler
        self._connections: set[FrameConnection] = set()
        self._server: asyncio.Server | None = None
        self._empty = asyncio.Event()

    async def start(self, host: str, port: int) -> int:
        """Begin to listen; the answer is the port (useful with port 0). Misuse when the port is taken."""
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: FrameConnection(self), host, port, backlog=BACKLOG)
        except OSError as error:
            raise Misuse(
                f"can't listen on {host}:{port}: {error.strerror or error}. "
                "Another program may use this port; end it or choose another port."
            ) from error
        return int(self._server.sockets[0].getsockname()[1])

    def close_door(self) -> None:
        """Take no new connections; those that are open go on."""
        if self._server is not None:
            self._server.close()

    async def stop(self) -> None:
        """Stop listening and close every connection after its last answer, at once where that is not read in time."""
        if self._server is not None:
            self.close_door()
            for connection in tuple(self._connections):
                connection.close()
            if self._connections:
                self._empty.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._empty.wait(), STOP_WITHIN_S)
            for connection in tuple(self._connections):
                connection.abort()
            await self._server.wait_closed()
            self._server = None

    @property
    def connections(self) -> int:
        """How many peers are connected now."""
        return len(self._connections)

    def admit(self, connection: FrameConnection) -> bool:
        """Take a new connection in, unless the bound is reached."""
        if len(self._connections) >= CONNECTIONS_MAX:
            return False
        self._connections.add(connection)
        return True

    def forget(self, connection: FrameConnection) -> None:
        """A connection is gone."""
        self._connections.discard(connection)
        if not self._connections:
            self._empty.set()
