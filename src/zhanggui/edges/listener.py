"""A TCP listener for length-prefixed frames, for any number of quiet and busy connections.

It uses asyncio's BufferedProtocol (four times the messages per second of Protocol here, docs/concepts/figures.md) and knows
frames only. A connection that breaks a bound is closed and logged; the others never notice. Who has to go when there are too many
is told in `places.py`; how much one line may have under way, here.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable

import structlog

from ..basics.errors import Misuse
from ..iso8583.errors import FrameError
from ..iso8583.framing import FrameSplitter, frame
from .logs import told
from .open_files import open_files
from .places import Places, Standing
from .watched import LongTask, keep_running

READ_BYTES = 16_384
"""One read: four of the longest frames."""
CONNECTIONS_MAX = 20_000
"""A fleet's terminals that keep their line open; also below what the process may open, see `FILES_SHARE`."""
FILES_SHARE = 0.75
"""Of all files that the process may open, those that a listener's lines may be; the rest is for databases, logs and other lines."""
WRITE_BUFFER_MAX_BYTES = 262_144
"""Answers that a peer has not read yet; a peer that lets more pile up is closed."""
BACKLOG = 4_096
"""Connections waiting to be accepted in a morning rush."""
ACCEPT_AT_ONCE = 16
"""Connections accepted in one turn of the loop. Also the tries, and complaints, a second when the process can open nothing more."""
STOP_WITHIN_S = 2.0
"""How long a peer may take to read its last answers when the listener stops; then its connection is cut."""
UNDER_WAY_MAX = 64
"""Requests of one line that may wait to be decided; more of it is not read until half of them are done."""
UNDER_WAY_UNPROVEN_MAX = 16
"""The same for a line of which nothing was proven yet. No more of its frames are looked at in one turn either."""
PROVEN_BY_MAX = 4_096
"""Holders of keys that one line remembers: more than a concentrator gathers. Beyond it they are forgotten, and prove themselves anew."""
UNPROVEN_PAUSE_S = 0.01
"""Pause after each such share of a line that is not proven: 1,600 frames a second, a fifth of a processor for nonsense."""
LOOK_EVERY_S = 5.0
"""How often it is looked for lines whose time is over."""

_log = structlog.get_logger(__name__)


class FrameConnection(asyncio.BufferedProtocol):
    """One peer. `send` frames a payload and writes it; sending on a closed connection does nothing."""

    __slots__ = (
        "_answered",
        "_handed",
        "_held",
        "_listener",
        "_outbox",
        "_paused",
        "_splitter",
        "_transport",
        "_waking",
        "address",
        "bound_to",
        "ended_s",
        "heard_s",
        "peer",
        "proven_by",
        "standing",
        "under_way",
    )

    def __init__(self, listener: "FrameListener") -> None:
        self._listener = listener
        self._splitter = FrameSplitter()
        self._transport: asyncio.Transport | None = None
        self._outbox: list[bytes] = []
        self._held: list[bytes] = []
        self._paused = self._waking = False
        self._handed = self._answered = 0
        self.under_way = 0
        """Requests of it that wait to be decided."""
        self.address = self.peer = ""
        self.standing: Standing = "silent"
        self.proven_by: set[object] = set()
        """Whose keys something on this line proved."""
        self.bound_to: set[object] = set()
        """Who asked for something new on this line: what somebody else had caught before, and sends again, binds no line."""
        self.heard_s = 0.0
        self.ended_s: float | None = None

    @property
    def open(self) -> bool:
        """Whether the peer can still be answered."""
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self.heard_s = asyncio.get_running_loop().time()
        address = transport.get_extra_info("peername")
        if address:
            self.address, self.peer = str(address[0]), f"{address[0]}:{address[1]}"
        else:
            self.address = self.peer = "unknown"
        transport.set_write_buffer_limits(high=WRITE_BUFFER_MAX_BYTES)
        self._listener.admit(self)

    def get_buffer(self, sizehint: int) -> memoryview:
        # One buffer for all: what was read is copied out of it before another connection is read.
        return self._listener.buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self.ended_s is not None:
            return
        try:
            frames = self._splitter.feed(self._listener.buffer[:nbytes])
        except FrameError as error:
            _log.warning("frame_refused", peer=self.peer, reason=str(error))
            # What was whole before it is somebody's, and is answered before the line is closed.
            self._take(self._splitter.whole)
            self.end(unanswered=0)
            return
        self._take(frames)

    def _take(self, frames: list[bytes]) -> None:
        if not frames:
            return
        self.heard_s = asyncio.get_running_loop().time()
        if self.standing != "proven":
            self._listener.places.spoke(self)
        if self._held:
            self._held += frames
        else:
            self._hand_on(frames)

    def _hand_on(self, frames: list[bytes]) -> None:
        handler, is_proven = self._listener.handler, self.standing == "proven"
        share = UNDER_WAY_MAX if is_proven else UNDER_WAY_UNPROVEN_MAX
        for place, payload in enumerate(frames):
            if self.under_way >= share or (place >= share and not is_proven):
                self._hold(frames[place:])
                if self.under_way < share:
                    # What is refused at once waits nowhere, but it takes time: others have their turn in between.
                    self._wake(UNPROVEN_PAUSE_S)
                return
            self._handed += 1
            try:
                handler(self, payload)
            except Exception as error:
                # What one frame breaks costs neither the others of this read nor the line.
                _log.error("frame_failed", peer=self.peer, **told(error))

    @property
    def _share(self) -> int:
        return UNDER_WAY_MAX if self.standing == "proven" else UNDER_WAY_UNPROVEN_MAX

    def _hold(self, frames: list[bytes]) -> None:
        """Keep what is beyond the share of this line, at most one read, and read no more of it for now."""
        self._held = frames
        if not self._paused and self._transport is not None and self.ended_s is None:
            self._paused = True
            self._transport.pause_reading()

    def work_began(self) -> None:
        """A request of it waits to be decided."""
        self.under_way += 1

    def work_ended(self) -> None:
        """A request of it was decided, well or not."""
        self.under_way -= 1
        if self._held and not self._waking and self.under_way <= self._share // 2:
            self._wake(0.0)

    def _wake(self, pause_s: float) -> None:
        self._waking = True
        asyncio.get_running_loop().call_later(pause_s, self._go_on)

    def _go_on(self) -> None:
        self._waking = False
        if self._transport is None:
            return
        held, self._held = self._held, []
        self._hand_on(held)
        if self.ended_s is not None:
            self._close_when_all_is_said()
        elif self._paused and not self._held:
            self._paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def proved(self, who: object = None) -> None:
        """Something came on this line that only the holder of this one's key could send."""
        if self.standing != "proven":
            self._listener.places.proved(self)
        if who is not None:
            if len(self.proven_by) >= PROVEN_BY_MAX:
                self.proven_by.clear()
            self.proven_by.add(who)

    def bind(self, who: object) -> None:
        """This one asked for something on this line that was never asked for before."""
        if len(self.bound_to) >= PROVEN_BY_MAX:
            self.bound_to.clear()
        self.bound_to.add(who)

    def eof_received(self) -> bool:
        """The peer will send no more; what it asked is answered before its line is closed."""
        if self._answered >= self._handed and not self._held:
            return False
        self.ended_s = asyncio.get_running_loop().time()
        return True

    def pause_writing(self) -> None:
        _log.warning("connection_closed", peer=self.peer, reason="answers are not read", bound=WRITE_BUFFER_MAX_BYTES)
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._held.clear()
        self._listener.forget(self)

    def send(self, payload: bytes) -> None:
        """Frame and write one payload."""
        if self._transport is not None:
            self._transport.write(frame(payload))
            self._answered += 1
            if self.ended_s is not None:
                self._close_when_all_is_said()

    def send_late(self, payload: bytes, after_s: float) -> None:
        """The same after a while; nothing if the peer is gone by then."""
        asyncio.get_running_loop().call_later(after_s, self.send, payload)

    def send_soon(self, payload: bytes) -> None:
        """Frame a payload and write it with the others of this turn of the loop: for peers that ask many things at once."""
        self._outbox.append(frame(payload))
        self._answered += 1
        if len(self._outbox) == 1:
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        if self._transport is not None and self._outbox:
            self._transport.write(b"".join(self._outbox))
        self._outbox.clear()
        if self.ended_s is not None:
            self._close_when_all_is_said()

    def _close_when_all_is_said(self) -> None:
        if self._answered >= self._handed and not self._held and self._transport is not None:
            self._transport.close()

    def close(self) -> None:
        """Close after what was written is out."""
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def end(self, *, unanswered: int = 1) -> None:
        """Take no more of this peer: what it asked before is answered, and then its line is closed. `unanswered`: of the frames that
        were handed on, so many will have no answer.
        """
        self._answered += unanswered
        if self._transport is None or self.ended_s is not None:
            return
        self.ended_s = asyncio.get_running_loop().time()
        # Others of the same read are still handed on. What comes later is thrown away: unread, it would tear the answers on their way.
        asyncio.get_running_loop().call_soon(self._close_when_all_is_said)

    def abort(self) -> None:
        """Close at once; what was written and not read is lost."""
        if self._transport is not None:
            self._transport.abort()


class CannotListen(Misuse):
    """An address or port can't be had; whoever knows what it is for names the option that chooses another."""


FrameHandler = Callable[[FrameConnection, bytes], None]


class FrameListener:
    """Listens on one address and hands each frame with its connection to the handler, on the event loop.

    Its lines are at most CONNECTIONS_MAX, and at most this share of the files that the process may open when it starts.
    """

    def __init__(self, handler: FrameHandler, *, files_share: float = FILES_SHARE) -> None:
        self.handler = handler
        self.buffer = memoryview(bytearray(READ_BYTES))
        self.places: Places = Places(CONNECTIONS_MAX)
        self._files_share = files_share
        self._server: asyncio.Server | None = None
        self._looking: LongTask | None = None
        self._empty = asyncio.Event()

    async def start(self, host: str, port: int) -> int:
        """Begin to listen; the answer is the port (useful with port 0). CannotListen when the port is taken."""
        loop = asyncio.get_running_loop()
        self.places = Places(max(1, min(CONNECTIONS_MAX, int(open_files() * self._files_share))))
        try:
            self._server = await loop.create_server(lambda: FrameConnection(self), host, port, backlog=ACCEPT_AT_ONCE)
            _lengthen_queues(self._server)
        except OSError as error:
            raise CannotListen(
                f"can't listen on {host}:{port}: {error.strerror or error}. "
                "Another program may use this port; end it or choose another port."
            ) from error
        self._looking = keep_running(f"lines of {host}:{port}", self._close_overdue, every_s=LOOK_EVERY_S)
        return int(self._server.sockets[0].getsockname()[1])

    def close_door(self) -> None:
        """Take no new connections; those that are open go on."""
        if self._server is not None:
            self._server.close()

    async def stop(self) -> None:
        """Stop listening and close every connection after its last answer, at once where that is not read in time."""
        if self._looking is not None:
            await self._looking.stop()
        if self._server is not None:
            self.close_door()
            for connection in self._open():
                connection.close()
            if self.connections:
                self._empty.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._empty.wait(), STOP_WITHIN_S)
            for connection in self._open():
                connection.abort()
            await self._server.wait_closed()
            self._server = None

    @property
    def connections(self) -> int:
        """How many peers are connected now."""
        return len(self.places)

    @property
    def connections_max(self) -> int:
        """How many may be."""
        return self.places.most

    def admit(self, connection: FrameConnection) -> None:
        """Give a new connection a place, or turn it away."""
        admitted, leaver = self.places.admit(connection)
        if leaver is not None:
            assert isinstance(leaver, FrameConnection)
            _log.warning("connection_closed", peer=leaver.peer, reason="its place is needed", standing=leaver.standing)
            leaver.abort()
        if not admitted:
            most = self.places.most
            _log.warning("connection_refused", peer=connection.peer, reason="too many connections", bound=most)
            connection.abort()

    def forget(self, connection: FrameConnection) -> None:
        """A connection is gone."""
        self.places.forget(connection)
        if not len(self.places):
            self._empty.set()

    def _open(self) -> tuple[FrameConnection, ...]:
        return tuple(guest for guest in self.places if isinstance(guest, FrameConnection))

    async def _close_overdue(self) -> None:
        for guest, reason in self.places.overdue(asyncio.get_running_loop().time()):
            assert isinstance(guest, FrameConnection)
            _log.info("connection_closed", peer=guest.peer, reason=reason)
            guest.abort()


def _lengthen_queues(server: asyncio.Server) -> None:
    """Let more connections wait than are accepted at once: asyncio has one number for both."""
    for listening in server.sockets:
        with socket.socket(fileno=os.dup(listening.fileno())) as same:
            same.listen(BACKLOG)
