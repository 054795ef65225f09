"""The host's time with its year, as the terminal knows it: from the last whole date that the host told (tag DF16), carried on by a clock
that never goes back.

Fields 12 and 13 have no year. Read by the terminal's own clock alone they take the year of a clock whose battery was empty; read by this
they take the host's, also at New Year and on the 29th of February. Days of the journal and of today's list follow it too.
"""

from datetime import datetime

from ...basics.clock import CHINA, Clock, instant_of
from ...basics.numbers import UnixMs


class HostCalendar:
    """A clock that shows the host's time as far as it is known, and the terminal's own until then."""

    def __init__(self, own: Clock) -> None:
        self._own = own
        self._not_before = UnixMs(0)
        self._told: tuple[UnixMs, float] | None = None
        """What the host said, and when by the clock that never goes back."""

    def remembers(self, day: str) -> None:
        """The host's shop day at the last sign-in, `2026-11-29`: until the host is heard, no earlier day is believed of the own clock.

        Its noon is meant: whenever a shop's day begins, noon belongs to it.
        """
        try:
            self._not_before = instant_of(datetime.strptime(day, "%Y-%m-%d").replace(hour=12, tzinfo=CHINA))
        except ValueError:
            return  # nobody signed in here before

    def told(self, host_now: UnixMs) -> None:
        """The host's whole time, from an answer with a right MAC. The newest counts, even where it is earlier than one before."""
        self._told = (host_now, self._own.elapsed_s())

    @property
    def drift_s(self) -> int | None:
        """The terminal's own clock minus the host's in whole seconds; None until the host told its time."""
        return None if self._told is None else (self._own.now() - self.now()) // 1000

    def now(self) -> UnixMs:
        if self._told is None:
            return max(self._own.now(), self._not_before)
        host_now, at_s = self._told
        return UnixMs(host_now + int((self._own.elapsed_s() - at_s) * 1000))

    def elapsed_s(self) -> float:
        return self._own.elapsed_s()
