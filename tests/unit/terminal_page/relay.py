"""A relay between page and terminal that can stop passing bytes while its lines stay open, as a dead cable or a hung proxy does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

CHUNK_BYTES = 65536


class Relay:
    """Passes bytes both ways until it is stopped, and again once it goes on."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._passing = asyncio.Event()
        self._passing.set()
        self._pipes: set[asyncio.Task[None]] = set()
        self.host = ""

    def stop(self) -> None:
        """Keep every line open and pass nothing."""
        self._passing.clear()

    def go_on(self) -> None:
        """Pass bytes again, those that wait too."""
        self._passing.set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect one line."""
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        for source, target in ((reader, far_writer), (far_reader, writer)):
            pipe = asyncio.create_task(self._pipe(source, target))
            self._pipes.add(pipe)
            pipe.add_done_callback(self._pipes.discard)

    async def _pipe(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            try:
                while chunk := await source.read(CHUNK_BYTES):
                    await self._passing.wait()
                    target.write(chunk)
                    await target.drain()
            finally:
                target.close()
                await target.wait_closed()

    async def close(self) -> None:
        """End every pipe, those first that still wait for a word."""
        self.go_on()
        for pipe in tuple(self._pipes):
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)


@asynccontextmanager
async def relay_to(port: int) -> AsyncIterator[Relay]:
    """A relay to a port of this machine; `host` is where it listens."""
    relay = Relay(port)
    server = await asyncio.start_server(relay.accept, "127.0.0.1", 0)
    relay.host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield relay
    finally:
        server.close()
        await relay.close()
