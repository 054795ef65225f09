"""Office passwords are hashed beside the loop, by two threads: a hash takes a tenth of a second, and sales go on meanwhile.

The port is `PasswordHasher`; `PasswordPool` works for the running host, `PlainHasher` in the thread that asks, for a command.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol

from ..basics.chance import Chance
from ..basics.errors import Fault
from ..edges.networks import network_of
from ..vault.office_password import NOBODY, derive, fits

THREADS = 2
WAITING_MAX = 40
"""Passwords that are looked at or wait for it: two seconds of both threads. Beyond it the door says that it is busy."""
FROM_ONE_MAX = 8
"""Of these from one address, so that nobody fills the door alone; a whole office behind one address comes in within a second or two."""


class PasswordHasher(Protocol):
    """Makes and checks what is kept of passwords."""

    async def derive(self, password: bytes, from_where: str) -> str:
        """What is kept of a password that came from this address. Fault when too many wait, of all or from there."""
        ...

    async def fits(self, password: bytes, kept: str, from_where: str) -> bool:
        """Whether it is the password. An empty `kept` is nobody's: the same work is done for it. Fault as above."""
        ...


class PlainHasher:
    """In the thread that asks."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance

    async def derive(self, password: bytes, from_where: str) -> str:
        return derive(password, self._chance)

    async def fits(self, password: bytes, kept: str, from_where: str) -> bool:
        return fits(password, kept or NOBODY)


class PasswordPool:
    """By two threads of its own; to be closed."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="office-password")
        self._busy: Counter[str] = Counter()
        """How many are looked at or wait, by address."""

    async def derive(self, password: bytes, from_where: str) -> str:
        with self._place(from_where):
            return await asyncio.get_running_loop().run_in_executor(self._threads, derive, password, self._chance)

    async def fits(self, password: bytes, kept: str, from_where: str) -> bool:
        with self._place(from_where):
            return await asyncio.get_running_loop().run_in_executor(self._threads, fits, password, kept or NOBODY)

    def close(self) -> None:
        """End the threads, after what they have in hand."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    @contextmanager
    def _place(self, from_where: str) -> Iterator[None]:
        source = network_of(from_where)
        if self._busy[source] >= FROM_ONE_MAX or self._busy.total() >= WAITING_MAX:
            raise Fault("too many people are signing in to the office at once; wait a little and try again")
        self._busy[source] += 1
        try:
            yield
        finally:
            self._busy[source] -= 1
            self._busy += Counter()
