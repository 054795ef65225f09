"""The rhythm of a person: how often a duty begins at which time, and how fast the hands are, learned outside some days."""

from collections.abc import Sequence
from math import exp, log, pi, sqrt

from .duties import Duty

WEEKDAYS = 7
DAY_MIN = 1_440
KERNEL_MIN = 45.0
"""Width of the kernel over the time at which a duty begins, as for unusual hours."""
KERNEL_REACH_MIN = 180
KERNEL = tuple(
    exp(-0.5 * (apart / KERNEL_MIN) ** 2) / (KERNEL_MIN * sqrt(2 * pi)) for apart in range(KERNEL_REACH_MIN + 1)
)
"""Its height per minute, from the middle to four widths away."""
BIN_MIN = 30
"""Half hours of a shop's day."""
SHOP_DAYS = 2.0
"""Days of the shop's average person that stand in for what is not known of one."""
ANY_TIME = 0.05
"""Share of duties at no usual time: a colleague's shift, a stand-in, a second terminal."""
SECOND_DAYS = 5.0
SECOND_SHARE = 0.2
"""Before anything is known of a person: how often a day has a second shift, and the days that this guess is worth."""
SECOND_MIN = 180
"""Minutes after which another duty of the day is a second shift."""


class ShopRhythm:
    """Days on which anybody worked, and when a duty of the shop's average person begins."""

    def __init__(self, people: Sequence[Sequence[Duty]]) -> None:
        self.days = sorted({duty.day for duties in people for duty in duties})
        counts = [0] * (DAY_MIN // BIN_MIN)
        person_days = 0
        for duties in people:
            person_days += sum(duties[0].day <= day <= duties[-1].day for day in self.days)
            for duty in duties:
                counts[duty.minute // BIN_MIN] += 1
        around = [counts[place - 1] + counts[place] + counts[(place + 1) % len(counts)] for place in range(len(counts))]
        self._per_min = [count / (3 * BIN_MIN * max(1, person_days)) for count in around]

    def at(self, minute: int) -> float:
        """Beginnings of a duty per minute and person-day."""
        return self._per_min[minute // BIN_MIN]


class Rhythm:
    """One person's rhythm, from the duties outside the days `first` to `end` − 1."""

    def __init__(self, duties: Sequence[Duty], shop: ShopRhythm, first: int, end: int, tempo_var: float) -> None:
        outside = [duty for duty in duties if not first <= duty.day < end]
        begins, ends = duties[0].day, duties[-1].day
        self._shop = shop
        self._days = [0] * WEEKDAYS
        for day in shop.days:
            if begins <= day <= ends and not first <= day < end:
                self._days[day % WEEKDAYS] += 1
        self._minutes: list[list[int]] = [[] for _ in range(WEEKDAYS)]
        for duty in outside:
            self._minutes[duty.day % WEEKDAYS].append(duty.minute)
        self.known = len(outside)
        days = sum(self._days)
        self._per_day = (len(outside) + 1.0) / (days + 1.0)
        self._days_all = days
        by_day: dict[int, list[int]] = {}
        for duty in outside:
            by_day.setdefault(duty.day, []).append(duty.minute)
        twice = sum(minutes[-1] - minutes[0] >= SECOND_MIN for minutes in by_day.values())
        self.second_share = (twice + SECOND_DAYS * SECOND_SHARE) / (len(by_day) + SECOND_DAYS)
        """Share of the working days that have a second shift."""
        tempos = [value for duty in outside for value in duty.tempos]
        # Shrunk to the average hand by one entry: people differ about as much as one person's entries do.
        self._tempo = sum(tempos) / (len(tempos) + 1)
        self._var = tempo_var * (1 + 1 / (len(tempos) + 1))

    def rate(self, duty: Duty) -> float:
        """Duties per minute that begin at such a time on such a weekday; the other weekdays count as one day of it."""
        weekday, minute = duty.day % WEEKDAYS, duty.minute
        same = sum(_kernel(minute - other) for other in self._minutes[weekday])
        all_days = sum(_kernel(minute - other) for one in self._minutes for other in one)
        usual = (all_days + SHOP_DAYS * self._shop.at(minute)) / (self._days_all + SHOP_DAYS)
        usual = (1 - ANY_TIME) * usual + ANY_TIME * self._per_day / DAY_MIN
        return (same + usual) / (self._days[weekday] + 1)

    def per_day(self, day: int) -> float:
        """Duties to expect on a day."""
        weekday = day % WEEKDAYS
        return (len(self._minutes[weekday]) + self._per_day) / (self._days[weekday] + 1)

    def log_tempo(self, tempos: Sequence[float]) -> float:
        """Log-likelihood of some entries by these hands, but for a constant."""
        return sum(-0.5 * (value - self._tempo) ** 2 / self._var - 0.5 * log(self._var) for value in tempos)


def _kernel(minutes: int) -> float:
    apart = min(abs(minutes), DAY_MIN - abs(minutes))
    return KERNEL[apart] if apart <= KERNEL_REACH_MIN else 0.0
