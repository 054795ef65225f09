"""Chance as an argument, so that a simulated day can be played again."""

import os
import random
import secrets
import threading
import weakref
from typing import Protocol

POOL_BYTES = 4_096
"""Random bytes fetched at once: a system call costs 2 µs or more, and a sign-in takes five times some."""
POOLED_MAX_BYTES = 64


class Chance(Protocol):
    """Where random bytes come from."""

    def take(self, length: int) -> bytes:
        """Return `length` random bytes."""
        ...

    def take_secret(self, length: int) -> bytes:
        """Return `length` random bytes for a key, a password, a badge or a token: what must be nobody else's, ever."""
        ...


class SystemChance:
    """The operating system's generator; the only one fit for keys.

    Small amounts come from a pool. What was taken is wiped there, nobody else gets it, also in another thread, and a process that
    forked off begins with an empty pool. A machine that was copied while it ran begins with the same one: salts may come twice
    then. What is secret therefore never comes from it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool = bytearray()
        self._at = 0
        _POOLS.add(self)

    def take(self, length: int) -> bytes:
        if length > POOLED_MAX_BYTES:
            return secrets.token_bytes(length)
        with self._lock:
            begin, end = self._at, self._at + length
            if end > len(self._pool):
                self._pool = bytearray(secrets.token_bytes(POOL_BYTES))
                begin, end = 0, length
            taken = bytes(self._pool[begin:end])
            self._pool[begin:end] = bytes(length)
            self._at = end
        return taken

    def take_secret(self, length: int) -> bytes:
        return secrets.token_bytes(length)

    def forget(self) -> None:
        """Give up what the pool holds. Without the lock: whoever held it when the process forked is not here."""
        self._lock = threading.Lock()
        self._pool = bytearray()
        self._at = 0


_POOLS: "weakref.WeakSet[SystemChance]" = weakref.WeakSet()


def _forget_all() -> None:
    for chance in _POOLS:
        chance.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


class SeededChance:
    """A repeatable stream for tests and simulation; never for real keys."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def take(self, length: int) -> bytes:
        return self._random.randbytes(length)

    def take_secret(self, length: int) -> bytes:
        return self._random.randbytes(length)
