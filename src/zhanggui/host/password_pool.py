"""Office passwords are hashed beside the loop, by two threads: a hash takes a tenth of a second, and sales go on meanwhile.

The port is `PasswordHasher`; `PasswordPool` works for the running host, `PlainHasher` in the thread that asks, for a command.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from ..basics.chance import Chance
from ..basics.errors import Fault
from ..vault.office_password import NOBODY, derive, fits

THREADS = 2
WAITING_MAX = 40
"""Passwords that are looked at or wait for it: two seconds of both threads. Beyond it the door says that it is busy."""


class PasswordHasher(Protocol):
    """Makes and checks what is kept of passwords."""

    async def derive(self, password: bytes) -> str:
        """What is kept of a password. Fault when too many wait."""
        ...

    async def fits(self, password: bytes, kept: str) -> bool:
        """Whether it is the password. An empty `kept` is nobody's: the same work is done for it. Fault when too many wait."""
        ...


class PlainHasher:
    """In the thread that asks."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance

    async def derive(self, password: bytes) -> str:
        return derive(password, self._chance)

    async def fits(self, password: bytes, kept: str) -> bool:
        return fits(password, kept or NOBODY)


class PasswordPool:
    """By two threads of its own; to be closed."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="office-password")
        self._busy = 0

    async def derive(self, password: bytes) -> str:
        self._enter()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, derive, password, self._chance)
        finally:
            self._busy -= 1

    async def fits(self, password: bytes, kept: str) -> bool:
        self._enter()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, fits, password, kept or NOBODY)
        finally:
            self._busy -= 1

    def close(self) -> None:
        """End the threads, after what they have in hand."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _enter(self) -> None:
        if self._busy >= WAITING_MAX:
            raise Fault("too many people are signing in to the office at once; wait a little and try again")
        self._busy += 1
