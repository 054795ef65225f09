"""Running programs until somebody ends them: SIGINT (Ctrl-C) and SIGTERM both end with exit code 0 and nothing left behind."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

Start = Callable[[AsyncExitStack], Awaitable[None]]
"""Starts programs and files, in the given stack, how each is stopped; the last started is stopped first."""


async def run_until_stopped(start: Start) -> None:
    """Start, wait for a signal, stop. A signal during the start ends the start."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with AsyncExitStack() as stack:
        starting = asyncio.ensure_future(start(stack))
        waiting = asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait((starting, waiting), return_when=asyncio.FIRST_COMPLETED)
            if not starting.done():
                starting.cancel()
                await asyncio.gather(starting, return_exceptions=True)
                return
            starting.result()
            await waiting
        finally:
            waiting.cancel()
