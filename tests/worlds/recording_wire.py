"""A line that writes down what passes: it stands between two programs and tells every whole frame, in its order.

It behaves as a line does when one end loses power: a client that is gone does not hang up at the server, so the server's
answer still comes, is written down and lost. A server that is gone ends the client's connection, as its kernel would.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from zhanggui.cup.dialect import Dialect
from zhanggui.cup.envelope import unwrap
from zhanggui.iso8583.framing import FrameSplitter, frame

READ_BYTES = 65_536
FRAMES_MAX = 200_000
"""Frames that one test may write down: a bound on memory, far above what any test here sends."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One frame, without anything secret. `place` is its position in the record."""

    place: int
    mti: str
    terminal_no: str
    trace_no: str
    rrn: str
    response_code: str
    entry_mode: str = ""
    field_60: str = ""
    has: frozenset[int] = frozenset()
    """Numbers of the fields that it has."""


Rewriter = Callable[[Seen, bytes], bytes]
"""Makes another payload of the one that came, as somebody who sits on the line would."""
Interceptor = Callable[[Seen], Awaitable[bool]]
"""Sees a frame before it is passed on; False lets it be lost."""


class RecordingWire:
    """Listens on `port` and passes everything on to `target_port` of this machine."""

    def __init__(self, dialect: Dialect, port: int, target_port: int) -> None:
        self.port = port
        self.frames: list[Seen] = []
        self.intercept: Interceptor | None = None
        self.rewrite: Rewriter | None = None
        self._dialect = dialect
        self._target_port = target_port
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._calls: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def lead_to(self, target_port: int) -> None:
        """From the next call on the other end is there."""
        self._target_port = target_port

    async def open(self) -> None:
        """Begin to take calls."""
        self._server = await asyncio.start_server(self._called, "127.0.0.1", self.port)

    async def close(self) -> None:
        """End every call and take no more."""
        self._is_closed = True
        if self._server is not None:
            self._server.close()
        for call in tuple(self._calls):
            call.cancel()
        await asyncio.gather(*self._calls, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    async def passes(self, wanted: Callable[[Seen], bool], *, since: int = 0) -> Seen:
        """Wait until such a frame has passed; frames before place `since` do not count."""
        found: list[Seen] = []

        def has_passed() -> bool:
            found[:] = [seen for seen in self.frames[since:] if wanted(seen)]
            return bool(found)

        async with self._changed:
            await self._changed.wait_for(has_passed)
        return found[0]

    def sent(self, *mtis: str, since: int = 0) -> list[Seen]:
        """Frames of these message types from place `since` on."""
        return [seen for seen in self.frames[since:] if seen.mti in mtis]

    @property
    def place(self) -> int:
        """Where the next frame will stand."""
        return len(self.frames)

    # ── one call ─────────────────────────────────────────────────────────────

    def _called(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """No coroutine: a call that came just before the end would be cancelled before it knew its line, which nobody closed then."""
        if self._is_closed:
            writer.transport.abort()
            return
        call = asyncio.ensure_future(self._carry(reader, writer))
        self._calls.add(call)

        def ended(_: object) -> None:
            self._calls.discard(call)
            writer.transport.abort()
            if not call.cancelled() and (error := call.exception()) is not None and not isinstance(error, OSError):
                raise error

        call.add_done_callback(ended)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target_port)
        asking = asyncio.ensure_future(self._pass_on(reader, there_writer))
        try:
            await self._pass_on(there_reader, writer)
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            there_writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one direction until its sender is gone. Frames go whole; a piece that was cut off goes as it is."""
        splitter = FrameSplitter()
        kept = b""
        try:
            while chunk := await reader.read(READ_BYTES):
                payloads = splitter.feed(chunk)
                kept = (kept + chunk)[-splitter.pending :] if splitter.pending else b""
                for payload in payloads:
                    seen, passes = await self._note(payload)
                    if passes:
                        writer.write(frame(payload if self.rewrite is None else self.rewrite(seen, payload)))
        except ConnectionError:
            # A process that was killed with unread bytes resets its connections.
            return
        writer.write(kept)

    async def _note(self, payload: bytes) -> tuple[Seen, bool]:
        message = self._dialect.codec.decode(unwrap(self._dialect, payload).body)
        fields = {number: str(message.fields.get(number, "")) for number in (11, 22, 37, 39, 41, 60)}
        async with self._changed:
            assert len(self.frames) < FRAMES_MAX, "more frames than a test may send"
            seen = Seen(
                len(self.frames),
                message.mti,
                fields[41],
                fields[11],
                fields[37],
                fields[39],
                entry_mode=fields[22],
                field_60=fields[60],
                has=frozenset(message.fields),
            )
            self.frames.append(seen)
            self._changed.notify_all()
        return seen, True if self.intercept is None else await self.intercept(seen)
