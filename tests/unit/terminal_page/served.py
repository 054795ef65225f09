"""A page server with fake terminals behind it, on a free port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from zhanggui.terminal.page.server import serve_page

from ...worlds.fake_terminal import FakeTerminal


@dataclass
class Served:
    """A page that runs: its address, and the terminals behind it."""

    address: str
    terminals: dict[str, FakeTerminal]
    running: asyncio.Task[None]

    @property
    def host(self) -> str:
        """Host and port, as a Host header has them."""
        return self.address.removeprefix("http://").rstrip("/")


@asynccontextmanager
async def serve(*terminals: FakeTerminal, demo: bool = False) -> AsyncIterator[Served]:
    """Run a page for these terminals until the block ends."""
    address: list[str] = []
    accepting = asyncio.Event()

    def ready(told: str) -> None:
        address.append(told)
        accepting.set()

    by_number = {terminal.number: terminal for terminal in terminals}
    running = asyncio.create_task(serve_page(by_number, "127.0.0.1", 0, ready=ready, demo=demo))
    running.add_done_callback(lambda _: accepting.set())
    await accepting.wait()
    if running.done():
        running.result()
    try:
        yield Served(address[0], by_number, running)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
