"""HTTP calls to one other program: bounded in time, size and number; whatever goes wrong is one Fault.

Neither proxies of the environment nor redirects are followed: a call goes where the settings say, or nowhere. What stands on a line
is read and written by h11; a line carries one call at a time and is kept for the next one.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

import h11

from ..basics.errors import Defect, Fault

CONNECTIONS_MAX = 64
REPLY_BYTES_MAX = 1 << 20
CONNECT_WITHIN_S = 5.0
KEPT_FOR_S = 4.0
"""How long a line is kept unused: less than the five seconds after which servers close theirs, so that no call meets the closing."""


class NoReply(Fault):
    """No whole reply came. The call may have been heard all the same."""


class Reply(NamedTuple):
    """A reply: its status, headers with small names, and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpCalls:
    """Calls to one address (`http://host:port`, or `https`, no path). Its lines are kept and used again."""

    def __init__(self, address: str, *, connections_max: int = CONNECTIONS_MAX) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or parts.hostname is None:
            raise Defect("calls need an address such as http://127.0.0.1:8595")
        self._host, self._is_tls = parts.hostname, parts.scheme == "https"
        self._port = parts.port or (443 if self._is_tls else 80)
        # Replies are wanted unpacked.
        self._always = (("host", parts.netloc), ("accept-encoding", "identity"))
        self._room = asyncio.Semaphore(connections_max)
        self._kept: deque[_Line] = deque()
        """Lines that nobody uses, the one used last at the end."""
        self._context: ssl.SSLContext | None = None

    async def post(self, path: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> Reply:
        """Send one request and read its reply. NoReply when none came whole within the time, or it is too long or packed."""
        try:
            request = h11.Request(
                method="POST",
                target=path,
                headers=[*self._always, *headers.items(), ("content-length", str(len(body)))],
            )
            # Over the whole of it: who sends a byte now and then would otherwise never be over.
            async with asyncio.timeout(timeout_s), self._room:
                line = self._take_kept() or await self._connect()
                try:
                    return await line.ask(request, body)
                finally:
                    self._keep(line)
        except TimeoutError:
            raise NoReply(f"no whole reply came within {timeout_s:g} s") from None
        except (h11.ProtocolError, OSError) as error:
            raise NoReply(f"no reply from the program at the other end ({type(error).__name__})") from None

    async def close(self) -> None:
        """Let go of the lines."""
        while self._kept:
            self._kept.pop().close()

    def _take_kept(self) -> "_Line | None":
        oldest = asyncio.get_running_loop().time() - KEPT_FOR_S
        while self._kept and (self._kept[0].unused_since < oldest or not self._kept[0].is_free):
            self._kept.popleft().close()
        while self._kept:
            line = self._kept.pop()
            if line.is_free:
                return line
        return None

    def _keep(self, line: "_Line") -> None:
        if line.is_free:
            line.unused_since = asyncio.get_running_loop().time()
            self._kept.append(line)
        else:
            line.close()

    async def _connect(self) -> "_Line":
        if self._is_tls and self._context is None:
            self._context = ssl.create_default_context()
        async with asyncio.timeout(CONNECT_WITHIN_S):
            _, line = await asyncio.get_running_loop().create_connection(
                _Line, self._host, self._port, ssl=self._context
            )
        return line


class _Line(asyncio.Protocol):
    """One connection, with one call at a time."""

    def __init__(self) -> None:
        self.unused_since = 0.0
        self._http = h11.Connection(h11.CLIENT)
        self._transport: asyncio.Transport | None = None
        self._reply: asyncio.Future[Reply] | None = None
        """Who waits; None while nothing is asked."""
        self._head: h11.Response | None = None
        self._body = bytearray()
        self._came_bytes = 0
        """Of the reply so far: its head, hints before it and lengths of parts count too."""

    @property
    def is_free(self) -> bool:
        """Whether it can carry a call."""
        return self._transport is not None and self._reply is None

    async def ask(self, request: h11.Request, body: bytes) -> Reply:
        """One call. It must be free; whoever waits no more closes it."""
        transport = self._transport
        if transport is None:
            raise ConnectionResetError
        parts = (request, h11.Data(data=body), h11.EndOfMessage())
        self._head, self._body, self._came_bytes = None, bytearray(), 0
        self._reply = asyncio.get_running_loop().create_future()
        transport.write(b"".join(self._http.send(part) or b"" for part in parts))
        return await self._reply

    def close(self) -> None:
        """End it at once."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(exc or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        self._hear(data)

    def eof_received(self) -> None:
        self._hear(b"")

    def _hear(self, data: bytes) -> None:
        """Bytes that came; none is the end of all."""
        if self._reply is None or self._reply.done():
            # Nobody asked, or nobody waits.
            self.close()
            return
        self._came_bytes += len(data)
        try:
            if self._came_bytes > REPLY_BYTES_MAX:
                raise NoReply(f"the reply is longer than {REPLY_BYTES_MAX} bytes")
            self._http.receive_data(data)
            self._read()
        except Exception as error:
            self._fail(error)

    def _read(self) -> None:
        while True:
            match self._http.next_event():
                case h11.Response() as head:
                    _check_coding(head)
                    self._head = head
                case h11.Data(data=part):
                    self._body += part
                case h11.EndOfMessage():
                    self._finish()
                    return
                case h11.InformationalResponse():
                    """More is to come."""
                case h11.ConnectionClosed():
                    raise ConnectionResetError
                case _:
                    return

    def _finish(self) -> None:
        head, reply = self._head, self._reply
        assert head is not None
        assert reply is not None
        headers = {name.decode("ascii"): value.decode("latin-1") for name, value in head.headers}
        reply.set_result(Reply(head.status_code, headers, bytes(self._body)))
        states = self._http.states.values()
        if all(state is h11.DONE for state in states) and self._http.trailing_data == (b"", False):
            self._http.start_next_cycle()
            self._reply = None

    def _fail(self, error: Exception) -> None:
        self.close()
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(error)


def _check_coding(head: h11.Response) -> None:
    """What is packed is not unpacked: some hundred bytes could become as many megabytes."""
    for name, value in head.headers:
        if name == b"content-encoding" and value.strip().lower() not in (b"", b"identity"):
            raise NoReply("the reply is packed, which was not asked for")
