"""Chance as an argument, so that a simulated day can be played again."""

import random
import secrets
from typing import Protocol


class Chance(Protocol):
    """Where random bytes come from."""

    def take(self, length: int) -> bytes:
        """Return `length` random bytes."""
        ...


class SystemChance:
    """The operating system's generator; the only one fit for keys."""

    def take(self, length: int) -> bytes:
        return secrets.token_bytes(length)


class SeededChance:
    """A repeatable stream for tests and simulation; never for real keys."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def take(self, length: int) -> bytes:
        return self._random.randbytes(length)
