"""When a person usually signs in: a circular kernel density over the minutes of the week."""

from math import exp

from ...basics.spans import MINUTE_MS

BIN_MIN = 15
"""Minutes of one bin; a third of the kernel's width."""
WEEK_MIN = 7 * 24 * 60
BINS = WEEK_MIN // BIN_MIN
CHINA_OFFSET_MIN = 8 * 60
EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday; weeks begin on Monday."""
DAYS = 7
DAY_BINS = BINS // DAYS
SAME_DAY = 0.4
"""Share of an instant's mass that stays on its own weekday."""
TAIL_WIDTHS = 4
"""Kernel widths after which nothing is added: six hundred-thousandths of its mass."""


def week_bin(instant_ms: int) -> int:
    """The quarter of an hour of the week in China, 0 on Monday at midnight."""
    minutes = instant_ms // MINUTE_MS + CHINA_OFFSET_MIN + EPOCH_WEEKDAY * 1440
    return minutes % WEEK_MIN // BIN_MIN


class Kernel:
    """A normal kernel cut into bins, with a sum of one."""

    def __init__(self, width_min: float) -> None:
        reach = int(TAIL_WIDTHS * width_min / BIN_MIN)
        raw = [exp(-0.5 * (place * BIN_MIN / width_min) ** 2) for place in range(-reach, reach + 1)]
        total = sum(raw)
        self.reach = reach
        self.weights = tuple(value / total for value in raw)


class WeekDensity:
    """The density of the instants seen so far. Cheap to add to; the tail is summed only when it is asked for.

    The kernel over the weekday gives `SAME_DAY` of an instant's mass to its own day and spreads the rest over the same
    minute of all days (Aitchison and Aitken 1976): a habit of eight in the morning is known after days, not after weeks.
    """

    __slots__ = ("_any_day", "_kernel", "_week", "count")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._week = [0.0] * BINS
        self._any_day = [0.0] * DAY_BINS
        self.count = 0

    def add(self, place: int) -> None:
        """Take in one instant, given by its bin."""
        week, any_day = self._week, self._any_day
        first = place - self._kernel.reach
        for offset, value in enumerate(self._kernel.weights):
            there = (first + offset) % BINS
            week[there] += value
            any_day[there % DAY_BINS] += value
        self.count += 1

    def tail(self, place: int) -> float:
        """Share of the density that is as thin as here or thinner: the p of signing in at this time.

        A time at least as likely as in a week without any habit is never unusual: 1.
        """
        here = self._at(place)
        if here >= self.count / BINS:
            return 1.0
        thin = sum(value for value in map(self._at, range(BINS)) if value <= here)
        return thin / self.count if self.count else 1.0

    def _at(self, place: int) -> float:
        return SAME_DAY * self._week[place] + (1 - SAME_DAY) / DAYS * self._any_day[place % DAY_BINS]
