"""When a shop is at work: the quarters of an hour of the day in which somebody was signed in, learned day by day."""

from ...basics.spans import MINUTE_MS
from .density import BIN_MIN, CHINA_OFFSET_MIN, DAY_BINS

PRESENCE_MAX_BINS = DAY_BINS
"""A session longer than a day was forgotten; it tells nothing about when the shop is at work."""


class ShopHours:
    """Presence of a shop's people by quarter of an hour. A session counts once it is over, so nothing is known early."""

    __slots__ = ("_days", "_open", "_present")

    def __init__(self) -> None:
        self._present: list[set[int]] = [set() for _ in range(DAY_BINS)]
        self._days: set[int] = set()
        self._open: list[tuple[int, int]] = []

    def begin(self, from_ms: int, to_ms: int) -> None:
        """A session that ran from one instant to the other; it is looked at once `to_ms` has passed."""
        self._open.append((from_ms, to_ms))

    def distance_min(self, at_ms: int, share: float) -> int:
        """Minutes between this time of the day and the next one, before or after, at which the shop is at work.

        At work means: on at least this share of its days. 0 within these hours; half a day where nothing is known.
        """
        self._take_in(at_ms)
        enough = max(1.0, share * len(self._days))
        here = _quarter(at_ms) % DAY_BINS
        for away in range(DAY_BINS // 2):
            if any(len(self._present[(here + side) % DAY_BINS]) >= enough for side in (away, -away)):
                return away * BIN_MIN
        return DAY_BINS // 2 * BIN_MIN

    def _take_in(self, now_ms: int) -> None:
        over = [one for one in self._open if one[1] <= now_ms]
        if not over:
            return
        self._open = [one for one in self._open if one[1] > now_ms]
        for from_ms, to_ms in over:
            first, last = _quarter(from_ms), _quarter(to_ms)
            if last - first > PRESENCE_MAX_BINS:
                continue
            for quarter in range(first, last + 1):
                day, place = divmod(quarter, DAY_BINS)
                self._present[place].add(day)
                self._days.add(day)


def _quarter(instant_ms: int) -> int:
    """Quarters of an hour since 1970 began in China."""
    return (instant_ms // MINUTE_MS + CHINA_OFFSET_MIN) // BIN_MIN
