"""Looks names up that others chose, by threads of its own: a name that never resolves holds up its owner and nobody else.

    whose, name ─▶ nothing of theirs under way? ─▶ a thread of these ─▶ its addresses
                        │ no: wait until it is over, not until its asker gave up

A look-up can't be cut off: it lasts as long as the machine's resolver waits, which is longer than any call. In the loop's own threads,
of which there are few, such names would hold up the lines to bank and wallets, whose names are looked up there.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

THREADS = 64
"""As many as there are calls at once (`host/outbox/sender.py`), so that of two owners neither waits for the other. They begin when needed."""
Look = Callable[[str, int], list[str]]
"""Name and port ─▶ its addresses, the one to take first. Blocks; raises OSError."""


def addresses_of(name: str, port: int) -> list[str]:
    """The addresses of a name, as this machine knows them."""
    found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class NameLookups:
    """At most one look-up under way for each owner; to be closed."""

    def __init__(self, look: Look = addresses_of, threads: int = THREADS) -> None:
        self._look = look
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="name-lookup")
        self._under_way: dict[str, asyncio.Future[None]] = {}
        """By owner: done when the thread is free again."""

    async def resolve(self, whose: str, name: str, port: int) -> list[str]:
        """The addresses of a name that this owner chose, the one to take first. Raises OSError. Whoever gives up waiting may cancel."""
        while (before := self._under_way.get(whose)) is not None:
            await asyncio.shield(before)
        loop = asyncio.get_running_loop()
        looked = self._threads.submit(self._look, name, port)
        self._under_way[whose] = loop.create_future()

        def ended(_: object) -> None:
            # Where the loop ended first, nobody waits.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._over, whose)

        looked.add_done_callback(ended)
        return await asyncio.wrap_future(looked)

    def close(self) -> None:
        """Begin no more. What is under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _over(self, whose: str) -> None:
        self._under_way.pop(whose).set_result(None)
