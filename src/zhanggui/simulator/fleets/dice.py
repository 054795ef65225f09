"""Distributions over a Chance, so that one seed makes one fleet on every machine and Python."""

from collections.abc import Sequence
from math import cos, exp, log, sqrt, tau
from typing import TypeVar
from zlib import crc32

from ...basics.chance import Chance, SeededChance

T = TypeVar("T")

BUFFER_BYTES = 1 << 16
"""Taken from the Chance at once; one draw needs seven."""
DRAW_BYTES = 7
UNIT = 1 / (1 << 53)


class Dice:
    """Draws from a Chance."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._buffer = b""
        self._place = 0

    def unit(self) -> float:
        """A number from 0 (included) to 1 (not), 53 bits fine."""
        place = self._place
        if place + DRAW_BYTES > len(self._buffer):
            self._buffer = self._chance.take(BUFFER_BYTES)
            place = 0
        self._place = place + DRAW_BYTES
        return (int.from_bytes(self._buffer[place : place + DRAW_BYTES], "big") >> 3) * UNIT

    def bytes(self, length: int) -> bytes:
        """Bytes straight from the Chance."""
        return self._chance.take(length)

    def happens(self, share: float) -> bool:
        """True in `share` of all draws."""
        return self.unit() < share

    def below(self, end: int) -> int:
        """A whole number from 0 to `end` − 1."""
        return int(self.unit() * end)

    def between(self, low: float, high: float) -> float:
        """Evenly between two numbers."""
        return low + (high - low) * self.unit()

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + self.below(high - low + 1)

    def pick(self, items: Sequence[T]) -> T:
        """One of them, all alike."""
        return items[self.below(len(items))]

    def normal(self, mean: float, deviation: float) -> float:
        """The normal distribution (Box and Muller 1958)."""
        return mean + deviation * sqrt(-2.0 * log(1.0 - self.unit())) * cos(tau * self.unit())

    def log_normal(self, median: float, deviation: float) -> float:
        """A positive number whose logarithm is normal."""
        return median * exp(self.normal(0.0, deviation))

    def count(self, mean: float) -> int:
        """The Poisson distribution, for small means (Knuth's product)."""
        limit, product, number = exp(-mean), self.unit(), 0
        while product > limit:
            product *= self.unit()
            number += 1
        return number

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """All of them in another order (Fisher and Yates)."""
        order = list(items)
        for last in range(len(order) - 1, 0, -1):
            place = self.below(last + 1)
            order[last], order[place] = order[place], order[last]
        return order


def dice_of(seed: int, stream: str) -> Dice:
    """A stream of its own for each purpose, so that a new incident does not change the ordinary days."""
    return Dice(SeededChance(seed << 32 | crc32(stream.encode())))
