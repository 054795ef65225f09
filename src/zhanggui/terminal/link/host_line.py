"""One request and its answer over a TCP connection of their own: connect, send one frame, read one frame, close.

What moves no money and comes by the hundred (a batch upload) goes over one connection together, several requests in flight.

What went wrong is told exactly, because money hangs on it: `unreachable` and `not_sent` mean that no byte of the request left
the machine, so there is nothing to undo; after the first byte everything that fails is `no_answer` and has to be undone.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from itertools import islice
from typing import Protocol

from ...basics.errors import Fault
from ...iso8583.errors import EncodeError, FrameError
from ...iso8583.framing import FrameSplitter, frame
from ..devices.ports import NetworkLine
from ..flow.core.events import Event, Failure, HostFailed, LineSign

CONNECT_TIMEOUT_S = 10.0
"""A host that does not take the call in ten seconds won't answer a payment in sixty either."""
ANSWER_TIMEOUT_S = 60.0
"""The terminal waits longer than the host (45–50 s) and the network behind it (domain reference §9)."""
READ_BYTES = 4_096
IN_FLIGHT_MAX = 32
"""Requests of one line that wait for their answers: half of what the host lets one line have under way."""


class LineFailed(Fault):
    """No answer that could be read; `failure` says how far the request came."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"no answer from the host: {failure}")
        self.failure = failure


class UnprovenRefusal(LineFailed):
    """An answer without any MAC that refuses, with this code, what is answered with one: a host that can't read a message can't
    know whose key to take. It proves nothing, and nothing ends by it; what asks may try another form of the same."""

    def __init__(self, response_code: str) -> None:
        super().__init__("bad_mac")
        self.response_code = response_code


class HostLine(Protocol):
    """How a request reaches the host."""

    async def exchange(self, payload: bytes) -> bytes:
        """Send one payload (TPDU, header, message) and give back the answer's. Raises LineFailed, nothing else."""
        ...

    def exchange_all(self, payloads: Iterable[bytes], *, in_flight: int) -> AsyncGenerator[bytes]:
        """Send payloads over one connection, so many of them in flight at most, and give the answers as they come.

        The first one goes alone: the line may have to be proven by it. Raises LineFailed, and what making a payload raises.
        """
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

    @property
    def answer_timeout_s(self) -> float:
        """How long an answer is waited for."""
        return self._answer_timeout_s

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection of one's own, for a line that stays. Raises LineFailed."""
        return await self._connect(CONNECT_TIMEOUT_S)

    @property
    def leads_to(self) -> tuple[str, int] | None:
        """The host that is called now; None while the machine itself has no line."""
        return (self._host, self._port) if self._switch.up else None

    async def exchange(self, payload: bytes) -> bytes:
        async with aclosing(self.exchange_all((payload,), in_flight=1)) as answers:
            return await anext(answers)

    async def exchange_all(self, payloads: Iterable[bytes], *, in_flight: int) -> AsyncGenerator[bytes]:
        left = iter(payloads)
        waiting = _framed(left, 1)
        if not waiting:
            return
        reader, writer = await self._connect(CONNECT_TIMEOUT_S)
        try:
            # A peer that hung up at once is known by now; after `write` nobody can tell what has left.
            if writer.transport.is_closing() or reader.at_eof():
                raise LineFailed("not_sent")
            splitter, under_way = FrameSplitter(), 0
            while waiting or under_way:
                writer.write(b"".join(waiting))
                under_way += len(waiting)
                async with asyncio.timeout(self._answer_timeout_s):
                    await writer.drain()
                    answers = await self._read_frames(reader, splitter)
                for answer in answers[:under_way]:
                    yield answer
                under_way -= min(under_way, len(answers))
                waiting = _framed(left, in_flight - under_way)
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

    async def _read_frames(self, reader: asyncio.StreamReader, splitter: FrameSplitter) -> list[bytes]:
        while True:
            chunk = await reader.read(READ_BYTES)
            if not chunk:
                raise LineFailed("no_answer")
            frames = splitter.feed(chunk)
            if frames:
                return frames


def _framed(payloads: Iterator[bytes], count: int) -> list[bytes]:
    """The next so many, as they stand on the line. Raises LineFailed for one that fits in no frame."""
    try:
        return [frame(payload) for payload in islice(payloads, count)]
    except EncodeError as error:
        raise LineFailed("not_sent") from error


def line_sign(event: Event | None) -> LineSign | None:
    """What the end of an exchange shows of the line; None when nothing was tried.

    >>> from zhanggui.basics.numbers import UnixMs
    >>> line_sign(None), line_sign(HostFailed(now=UnixMs(0), request="SendStatus", failure="no_answer"))
    ('answered', 'silent')
    """
    if not isinstance(event, HostFailed):
        return "answered"
    match event.failure:
        case "unreachable":
            return "unreachable"
        case "not_sent":
            return None
        case "no_answer":
            return "silent"
        case "bad_mac" | "bad_answer" | "bad_keys":
            return "taken"
        case "card_gone":
            return "answered"
