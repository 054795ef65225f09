"""When a person usually signs in: a circular kernel density over the minutes of the week."""

from math import exp, sqrt, tau

BIN_MIN = 15
"""Minutes of one bin; a third of the kernel's width."""
WEEK_MIN = 7 * 24 * 60
BINS = WEEK_MIN // BIN_MIN
CHINA_OFFSET_MIN = 8 * 60
EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday; weeks begin on Monday."""
TAIL_WIDTHS = 4
"""Kernel widths after which nothing is added: six hundred-thousandths of its mass."""


def week_bin(instant_ms: int) -> int:
    """The quarter of an hour of the week in China, 0 on Monday at midnight."""
    minutes = instant_ms // 60_000 + CHINA_OFFSET_MIN + EPOCH_WEEKDAY * 1440
    return minutes % WEEK_MIN // BIN_MIN


class Kernel:
    """A normal kernel cut into bins, with a sum of one."""

    def __init__(self, width_min: float) -> None:
        reach = int(TAIL_WIDTHS * width_min / BIN_MIN)
        raw = [exp(-0.5 * (place * BIN_MIN / width_min) ** 2) for place in range(-reach, reach + 1)]
        total = sum(raw)
        self.reach = reach
        self.weights = tuple(value / total for value in raw)
        self.peak = BIN_MIN / (width_min * sqrt(tau))


class WeekDensity:
    """The density of the instants seen so far. Cheap to add to; the tail is summed only when it is asked for."""

    __slots__ = ("_bins", "_kernel", "count")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._bins = [0.0] * BINS
        self.count = 0

    def add(self, place: int) -> None:
        """Take in one instant, given by its bin."""
        bins = self._bins
        first = place - self._kernel.reach
        for offset, value in enumerate(self._kernel.weights):
            bins[(first + offset) % BINS] += value
        self.count += 1

    def tail(self, place: int) -> float:
        """Share of the density that is as thin as here or thinner: the p of signing in at this time.

        A time at least as likely as in a week without any habit is never unusual: 1.
        """
        here = self._bins[place]
        if here >= self.count / BINS:
            return 1.0
        return sum(value for value in self._bins if value <= here) / self.count if self.count else 1.0
