"""The time of a past that is being lived: it stands until somebody moves it on."""

from ...basics.numbers import UnixMs


class PastClock:
    """A clock that is moved by hand, and never back."""

    def __init__(self, begins: UnixMs) -> None:
        self._begins = self._now = begins

    def now(self) -> UnixMs:
        return self._now

    def elapsed_s(self) -> float:
        return (self._now - self._begins) / 1000

    def move_to(self, instant: int) -> None:
        """It is so late now; an instant that has passed leaves it where it is."""
        self._now = UnixMs(max(self._now, instant))

    def pass_ms(self, milliseconds: int) -> None:
        """Time goes by."""
        self.move_to(self._now + milliseconds)
