"""Peers of a framed line: a listener that sends every frame back, plain streams, and waiting for what has no event."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from zhanggui.edges.listener import FrameConnection, FrameListener

Peer = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Echo:
    """Sends every frame back, and remembers it."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.connections: list[FrameConnection] = []
        self.listener = FrameListener(self.on_frame)
        self.port = 0

    def on_frame(self, connection: FrameConnection, payload: bytes) -> None:
        self.seen.append(payload)
        if connection not in self.connections:
            self.connections.append(connection)
        connection.send(payload)

    async def connect(self) -> Peer:
        return await asyncio.open_connection("127.0.0.1", self.port)


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))


async def until(true: Callable[[], bool]) -> None:
    """Let the loop run until something holds; the test's time-out is the bound."""
    while not true():  # noqa: ASYNC110  # what is waited for has no event: a count, a list, a state of the other side
        await asyncio.sleep(0.001)


@asynccontextmanager
async def serving(
    port: int, handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
) -> AsyncIterator[None]:
    """A server of plain streams whose connections are all closed at the end."""
    running: list[asyncio.Future[None]] = []

    async def handle_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        running.append(done := asyncio.get_running_loop().create_future())
        try:
            await handle(reader, writer)
        finally:
            await closed(writer)
            done.set_result(None)

    server = await asyncio.start_server(handle_and_close, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        await asyncio.gather(*running)


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)
